//! Reasons in manifests: purposes of dependencies, reasons of bans, plugins that are linked.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Report;
use crate::shell::{read, root};

pub(super) fn check(report: &mut Report, plugins: &[String]) -> Result<()> {
    purposes(report, &read(&root().join("Cargo.toml"))?);
    reasons(report, "clippy.toml", &["disallowed-methods", "disallowed-types", "disallowed-macros"])?;
    for (section, lists) in [("bans", &["deny", "skip", "skip-tree"][..]), ("advisories", &["ignore"][..])] {
        let text = read(&root().join("deny.toml"))?;
        let file: Table = text.parse().context("deny.toml")?;
        if let Some(section) = file.get(section).and_then(Value::as_table) {
            lists_have_reasons(report, "deny.toml", section, lists);
        }
    }
    linked(report, plugins);
    pinned(report)
}

/// One file says which versions of upstream count.
fn pinned(report: &mut Report) -> Result<()> {
    let (pins, packages) = ("docs/compat/compat.toml", "tests/conformance/package.json");
    let table: Table = read(&root().join(pins))?.parse().context(pins)?;
    let installed: serde_json::Value =
        serde_json::from_str(&read(&root().join(packages))?).context(packages)?;
    for (name, version) in table.get("upstream").and_then(Value::as_table).into_iter().flatten() {
        let there = installed.get("dependencies").and_then(|all| all.get(name)?.as_str());
        if there != version.as_str() {
            report.error(format!("{packages} has {name} {there:?} where {pins} says {version}"));
        }
    }
    Ok(())
}

/// Each line of `[workspace.dependencies]` that is not ours ends with what it is for.
fn purposes(report: &mut Report, manifest: &str) {
    let section = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    for line in section.take_while(|line| !line.starts_with('[')) {
        let Some((name, rest)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let purpose = rest.rsplit_once(" # ").map_or("", |(_, purpose)| purpose.trim());
        if !rest.contains("path =") && purpose.len() < 3 {
            report
                .error(format!("Cargo.toml: `{}` does not say what it is for (`… # purpose`)", name.trim()));
        }
    }
}

fn reasons(report: &mut Report, file: &str, lists: &[&str]) -> Result<()> {
    let table: Table = read(&root().join(file))?.parse().with_context(|| file.to_owned())?;
    lists_have_reasons(report, file, &table, lists);
    Ok(())
}

fn lists_have_reasons(report: &mut Report, file: &str, table: &Table, lists: &[&str]) {
    for list in lists {
        for ban in table.get(*list).and_then(Value::as_array).into_iter().flatten() {
            let reason = ban.get("reason").and_then(Value::as_str).unwrap_or_default();
            if reason.len() < 10 {
                report.error(format!("{file}: a line of `{list}` has no reason: {ban}"));
            }
        }
    }
}

/// The linker drops a crate that no code names.
fn linked(report: &mut Report, plugins: &[String]) {
    let place = "apps/server/src/plugins.rs";
    let Ok(text) = read(&root().join(place)) else {
        report.error(format!("{place} is missing: it names every plugin, or the linker drops them"));
        return;
    };
    for id in plugins {
        let name = format!("auth_plugin_{}", id.replace('-', "_"));
        if !text.contains(&format!("use {name} as _;")) {
            report.error(format!("{place} does not link `{id}`; run `cargo xtask plugin add {id}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_purpose_is_found() {
        let mut report = Report::default();
        let manifest = "[workspace.dependencies]\nours = { path = \"ours\" }\ngood = \"1\" # for good\nbad = \"1\"\n\
                        # a line of its own = no dependency\n[other]\nx = 1\n";
        purposes(&mut report, manifest);
        assert_eq!(report.errors.len(), 1);
        assert!(report.errors.iter().all(|e| e.contains("`bad`")));
    }

    #[test]
    fn a_ban_without_a_reason_is_found() -> Result<()> {
        let mut report = Report::default();
        let table: Table =
            "deny = [{ crate = \"a\" }, { crate = \"b\", reason = \"use c instead\" }]".parse()?;
        lists_have_reasons(&mut report, "deny.toml", &table, &["deny"]);
        assert_eq!(report.errors.len(), 1);
        Ok(())
    }
}
