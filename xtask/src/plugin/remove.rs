//! `cargo xtask plugin remove`: the inverse of `add`.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{
    COMPILED, Change, PLUGINS, SERVER, USES, WORKSPACE, dependency_line, feature_line, member_line, save,
    sets,
};
use crate::{
    lines::cut,
    scaffold::Names,
    shell::{metadata, output, program, read, root},
};

pub(crate) fn remove(id: &str, delete: bool) -> Result<()> {
    let names = Names::new(id)?;
    let folder = root().join("plugins").join(id);
    if !folder.exists() {
        bail!("there is no plugins/{id}");
    }
    let (workspace, server, plugins) =
        (read(&root().join(WORKSPACE))?, read(&root().join(SERVER))?, read(&root().join(PLUGINS))?);
    let changes = removed(&names, &workspace, &server, &plugins)?;
    refuse_while_needed(id, &plugins)?;
    if delete {
        refuse_while_uncommitted(id)?;
    }
    save(&names, "removed", changes)?;
    if delete {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        println!("plugins/{id}: removed");
    }
    Ok(())
}

pub(super) fn removed(names: &Names, workspace: &str, server: &str, plugins: &str) -> Result<[Change; 3]> {
    let id = &names.id;
    let mut server = without(&without(server, &dependency_line(id)), &feature_line(id));
    let wider: Vec<String> = sets(&server).map(|(_, line)| line.to_owned()).collect();
    for line in wider {
        let quoted = format!("\"{id}\"");
        let narrower = line
            .replace(&format!(", {quoted}"), "")
            .replace(&format!("[{quoted}, "), "[")
            .replace(&format!("[{quoted}]"), "[]");
        server = server.replacen(&line, &narrower, 1);
    }
    let gate = format!("#[cfg(feature = \"{id}\")]");
    let plugins = without_pair(plugins, USES, &gate, &format!("use auth_plugin_{} as _;", names.snake))?;
    let plugins = without_pair(&plugins, COMPILED, &gate, &format!("\"{id}\","))?;
    Ok([(WORKSPACE, without(workspace, &member_line(id))), (SERVER, server), (PLUGINS, plugins)])
}

fn without(text: &str, line: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    match lines.iter().position(|other| *other == line) {
        Some(at) => cut(&lines, at, 1),
        None => text.to_owned(),
    }
}

/// Without a line and the gate before it, between two marks.
fn without_pair(text: &str, mark: &str, gate: &str, line: &str) -> Result<String> {
    let lines: Vec<&str> = text.lines().collect();
    let find = |end: &str| {
        let whole = format!("{mark}{end}");
        lines.iter().position(|l| l.trim() == whole).with_context(|| format!("there is no `{whole}`"))
    };
    let (begin, end) = (find("begin")?, find("end")?);
    let mut pairs = lines.windows(2).enumerate().take(end).skip(begin);
    let at = pairs.find(|(_, pair)| matches!(pair, [a, b] if a.trim() == gate && b.trim() == line));
    Ok(at.map_or_else(|| text.to_owned(), |(at, _)| cut(&lines, at, 2)))
}

/// Who would not build or start without it.
fn refuse_while_needed(id: &str, plugins: &str) -> Result<()> {
    let default = plugins.lines().find(|line| line.contains("ON_BY_DEFAULT"));
    if default.is_some_and(|line| line.contains(&format!("\"{id}\""))) {
        bail!("`{id}` runs by default: it stands in ON_BY_DEFAULT in {PLUGINS}");
    }
    let others = fs::read_dir(root().join("plugins")).context("plugins/")?;
    for other in others {
        let path = other?.path();
        let manifest = read(&path.join("src/lib.rs")).unwrap_or_default();
        if path != root().join("plugins").join(id) && needs(&manifest, id) {
            bail!("{} requires `{id}`", shown(&path));
        }
    }
    let package = format!("auth-plugin-{id}");
    let users: Vec<&str> = metadata()?
        .get("packages")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|user| {
            let dependencies = user.get("dependencies").and_then(Value::as_array);
            dependencies
                .into_iter()
                .flatten()
                .any(|d| d.get("name").and_then(Value::as_str) == Some(&package))
        })
        .filter_map(|user| user.get("name")?.as_str())
        .filter(|name| *name != "tessera")
        .collect();
    if !users.is_empty() {
        bail!("{} in this workspace depend on {package}; they would not build without it", users.join(", "));
    }
    Ok(())
}

/// Whether a manifest names the plugin in `requires`, `extends` or `replaces`.
fn needs(lib: &str, id: &str) -> bool {
    let quoted = format!("\"{id}\"");
    [".requires(", ".extends(", ".replaces("].into_iter().any(|way| {
        let mut lists = lib.split(way).skip(1).filter_map(|rest| rest.split(')').next());
        lists.any(|list| list.contains(&quoted))
    })
}

fn refuse_while_uncommitted(id: &str) -> Result<()> {
    let place = format!("plugins/{id}");
    let changes = output(program("git").args(["status", "--porcelain", "--", &place]))?;
    if !changes.trim().is_empty() {
        bail!("{place} has changes that are not committed, and would be lost:\n{}", changes.trim_end());
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::added;

    /// On the files as they are now, for every set there is and at every place in the order.
    #[test]
    fn what_was_added_and_removed_was_never_there() -> Result<()> {
        let text = |place| read(&root().join(place));
        let before = [text(WORKSPACE)?, text(SERVER)?, text(PLUGINS)?];
        let [workspace, server, plugins] = &before;
        for id in ["a-first", "guest-book", "zz-last"] {
            let names = Names::new(id)?;
            for set in sets(server).map(|(name, _)| name).chain(["none"]) {
                let between = added(&names, set, workspace, server, plugins)?.map(|(_, text)| text);
                assert!(between.iter().zip(&before).all(|(a, b)| a != b), "{id} was not added everywhere");
                let [a, b, c] = &between;
                let after = removed(&names, a, b, c)?.map(|(_, text)| text);
                assert!(after == before, "{id} in {set}");
            }
        }
        Ok(())
    }

    #[test]
    fn a_set_may_have_nothing_else_in_it() -> Result<()> {
        let names = Names::new("a")?;
        let narrower = |list: &str| {
            let server = format!("[features]\nset = {list}\na = [\"dep:auth-plugin-a\"]\n");
            let plugins = read(&root().join(PLUGINS))?;
            let [_, (_, text), _] = removed(&names, "", &server, &plugins)?;
            Ok::<_, anyhow::Error>(text)
        };
        assert_eq!(narrower("[\"a\"]")?, "[features]\nset = []\n");
        assert_eq!(narrower("[\"a\", \"ab\"]")?, "[features]\nset = [\"ab\"]\n");
        assert_eq!(narrower("[\"ab\", \"a\"]")?, "[features]\nset = [\"ab\"]\n");
        Ok(())
    }

    #[test]
    fn who_needs_a_plugin_is_found() {
        assert!(needs("Manifest::new(\"b\", V, \"\").requires(&[\"x\", \"a\"])", "a"));
        assert!(needs("Manifest::new(\"b\", V, \"\")\n    .extends(\"a\")", "a"));
        assert!(!needs("Manifest::new(\"b\", V, \"\").after(&[\"a\"])", "a"));
        assert!(!needs("Manifest::new(\"b\", V, \"\").requires(&[\"ab\"])", "a"));
        assert!(refuse_while_needed("session", "").is_err());
    }
}
