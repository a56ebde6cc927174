//! What plugins say of themselves, against the host and against each other.

use std::collections::BTreeSet;

use semver::{Comparator, Op, Version, VersionReq};
use serde::Deserialize;

use super::{Problem, matrix::Matrix};

/// What `tessera plugins manifests` prints.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Build {
    pub(super) version: String,
    pub(super) host_api: String,
    pub(super) plugins: Vec<Manifest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    id: String,
    version: String,
    host_api: String,
    requires: Vec<String>,
    after: Vec<String>,
    conflicts: Vec<String>,
    replaces: Option<String>,
    extends: Option<String>,
}

/// Each manifest by itself, and the ids that they name.
pub(super) fn check(build: &Build) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut known = BTreeSet::new();
    for plugin in &build.plugins {
        if !known.insert(plugin.id.as_str()) {
            problems.push(Problem::new("manifest", &plugin.id, "two plugins have this id".to_owned()));
        }
    }
    let host = Version::parse(&build.host_api);
    for plugin in &build.plugins {
        let mut say = |what: String| problems.push(Problem::new("manifest", &plugin.id, what));
        if let Err(error) = Version::parse(&plugin.version) {
            say(format!("its version `{}` is none: {error}", plugin.version));
        }
        match (VersionReq::parse(&plugin.host_api), &host) {
            (Ok(range), Ok(host)) if !range.matches(host) => {
                say(format!("was written for host API {range}, and this host has {host}"));
            }
            (Err(error), _) => {
                say(format!("its host API `{}` is no range of versions: {error}", plugin.host_api));
            }
            _ => {}
        }
        if plugin.extends.is_some() && plugin.replaces.is_some() {
            say("both extends and replaces; it can do one of them".to_owned());
        }
        let lists =
            [("requires", &plugin.requires), ("after", &plugin.after), ("conflicts", &plugin.conflicts)];
        let named = lists.into_iter().flat_map(|(how, ids)| ids.iter().map(move |id| (how, id)));
        let one = [("replaces", &plugin.replaces), ("extends", &plugin.extends)];
        let named = named.chain(one.into_iter().filter_map(|(how, id)| Some((how, id.as_ref()?))));
        for (how, id) in named {
            if *id == plugin.id {
                say(format!("{how} itself"));
            } else if !known.contains(id.as_str()) {
                say(format!("{how} `{id}`, and this build has no such plugin"));
            }
        }
    }
    problems
}

/// Breaking changes that touch a plugin, since the version that it was written for, that nobody looked at.
pub(super) fn unhandled(build: &Build, matrix: &Matrix) -> Vec<Problem> {
    let mut problems = Vec::new();
    for plugin in &build.plugins {
        let Some(since) = VersionReq::parse(&plugin.host_api).ok().as_ref().map(lowest) else { continue };
        for release in matrix.releases.iter().filter(|release| release.host_api >= since) {
            let open = |list: &[String]| list.contains(&plugin.id);
            for change in release.breaking.iter().filter(|c| open(&c.plugins) && !open(&c.handled)) {
                let what =
                    format!("does not handle what {} changed: {}", release.version, change.description);
                let problem = Problem::new("unhandled-change", &plugin.id, what);
                problems.push(problem.hint(&change.migration));
            }
        }
    }
    problems
}

/// The oldest host API in a range; the very first one where it has no lower end.
fn lowest(range: &VersionReq) -> Version {
    let starts = |one: &&Comparator| !matches!(one.op, Op::Less | Op::LessEq);
    let version = |one: &Comparator| {
        Version::new(one.major, one.minor.unwrap_or_default(), one.patch.unwrap_or_default())
    };
    range.comparators.iter().filter(starts).map(version).max().unwrap_or(Version::new(0, 0, 0))
}

#[cfg(test)]
mod tests {
    use anyhow::Result;
    use serde_json::{Value, json};

    use super::*;

    /// One good plugin, and one that is changed as told.
    fn found(change: Value) -> Result<Vec<String>> {
        let good = json!({ "id": "good", "version": "1.0.0", "hostApi": "^0.1", "requires": [], "after": [],
            "conflicts": [], "replaces": null, "extends": null });
        let mut other = good.clone();
        other["id"] = "other".into();
        for (key, value) in change.as_object().into_iter().flatten() {
            other[key] = value.clone();
        }
        let build = json!({ "version": "0.1.0", "hostApi": "0.1.0", "plugins": [good, other] });
        let problems = check(&serde_json::from_value(build)?);
        Ok(problems.into_iter().map(|p| format!("{}: {}", p.place, p.what)).collect())
    }

    #[test]
    fn a_manifest_that_fits_is_fine() -> Result<()> {
        assert_eq!(found(json!({ "requires": ["good"], "extends": "good" }))?, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn what_a_manifest_says_wrongly_is_told() -> Result<()> {
        for (change, told) in [
            (json!({ "hostApi": "^0.2" }), "other: was written for host API ^0.2, and this host has 0.1.0"),
            (json!({ "hostApi": "newest" }), "other: its host API `newest` is no range of versions"),
            (json!({ "version": "1.0" }), "other: its version `1.0` is none"),
            (json!({ "replaces": "good", "extends": "good" }), "other: both extends and replaces"),
            (json!({ "requires": ["goood"] }), "other: requires `goood`, and this build has no such plugin"),
            (json!({ "after": ["x"] }), "other: after `x`, and this build has no such plugin"),
            (json!({ "conflicts": ["other"] }), "other: conflicts itself"),
            (json!({ "replaces": "x" }), "other: replaces `x`, and this build has no such plugin"),
            (json!({ "id": "good" }), "good: two plugins have this id"),
        ] {
            let found = found(change.clone())?;
            assert!(matches!(&found[..], [one] if one.starts_with(told)), "{change}: {found:?}");
        }
        Ok(())
    }

    #[test]
    fn a_breaking_change_is_open_until_the_plugin_is_marked() -> Result<()> {
        let plugin = |host_api: &str| {
            json!({ "id": "p", "version": "1.0.0", "hostApi": host_api, "requires": [], "after": [],
                "conflicts": [], "replaces": null, "extends": null })
        };
        let matrix = |handled: &str| -> Result<Matrix> {
            Ok(toml::from_str(&format!(
                "[[release]]\nversion = '0.2.0'\nhost-api = '0.2.0'\nmigrations = 'none'\nupstream = {{}}\n\
                 [[release.breaking]]\ndescription = 'X is Y'\nmigration = 'call Y'\nplugins = ['p']\nhandled = [{handled}]"
            ))?)
        };
        for (range, handled, count) in [
            (">=0.1, <0.3", "", 1),
            ("^0.2", "", 1),
            ("^0.3", "", 0),
            ("<0.3", "", 1),
            (">=0.1, <0.3", "'p'", 0),
        ] {
            let build = json!({ "version": "0.2.0", "hostApi": "0.2.0", "plugins": [plugin(range)] });
            let problems = unhandled(&serde_json::from_value(build)?, &matrix(handled)?);
            assert_eq!(problems.len(), count, "{range} {handled}");
            assert!(problems.iter().all(|p| p.hint.as_deref() == Some("call Y")));
        }
        Ok(())
    }
}
