//! `cargo xtask plugin add`: links a plugin into the server.
//!
//! Three files know it: the workspace's dependencies, the server's (with a feature), and
//! `apps/server/src/plugins.rs`, where code names it so that the linker keeps it.

use anyhow::{Context, Result, bail};

use crate::{
    scaffold::Names,
    shell::{read, root, write},
};

pub(crate) fn run(id: &str) -> Result<()> {
    let names = Names::new(id)?;
    if !root().join("plugins").join(id).join("Cargo.toml").exists() {
        bail!("there is no plugins/{id}; `cargo xtask new-plugin {id}` makes one");
    }
    let edits: [(&str, fn(&str, &Names) -> Result<String>); 3] = [
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

/// Puts `line` among the lines of `section` that start as it does, in their order.
fn insert(text: &str, section: &str, start: &str, line: &str) -> Result<String> {
    let lines: Vec<&str> = text.lines().collect();
    if lines.contains(&line) {
        return Ok(text.to_owned());
    }
    let head =
        lines.iter().position(|l| *l == section).with_context(|| format!("there is no `{section}`"))?;
    let below = lines.iter().enumerate().skip(head + 1);
    let end = below.clone().find(|(_, l)| l.starts_with('[')).map_or(lines.len(), |(at, _)| at);
    let family = below.take_while(|(at, _)| *at < end).filter(|(_, l)| l.starts_with(start));
    let at =
        family.clone().find(|(_, l)| **l > line).or_else(|| family.clone().last().map(|(at, l)| (at + 1, l)));
    let at = at.map_or(head + 1, |(at, _)| at);
    let (before, after) = lines.split_at(at);
    let all: Vec<&str> = before.iter().copied().chain([line]).chain(after.iter().copied()).collect();
    Ok(all.join("\n") + "\n")
}

fn workspace(text: &str, names: &Names) -> Result<String> {
    let id = &names.id;
    let line = format!("auth-plugin-{id} = {{ path = \"plugins/{id}\" }}");
    insert(text, "[workspace.dependencies]", "auth-plugin-", &line)
}

/// A dependency that only its feature brings, where the server has features; else a plain one.
fn server(text: &str, names: &Names) -> Result<String> {
    let id = &names.id;
    if !text.lines().any(|line| line == "[features]") {
        return insert(text, "[dependencies]", "auth-plugin-", &format!("auth-plugin-{id}.workspace = true"));
    }
    let line = format!("auth-plugin-{id} = {{ workspace = true, optional = true }}");
    let text = insert(text, "[dependencies]", "auth-plugin-", &line)?;
    insert(&text, "[features]", "", &format!("{id} = [\"dep:auth-plugin-{id}\"]"))
}

/// A `use` that the linker sees, and an entry of the list that the registry is compared with.
fn plugins(text: &str, names: &Names) -> Result<String> {
    let (id, name) = (&names.id, format!("auth_plugin_{}", names.snake));
    let line = format!("use {name} as _;");
    if text.lines().any(|l| l == line) {
        return Ok(text.to_owned());
    }
    let gate = format!("#[cfg(feature = \"{id}\")]");
    let gated = text.contains("#[cfg(feature =");
    let import = if gated { format!("{gate}\n{line}") } else { line };
    let entry = if gated { format!("    {gate}\n    \"{id}\",") } else { format!("    \"{id}\",") };
    let last_use = text.rfind(" as _;\n").map(|at| at + " as _;\n".len());
    let at = last_use.context("there is no `use … as _;` to stand beside")?;
    let (before, after) = text.split_at(at);
    let list = after.find("COMPILED").context("there is no list `COMPILED`")?;
    let close =
        after.get(list..).and_then(|rest| rest.find("];")).context("`COMPILED` does not end with `];`")?;
    let (head, tail) = after.split_at(list + close);
    let head = head.trim_end_matches([' ', '\n']);
    // A list on one line becomes one on several: `cargo fmt` decides in the end.
    let comma = if head.ends_with(['[', ',']) { "" } else { "," };
    Ok(format!("{before}{import}\n{head}{comma}\n{entry}\n{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_in_their_order() -> Result<()> {
        let names = Names::new("b-c")?;
        let text = "[workspace.dependencies]\nanyhow = 1\nauth-plugin-a = 1\nauth-plugin-z = 1\n\n[other]\n";
        let new = workspace(text, &names)?;
        let at = |what: &str| new.find(what).unwrap_or(usize::MAX);
        assert!(
            at("auth-plugin-a") < at("auth-plugin-b-c") && at("auth-plugin-b-c") < at("auth-plugin-z"),
            "{new}"
        );
        assert_eq!(workspace(&new, &names)?, new);
        Ok(())
    }

    #[test]
    fn a_plugin_gets_its_use_and_its_entry() -> Result<()> {
        let names = Names::new("b-c")?;
        let text = "#[cfg(feature = \"a\")]\nuse auth_plugin_a as _;\n\npub const COMPILED: &[&str] = &[\n    #[cfg(feature = \"a\")]\n    \"a\",\n];\n";
        let new = plugins(text, &names)?;
        assert!(new.contains("#[cfg(feature = \"b-c\")]\nuse auth_plugin_b_c as _;\n"), "{new}");
        assert!(new.contains("    \"a\",\n    #[cfg(feature = \"b-c\")]\n    \"b-c\",\n];"), "{new}");
        assert_eq!(plugins(&new, &names)?, new);
        Ok(())
    }
}
