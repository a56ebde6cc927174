//! Which plugins, in which order. Deterministic: ids decide where nothing else does.

use std::collections::{BTreeMap, BTreeSet};

use auth_core::{HOST_API, Manifest, Problem};
use semver::{Version, VersionReq};

use crate::config::nearest;

/// A plugin's place and why it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) id: &'static str,
    pub(crate) reason: String,
}

/// Sorts so that what a plugin requires, follows, extends or replaces comes before it.
pub(crate) fn order(manifests: &[Manifest]) -> Result<Vec<Placed>, Vec<Problem>> {
    let by_id: BTreeMap<_, _> = manifests.iter().map(|m| (m.id, m)).collect();
    let mut problems = Vec::new();
    if by_id.len() < manifests.len() {
        let mut seen = BTreeSet::new();
        let twice = manifests.iter().filter(|m| !seen.insert(m.id));
        problems.extend(twice.map(|m| {
            Problem::new(format!("plugin {}", m.id), "two plugins have this id; rename one of them")
        }));
    }
    let mut before: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for m in manifests {
        problems.extend(check(m, &by_id));
        let edges = before.entry(m.id).or_default();
        let known = |id: &&&'static str| by_id.contains_key(**id);
        edges.extend(m.after.iter().filter(known).map(|id| (*id, "after")));
        edges.extend(m.requires.iter().filter(known).map(|id| (*id, "requires")));
        edges.extend(m.extends.iter().filter(known).map(|id| (*id, "extends")));
        edges.extend(m.replaces.iter().filter(known).map(|id| (*id, "replaces")));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut placed: Vec<Placed> = Vec::new();
    while placed.len() < by_id.len() {
        let done: BTreeSet<_> = placed.iter().map(|p| p.id).collect();
        let next = by_id
            .keys()
            .filter(|id| !done.contains(*id))
            .find(|id| before.get(*id).is_none_or(|edges| edges.keys().all(|e| done.contains(e))));
        let Some(id) = next else {
            let stuck: Vec<_> = by_id.keys().filter(|id| !done.contains(*id)).copied().collect();
            return Err(vec![Problem::new(
                "plugins",
                format!("each of {} wants to come after another of them; break the circle", stuck.join(", ")),
            )]);
        };
        let reasons: Vec<_> =
            before.get(id).into_iter().flatten().map(|(other, how)| format!("{how} {other}")).collect();
        let reason = if reasons.is_empty() { "by id".to_owned() } else { reasons.join(", ") };
        placed.push(Placed { id, reason });
    }
    Ok(placed)
}

fn check(m: &Manifest, by_id: &BTreeMap<&'static str, &Manifest>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut say = |what: String| problems.push(Problem::new(format!("plugin {}", m.id), what));
    match (VersionReq::parse(m.host_api), Version::parse(HOST_API)) {
        (Ok(wanted), Ok(ours)) if !wanted.matches(&ours) => {
            say(format!("was written for host API {wanted}, and this host has {ours}; update the plugin"));
        }
        (Err(error), _) => say(format!("its host_api `{}` is no version range: {error}", m.host_api)),
        _ => {}
    }
    if m.extends.is_some() && m.replaces.is_some() {
        say("both extends and replaces; it can do one of them".to_owned());
    }
    let known: Vec<_> = by_id.keys().collect();
    let wanted = m.requires.iter().map(|id| ("requires", id));
    let wanted = wanted.chain(m.extends.iter().map(|id| ("extends", id)));
    let wanted = wanted.chain(m.replaces.iter().map(|id| ("replaces", id)));
    for (how, id) in wanted {
        if !by_id.contains_key(id) {
            say(format!("{how} `{id}`, which is not enabled{}", nearest(id, &known)));
        }
    }
    for id in m.conflicts.iter().filter(|id| by_id.contains_key(**id)) {
        say(format!("cannot run beside `{id}`; disable one of them"));
    }
    problems
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const fn plugin(id: &'static str) -> Manifest {
        Manifest::new(id, "1.0.0", "")
    }

    fn ids(placed: &[Placed]) -> Vec<&str> {
        placed.iter().map(|p| p.id).collect()
    }

    #[test]
    fn dependencies_come_first_and_ids_decide_the_rest() {
        let all =
            [plugin("a").requires(&["z"]), plugin("m"), plugin("z"), plugin("b").after(&["a", "not-here"])];
        let placed = order(&all).unwrap();
        assert_eq!(ids(&placed), ["m", "z", "a", "b"]);
        assert_eq!(
            placed.iter().map(|p| p.reason.as_str()).collect::<Vec<_>>(),
            ["by id", "by id", "requires z", "after a"]
        );
        let mut turned = all;
        turned.reverse();
        assert_eq!(order(&turned).unwrap(), placed);
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let all = [
            plugin("a").requires(&["garde"]).conflicts(&["b"]),
            plugin("b").host_api("^9"),
            plugin("garden").extends("a").replaces("b"),
            plugin("b"),
        ];
        let told: Vec<_> = order(&all).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 5, "{told:#?}");
        assert!(told.iter().any(|t| t.contains("did you mean `garden`")), "{told:#?}");
    }

    #[test]
    fn circles_are_named() {
        let told =
            order(&[plugin("a").after(&["b"]), plugin("b").requires(&["a"]), plugin("c")]).unwrap_err();
        assert!(told.first().unwrap().what.starts_with("each of a, b "), "{told:?}");
    }
}
