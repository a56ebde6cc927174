//! `cargo xtask plugin add`: links a plugin into the server.
//!
//! Three files know it: the workspace's dependencies, the server's (with a feature), and
//! `apps/server/src/plugins.rs`, where code names it so that the linker keeps it.

use anyhow::{Context, Result, bail};

use crate::{
    scaffold::Names,
    shell::{read, root, write},
};

/// Gives the new text of a file.
type Edit = fn(&str, &Names) -> Result<String>;

pub(crate) fn run(id: &str) -> Result<()> {
    let names = Names::new(id)?;
    if !root().join("plugins").join(id).join("Cargo.toml").exists() {
        bail!("there is no plugins/{id}; `cargo xtask new-plugin {id}` makes one");
    }
    let edits: [(&str, Edit); 3] = [
        ("Cargo.toml", workspace),
        ("apps/server/Cargo.toml", server),
        ("apps/server/src/plugins.rs", plugins),
    ];
    for (place, edit) in edits {
        let path = root().join(place);
        let old = read(&path)?;
        let new = edit(&old, &names).with_context(|| place.to_owned())?;
        if new == old {
            println!("{place} knows `{id}` already");
        } else {
            write(&path, &new)?;
            println!("{place}: added `{id}`");
        }
    }
    Ok(())
}

/// Puts `line` among the lines of `section` that start with `start`, in their order.
fn insert(text: &str, section: &str, start: &str, line: &str) -> Result<String> {
    let lines: Vec<&str> = text.lines().collect();
    if lines.contains(&line) {
        return Ok(text.to_owned());
    }
    let head =
        lines.iter().position(|l| *l == section).with_context(|| format!("there is no `{section}`"))?;
    let below = lines.iter().enumerate().skip(head + 1).take_while(|(_, l)| !l.starts_with('['));
    let family: Vec<_> = below.filter(|(_, l)| l.starts_with(start)).collect();
    let before = family.iter().find(|(_, l)| **l > line).map(|(at, _)| *at);
    let at = before.or_else(|| family.last().map(|(at, _)| at + 1)).unwrap_or(head + 1);
    Ok(put(&lines, at, &[line]))
}

fn put(lines: &[&str], at: usize, new: &[&str]) -> String {
    let (before, after) = lines.split_at(at);
    [before, new, after].concat().join("\n") + "\n"
}

fn workspace(text: &str, names: &Names) -> Result<String> {
    let id = &names.id;
    let line = format!("auth-plugin-{id} = {{ path = \"plugins/{id}\" }}");
    insert(text, "[workspace.dependencies]", "auth-plugin-", &line)
}

/// A dependency that only its feature brings, and the feature in the set of what is built usually.
fn server(text: &str, names: &Names) -> Result<String> {
    let id = &names.id;
    let line = format!("auth-plugin-{id} = {{ workspace = true, optional = true }}");
    let text = insert(text, "[dependencies]", "auth-plugin-", &line)?;
    let feature = format!("{id} = [\"dep:auth-plugin-{id}\"]");
    if text.lines().any(|l| l == feature) {
        return Ok(text);
    }
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|l| l.contains("= [\"dep:auth-plugin-"));
    let text = put(&lines, last.context("no feature of a plugin to stand beside")? + 1, &[&feature]);
    let set =
        text.lines().find(|l| l.starts_with("standard = [")).context("there is no feature `standard`")?;
    let wider = set.replace(']', &format!(", \"{id}\"]"));
    Ok(text.replacen(set, &wider, 1))
}

/// A `use` that the linker sees, and an entry of the list that the registry is compared with.
fn plugins(text: &str, names: &Names) -> Result<String> {
    let gate = format!("#[cfg(feature = \"{}\")]", names.id);
    let text =
        between(text, "// xtask:plugins:use:", &gate, &format!("use auth_plugin_{} as _;", names.snake))?;
    between(&text, "// xtask:plugins:compiled:", &format!("    {gate}"), &format!("    \"{}\",", names.id))
}

/// Puts a gated line between two marks, where the pairs stay sorted.
fn between(text: &str, mark: &str, gate: &str, line: &str) -> Result<String> {
    let lines: Vec<&str> = text.lines().collect();
    let find = |end: &str| {
        let whole = format!("{mark}{end}");
        lines.iter().position(|l| l.trim() == whole).with_context(|| format!("there is no `{whole}`"))
    };
    let (begin, end) = (find("begin")?, find("end")?);
    let inside: Vec<_> = lines.iter().enumerate().take(end).skip(begin + 1).collect();
    if inside.iter().any(|(_, l)| **l == line) {
        return Ok(text.to_owned());
    }
    let at = inside
        .iter()
        .find(|(_, l)| l.trim_start().starts_with("#[cfg") && **l > gate)
        .map_or(end, |(at, _)| *at);
    Ok(put(&lines, at, &[gate, line]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_in_their_order() -> Result<()> {
        let names = Names::new("b-c")?;
        let text = "[workspace.dependencies]\nanyhow = 1\nauth-plugin-a = 1\nauth-plugin-z = 1\n\n[other]\n";
        let new = workspace(text, &names)?;
        let line = "auth-plugin-b-c = { path = \"plugins/b-c\" }";
        assert_eq!(new, text.replace("auth-plugin-z", &format!("{line}\nauth-plugin-z")));
        assert_eq!(workspace(&new, &names)?, new);
        Ok(())
    }

    #[test]
    fn a_plugin_gets_its_feature() -> Result<()> {
        let names = Names::new("b")?;
        let text = "[features]\nstandard = [\"a\"]\na = [\"dep:auth-plugin-a\"]\nsqlite = []\n\n[dependencies]\n\
                    auth-plugin-a = { workspace = true, optional = true }\n";
        let new = server(text, &names)?;
        assert!(new.contains("standard = [\"a\", \"b\"]\n"), "{new}");
        assert!(new.contains("a\"]\nb = [\"dep:auth-plugin-b\"]\nsqlite"), "{new}");
        assert!(new.ends_with("auth-plugin-b = { workspace = true, optional = true }\n"), "{new}");
        assert_eq!(server(&new, &names)?, new);
        Ok(())
    }

    #[test]
    fn a_plugin_gets_its_use_and_its_entry() -> Result<()> {
        let pair = |id: &str| format!("#[cfg(feature = \"{id}\")]\nuse auth_plugin_{id} as _;\n");
        let entry = |id: &str| format!("    #[cfg(feature = \"{id}\")]\n    \"{id}\",\n");
        let file = |ids: &[&str]| {
            let uses: String = ids.iter().map(|id| pair(id)).collect();
            let entries: String = ids.iter().map(|id| entry(id)).collect();
            format!(
                "// xtask:plugins:use:begin\n{uses}// xtask:plugins:use:end\npub const COMPILED: &[&str] = &[\n    \
                 // xtask:plugins:compiled:begin\n{entries}    // xtask:plugins:compiled:end\n];\n"
            )
        };
        let names = Names::new("b")?;
        assert_eq!(plugins(&file(&["a", "c"]), &names)?, file(&["a", "b", "c"]));
        assert_eq!(plugins(&file(&["a"]), &names)?, file(&["a", "b"]));
        assert_eq!(plugins(&file(&["b"]), &names)?, file(&["b"]));
        Ok(())
    }
}
