//! The parts of `docs/architecture.md` that are written from the code: which crate depends on which, and the
//! phases of a request. Each stands between two comments, and the rest of the page is written by hand.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::{metadata, read, root};

pub(super) const PAGE: &str = "docs/architecture.md";
const PHASES: &str = "crates/auth-core/src/hook.rs";
/// What stands for all of the plugins.
const PLUGIN: &str = "auth-plugin-";

/// Crates, and those of ours that they are built with.
type Crates = BTreeMap<String, BTreeSet<String>>;

pub(super) fn page() -> Result<String> {
    let page = read(&root().join(PAGE))?;
    let page = fill(&page, "crates", &layers(&crates(metadata()?)))?;
    let source = read(&root().join(PHASES))?;
    fill(&page, "phases", &phases(&source).context("no phases in the source")?)
}

/// The page with other text between the comments of a part.
fn fill(page: &str, part: &str, text: &str) -> Result<String> {
    let begin = format!("<!-- {part}: written by `cargo xtask book` -->\n");
    let end = format!("<!-- end of {part} -->");
    let split = page.split_once(&begin).and_then(|(head, rest)| Some((head, rest.split_once(&end)?.1)));
    let (head, tail) = split.with_context(|| format!("{PAGE} has no place for `{part}`"))?;
    Ok(format!("{head}{begin}\n{text}\n{end}{tail}"))
}

/// A name in the picture.
fn shown(name: &str) -> String {
    if name.starts_with(PLUGIN) { format!("{PLUGIN}*") } else { name.to_owned() }
}

fn crates(metadata: &Value) -> Crates {
    let packages: Vec<&Value> =
        metadata.get("packages").and_then(Value::as_array).into_iter().flatten().collect();
    let name = |value: &Value| value.get("name").and_then(Value::as_str).map(str::to_owned);
    let ours: BTreeSet<String> = packages.iter().filter_map(|package| name(package)).collect();
    let mut crates = Crates::new();
    for package in packages {
        let Some(from) = name(package) else { continue };
        let needs = crates.entry(shown(&from)).or_default();
        for dependency in package.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
            let is_built_with = dependency.get("kind").is_none_or(Value::is_null);
            needs.extend(
                name(dependency).filter(|to| is_built_with && ours.contains(to)).map(|to| shown(&to)),
            );
        }
    }
    crates
}

/// The crates in layers, the ones that all others stand on at the bottom. An arrow that another one implies
/// is left out.
fn layers(crates: &Crates) -> String {
    let needed: BTreeSet<&String> = crates.values().flatten().collect();
    let (alone, woven): (Vec<_>, Vec<_>) = crates
        .keys()
        .partition(|name| !needed.contains(name) && crates.get(*name).is_none_or(BTreeSet::is_empty));
    let mut layers: BTreeMap<usize, Vec<&String>> = BTreeMap::new();
    for name in woven {
        layers.entry(height(crates, name)).or_default().push(name);
    }
    let widest = crates.keys().map(String::len).max().unwrap_or_default();
    let mut text = "```text\n".to_owned();
    for (_, names) in layers.into_iter().rev() {
        for name in names {
            let arrows = direct(crates, name).into_iter().collect::<Vec<_>>().join(", ");
            let line =
                if arrows.is_empty() { name.clone() } else { format!("{name:<widest$} ──▶ {arrows}") };
            text += &format!("{line}\n");
        }
        text += "\n";
    }
    let alone = alone.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    text.trim_end().to_owned()
        + "\n```\n\n"
        + &format!("Alone, with no arrow to or from any other: {alone}.\n")
}

/// How many crates are below one, at most.
fn height(crates: &Crates, name: &str) -> usize {
    let below = crates.get(name).into_iter().flatten();
    below.map(|other| height(crates, other) + 1).max().unwrap_or_default()
}

/// What a crate needs that nothing else that it needs brings along.
fn direct<'c>(crates: &'c Crates, name: &str) -> BTreeSet<&'c str> {
    let needs = crates.get(name).into_iter().flatten();
    let brought = |wanted: &str| needs.clone().any(|other| other != wanted && reaches(crates, other, wanted));
    needs.clone().map(String::as_str).filter(|other| !brought(other)).collect()
}

fn reaches(crates: &Crates, from: &str, to: &str) -> bool {
    crates
        .get(from)
        .is_some_and(|needs| needs.contains(to) || needs.iter().any(|next| reaches(crates, next, to)))
}

/// The variants of `Phase` with their comments, in their order.
fn phases(source: &str) -> Option<String> {
    let body = source.split_once("pub enum Phase {\n")?.1.split_once("\n}")?.0;
    let mut table = "| | Phase | What it is for |\n|---|---|---|\n".to_owned();
    let mut comment = String::new();
    let mut number = 0;
    for line in body.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("/// ") {
            comment = if comment.is_empty() { words.to_owned() } else { format!("{comment} {words}") };
        } else if let Some(name) = line.strip_suffix(',') {
            number += 1;
            table += &format!("| {number} | `{name}` | {} |\n", std::mem::take(&mut comment));
        }
    }
    (number > 0).then_some(table)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn layers_leave_out_implied_arrows_and_dependencies_of_tests() {
        let package = |name: &str, needs: &[(&str, Option<&str>)]| {
            let needs: Vec<_> = needs.iter().map(|(n, kind)| json!({ "name": n, "kind": kind })).collect();
            json!({ "name": name, "dependencies": needs })
        };
        let metadata = json!({ "packages": [
            package("top", &[("core", None), ("host", None), ("auth-plugin-a", None), ("serde", None)]),
            package("auth-plugin-a", &[("core", None), ("host", Some("dev"))]),
            package("auth-plugin-b", &[("core", None)]),
            package("host", &[("core", None)]),
            package("core", &[]),
            package("tool", &[]),
        ] });
        let expected = "```text\ntop           ──▶ auth-plugin-*, host\n\nauth-plugin-* ──▶ core\nhost          ──▶ core\n\n\
                        core\n```\n\nAlone, with no arrow to or from any other: tool.\n";
        assert_eq!(layers(&crates(&metadata)), expected);
    }

    #[test]
    fn phases_keep_their_order_and_words() {
        let source =
            "enum Other {}\npub enum Phase {\n    /// One\n    /// line.\n    B,\n    /// Two.\n    A,\n}\n";
        let table =
            "| | Phase | What it is for |\n|---|---|---|\n| 1 | `B` | One line. |\n| 2 | `A` | Two. |\n";
        assert_eq!(phases(source).as_deref(), Some(table));
    }

    #[test]
    fn only_what_is_between_the_comments_is_written() -> Result<()> {
        let page = "a\n<!-- x: written by `cargo xtask book` -->\nold\n<!-- end of x -->\nb\n";
        let filled = fill(page, "x", "new\n")?;
        assert_eq!(filled, "a\n<!-- x: written by `cargo xtask book` -->\n\nnew\n\n<!-- end of x -->\nb\n");
        assert_eq!(fill(&filled, "x", "new\n")?, filled);
        assert!(fill("a\n", "x", "new\n").is_err());
        Ok(())
    }
}
