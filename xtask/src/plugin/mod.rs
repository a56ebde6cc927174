//! `cargo xtask plugin add | remove | check | release`: which plugins the server is built with, and what holds of
//! each.
//!
//! Three files know a plugin: the workspace's dependencies, the server's (with a feature), and
//! `apps/server/src/plugins.rs`, where code names it so that the linker keeps it.

pub(crate) mod check;
mod release;
mod remove;

use anyhow::{Context, Result, bail};

use crate::{
    lines::put,
    scaffold::Names,
    shell::{read, root, write},
};
pub(crate) use remove::remove;

const WORKSPACE: &str = "Cargo.toml";
const SERVER: &str = "apps/server/Cargo.toml";
const PLUGINS: &str = "apps/server/src/plugins.rs";
/// Around the lines that this command keeps.
const USES: &str = "// xtask:plugins:use:";
const COMPILED: &str = "// xtask:plugins:compiled:";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Links a plugin of `plugins/` into the server.
    Add {
        /// The plugin's id.
        id: String,
        /// The set of features that it joins: `minimal`, `standard`, … or `none`.
        #[arg(long, default_value = "standard")]
        set: String,
    },
    /// Takes a plugin out of the server again.
    Remove {
        /// The plugin's id.
        id: String,
        /// Removes the folder of its crate too.
        #[arg(long)]
        delete: bool,
    },
    /// Runs plugins' tests with the suite that every plugin keeps, and tells which endpoints no test calls.
    Check(check::Args),
    /// Writes down what this version of a plugin declares in the database: `plugins/<id>/releases`.
    Release {
        /// The plugin's id.
        id: String,
    },
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Add { id, set } => add(id, set),
        Command::Remove { id, delete } => remove(id, *delete),
        Command::Check(args) => check::run(args),
        Command::Release { id } => release::run(id),
    }
}

/// A file, and its new text.
type Change = (&'static str, String);

fn add(id: &str, set: &str) -> Result<()> {
    let names = Names::new(id)?;
    if !root().join("plugins").join(id).join("Cargo.toml").exists() {
        bail!("there is no plugins/{id}; `cargo xtask new-plugin {id}` makes one");
    }
    let text = |place| read(&root().join(place));
    save(&names, "added", added(&names, set, &text(WORKSPACE)?, &text(SERVER)?, &text(PLUGINS)?)?)
}

fn added(
    names: &Names,
    set: &str,
    workspace_toml: &str,
    server_toml: &str,
    plugins_rs: &str,
) -> Result<[Change; 3]> {
    Ok([
        (WORKSPACE, workspace(workspace_toml, names).context(WORKSPACE)?),
        (SERVER, server(server_toml, names, set).context(SERVER)?),
        (PLUGINS, plugins(plugins_rs, names).context(PLUGINS)?),
    ])
}

/// Writes what is another text than before. Every edit has succeeded by now, so it is all or nothing.
fn save(names: &Names, done: &str, changes: [Change; 3]) -> Result<()> {
    for (place, new) in changes {
        let path = root().join(place);
        if new == read(&path)? {
            println!("{place}: nothing to do");
        } else {
            write(&path, &new)?;
            println!("{place}: {done} `{}`", names.id);
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

fn member_line(id: &str) -> String {
    format!("auth-plugin-{id} = {{ path = \"plugins/{id}\" }}")
}

fn dependency_line(id: &str) -> String {
    format!("auth-plugin-{id} = {{ workspace = true, optional = true }}")
}

fn feature_line(id: &str) -> String {
    format!("{id} = [\"dep:auth-plugin-{id}\"]")
}

fn workspace(text: &str, names: &Names) -> Result<String> {
    insert(text, "[workspace.dependencies]", "auth-plugin-", &member_line(&names.id))
}

/// A dependency that only its feature brings, and the feature in one of the sets.
fn server(text: &str, names: &Names, set: &str) -> Result<String> {
    let id = &names.id;
    let known: Vec<&str> = sets(text).map(|(name, _)| name).collect();
    if set != "none" && !known.contains(&set) {
        bail!("there is no set `{set}`; there are {}, or `none`", known.join(", "));
    }
    let text = insert(text, "[dependencies]", "auth-plugin-", &dependency_line(id))?;
    let feature = feature_line(id);
    if text.lines().any(|l| l == feature) {
        return Ok(text);
    }
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.iter().rposition(|l| l.contains("= [\"dep:auth-plugin-"));
    let text = put(&lines, last.context("no feature of a plugin to stand beside")? + 1, &[&feature]);
    let line = sets(&text).find(|(name, _)| *name == set).map(|(_, line)| line.to_owned());
    Ok(line.map_or(text.clone(), |line| text.replacen(&line, &line.replace(']', &format!(", \"{id}\"]")), 1)))
}

/// The sets, each with its line: features of other features.
fn sets(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    let features = manifest.lines().skip_while(|line| *line != "[features]").skip(1);
    let features = features.take_while(|line| !line.starts_with('['));
    features.filter_map(|line| {
        let (name, list) = line.split_once(" = ")?;
        let is_set = list.starts_with("[\"") && list.ends_with(']') && !list.contains([':', '/']);
        (is_set && name != "default").then_some((name, line))
    })
}

/// A `use` that the linker sees, and an entry of the list that the registry is compared with.
fn plugins(text: &str, names: &Names) -> Result<String> {
    let gate = format!("#[cfg(feature = \"{}\")]", names.id);
    let text = between(text, USES, &gate, &format!("use auth_plugin_{} as _;", names.snake))?;
    between(&text, COMPILED, &format!("    {gate}"), &format!("    \"{}\",", names.id))
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
        let new = server(text, &names, "standard")?;
        assert!(new.contains("standard = [\"a\", \"b\"]\n"), "{new}");
        assert!(new.contains("a\"]\nb = [\"dep:auth-plugin-b\"]\nsqlite"), "{new}");
        assert!(new.ends_with("auth-plugin-b = { workspace = true, optional = true }\n"), "{new}");
        assert_eq!(server(&new, &names, "standard")?, new);
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

    #[test]
    fn a_plugin_joins_the_set_that_is_named() -> Result<()> {
        let names = Names::new("b")?;
        let text = "[features]\ndefault = [\"standard\"]\nstandard = [\"a\"]\nfull = [\"standard\"]\n\
                    a = [\"dep:auth-plugin-a\"]\nsqlite = [\"store/sqlite\"]\n\n[dependencies]\n";
        let known: Vec<_> = sets(text).map(|(name, _)| name).collect();
        assert_eq!(known, ["standard", "full"]);
        assert!(server(text, &names, "full")?.contains("full = [\"standard\", \"b\"]\n"));
        assert!(!server(text, &names, "none")?.contains(", \"b\"]"));
        assert!(server(text, &names, "ful").is_err());
        Ok(())
    }
}
