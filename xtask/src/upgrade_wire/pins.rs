//! Which versions are pinned, where, and which are newer.

use std::{collections::BTreeMap, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use semver::Version;
use serde_json::Value;
use toml::Table;

use super::tracked;
use crate::shell::output;

pub(super) const MAIN: &str = "better-auth";
pub(super) const PACKAGES: &str = "tests/conformance/package.json";
const PINS: &str = "docs/compat/compat.toml";

/// Old and new versions by the package's name.
pub(super) type Changes = BTreeMap<String, (Version, Version)>;

/// The versions that the wire is held to.
pub(crate) fn pins() -> Result<BTreeMap<String, Version>> {
    let table: Table = tracked(PINS)?.parse().context(PINS)?;
    let upstream = table.get("upstream").and_then(toml::Value::as_table);
    let pin = |(name, version): (&String, &toml::Value)| {
        let version = Version::parse(version.as_str().unwrap_or_default());
        Ok((name.clone(), version.with_context(|| format!("{PINS}: {name}"))?))
    };
    upstream.into_iter().flatten().map(pin).collect()
}

/// What the registry has instead of what is pinned: of [`MAIN`] the version that is asked for, of the others the
/// newest, and of what comes with [`MAIN`] the version that it names itself.
pub(super) fn newer(wanted: Option<&Version>) -> Result<Changes> {
    let mut changes = Changes::new();
    let mut main = None;
    for (name, pinned) in pins()? {
        let new = match wanted {
            Some(version) if name == MAIN => version.clone(),
            // What the registry calls the newest may be older than a pin.
            _ => Version::parse(&text(&npm(&name, "version")?)?)?.max(pinned.clone()),
        };
        if name == MAIN {
            main = Some(new.clone());
        }
        if new != pinned {
            changes.insert(name, (pinned, new));
        }
    }
    let main = main.with_context(|| format!("{PINS} does not pin {MAIN}"))?;
    if !changes.contains_key(MAIN) {
        return Ok(changes);
    }
    let needs = npm(&format!("{MAIN}@{main}"), "dependencies")?;
    ensure!(needs.is_object(), "the registry has no {MAIN} {main}");
    let packages: Value = serde_json::from_str(&tracked(PACKAGES)?).context(PACKAGES)?;
    let installed = packages.get("dependencies").and_then(Value::as_object);
    changes.extend(companions(installed.into_iter().flatten(), &needs));
    Ok(changes)
}

/// Packages that are installed by themselves too, where the new version asks for exactly another one.
fn companions<'a>(installed: impl Iterator<Item = (&'a String, &'a Value)>, needs: &Value) -> Changes {
    let exact = |value: &Value| Version::parse(value.as_str()?).ok();
    let other = |(name, old): (&String, &Value)| {
        let (old, new) = (exact(old)?, exact(needs.get(name)?)?);
        (old != new).then(|| (name.clone(), (old, new)))
    };
    installed.filter_map(other).collect()
}

/// The files that hold the pins, as they become.
pub(super) fn files(changes: &Changes) -> Result<BTreeMap<&'static str, String>> {
    let mut files = BTreeMap::new();
    for path in [PINS, PACKAGES] {
        let text = tracked(path)?;
        files.insert(path, raised(&text, changes));
    }
    let raised: Value = files.get(PACKAGES).map_or(Ok(Value::Null), |text| serde_json::from_str(text))?;
    for (name, (_, new)) in changes {
        let there = raised.get("dependencies").and_then(|all| all.get(name)?.as_str());
        ensure!(there == Some(new.to_string().as_str()), "{PACKAGES} does not install {name} by its version");
    }
    Ok(files)
}

/// The same text with other versions: in TOML `name = "1.0.0"`, in JSON `"name": "1.0.0"`.
fn raised(text: &str, changes: &Changes) -> String {
    let mut text = text.to_owned();
    for (name, (old, new)) in changes {
        for (key, sign) in
            [(format!("\n{name}"), " = "), (format!("\"{name}\""), " = "), (format!("\"{name}\""), ": ")]
        {
            text = text.replace(&format!("{key}{sign}\"{old}\""), &format!("{key}{sign}\"{new}\""));
        }
    }
    text
}

fn npm(package: &str, field: &str) -> Result<Value> {
    let mut npm = Command::new("npm");
    // Elsewhere, so that no settings of a project count.
    npm.current_dir(Path::new("/")).args(["view", package, field, "--json", "--loglevel", "error"]);
    let text = output(&mut npm)?;
    serde_json::from_str(text.trim()).with_context(|| format!("the registry says nothing of {package}"))
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("the registry names no version")?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn change(name: &str, old: &str, new: &str) -> Result<Changes> {
        Ok(Changes::from([(name.to_owned(), (Version::parse(old)?, Version::parse(new)?))]))
    }

    #[test]
    fn only_the_pin_itself_is_raised() -> Result<()> {
        let toml = "# better-auth = \"1.7.7\"\nbetter-auth = \"1.7.7\"\n\"@better-auth/core\" = \"1.7.7\"\n";
        let main = change("better-auth", "1.7.7", "1.8.0")?;
        let expected =
            "# better-auth = \"1.7.7\"\nbetter-auth = \"1.8.0\"\n\"@better-auth/core\" = \"1.7.7\"\n";
        assert_eq!(raised(toml, &main), expected);
        let core = change("@better-auth/core", "1.7.7", "1.8.0")?;
        assert!(
            raised(toml, &core).ends_with("\nbetter-auth = \"1.7.7\"\n\"@better-auth/core\" = \"1.8.0\"\n")
        );
        let json = "{\n  \"@better-auth/core\": \"1.7.7\",\n  \"better-auth\": \"1.7.7\"\n}\n";
        assert_eq!(
            raised(json, &main),
            "{\n  \"@better-auth/core\": \"1.7.7\",\n  \"better-auth\": \"1.8.0\"\n}\n"
        );
        Ok(())
    }

    #[test]
    fn what_upstream_asks_for_exactly_comes_with_it() -> Result<()> {
        let installed = json!({ "core": "1.7.7", "same": "1.0.0", "ranged": "2.0.0", "alone": "3.0.0" });
        let needs = json!({ "core": "1.8.0", "same": "1.0.0", "ranged": "^2.1.0", "further": "1.0.0" });
        let found = companions(installed.as_object().into_iter().flatten(), &needs);
        assert_eq!(found, change("core", "1.7.7", "1.8.0")?);
        Ok(())
    }

    #[test]
    fn the_files_of_the_project_hold_their_pins_where_an_upgrade_finds_them() -> Result<()> {
        let pins = pins()?;
        assert!(pins.contains_key(MAIN));
        let changes: Changes = pins
            .into_iter()
            .map(|(name, old)| (name, (old.clone(), Version::new(old.major, 99, 0))))
            .collect();
        let files = files(&changes)?;
        for (path, text) in &files {
            assert_eq!(text.matches(".99.0\"").count(), changes.len(), "{path}: {text}");
        }
        Ok(())
    }
}
