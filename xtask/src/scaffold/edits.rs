//! Changes of a plugin's files that are made all or none: what has no clear place is told instead.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml::Table;

use super::{Names, format};
use crate::{
    lines::put,
    shell::{read, root, write},
};

/// A plugin's crate, in this workspace or elsewhere.
pub(crate) struct Crate {
    pub(crate) folder: PathBuf,
    pub(crate) names: Names,
}

impl Crate {
    /// By the id of a plugin in `plugins/`, or by its folder.
    pub(crate) fn find(given: &str) -> Result<Self> {
        let member = root().join("plugins").join(given);
        let folder =
            if Names::new(given).is_ok() && member.exists() { member } else { std::path::absolute(given)? };
        let manifest = folder.join("Cargo.toml");
        if !manifest.exists() {
            bail!("`{given}` is neither a plugin of `plugins/` nor a folder with one");
        }
        let table: Table = read(&manifest)?.parse().with_context(|| manifest.display().to_string())?;
        let name = table.get("package").and_then(|package| package.get("name")?.as_str()).unwrap_or_default();
        let id = name.strip_prefix("auth-plugin-");
        let id = id.with_context(|| format!("{}: `{name}` is no `auth-plugin-<id>`", manifest.display()))?;
        let mut names = Names::new(id)?;
        names.pascal = plugin_type(&read(&folder.join("src/lib.rs"))?)
            .with_context(|| format!("{given}: src/lib.rs has no `auth_core::plugin!(…);`"))?;
        Ok(Self { folder, names })
    }
}

fn plugin_type(lib: &str) -> Option<String> {
    let line = lib.lines().find_map(|line| line.strip_prefix("auth_core::plugin!("))?;
    Some(line.strip_suffix(");")?.to_owned())
}

/// What goes where.
struct Paste {
    place: String,
    text: String,
}

pub(crate) struct Edits<'c> {
    of: &'c Crate,
    files: Vec<(PathBuf, String)>,
    pastes: Vec<Paste>,
    /// Nobody knows the place of one of them.
    lost: bool,
}

impl<'c> Edits<'c> {
    pub(crate) fn of(of: &'c Crate) -> Self {
        Self { of, files: Vec::new(), pastes: Vec::new(), lost: false }
    }

    /// A new file.
    pub(crate) fn create(&mut self, name: &str, text: String) -> Result<()> {
        let path = self.of.folder.join(name);
        if path.exists() {
            bail!("{} is there already", path.display());
        }
        self.pastes.push(Paste { place: format!("{name}, a new file"), text: text.clone() });
        self.files.push((path, text));
        Ok(())
    }

    /// A change of a file: `edit` gives its new text where it knows the place of `text`.
    pub(crate) fn change(
        &mut self,
        name: &str,
        place: &str,
        text: &str,
        edit: impl FnOnce(&str) -> Option<String>,
    ) {
        let path = self.of.folder.join(name);
        let old = self.files.iter().position(|(known, _)| *known == path);
        let old = old.map(|at| self.files.swap_remove(at).1).or_else(|| read(&path).ok());
        self.pastes.push(Paste { place: format!("{name}, {place}"), text: text.to_owned() });
        match old.as_deref().and_then(edit) {
            Some(new) => self.files.push((path, new)),
            None => self.lost = true,
        }
    }

    /// Writes everything, or tells everything and fails.
    pub(crate) fn finish(self) -> Result<()> {
        if self.lost {
            for Paste { place, text } in &self.pastes {
                println!("── {place} ──\n{}\n", text.trim_matches('\n'));
            }
            bail!(
                "this plugin is laid out in its own way, so nothing was written; what is above goes there by hand"
            );
        }
        for (path, text) in &self.files {
            write(path, text)?;
            println!("wrote {}", shown(path));
        }
        format(self.files.into_iter().map(|(path, _)| path))
    }
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Puts a statement into `register`, behind the last of those that start with one of `after` and end with
/// `end`, and that no condition is around. Statements of one line only: others are their author's own layout.
pub(crate) fn register(lib: &str, after: &[&str], end: &str, statement: &str) -> Option<String> {
    let lines: Vec<&str> = lib.lines().collect();
    let head =
        lines.iter().position(|line| line.trim_start().starts_with("fn register(self: Arc<Self>, "))?;
    let indent = lines.get(head)?.find("fn")?;
    let close = format!("{:indent$}}}", "");
    let tail = head + lines.iter().skip(head).position(|line| *line == close)?;
    let inside = format!("{:1$}", "", indent + 4);
    let fits = |line: &str| {
        line.strip_prefix(&inside)
            .is_some_and(|rest| after.iter().any(|start| rest.starts_with(start)) && rest.ends_with(end))
    };
    let at = head + lines.get(head..tail)?.iter().rposition(|line| fits(line))? + 1;
    Some(put(&lines, at, &[&format!("{inside}{statement}")]))
}

/// Puts `mod <name>;` among its siblings, as visible as they are.
pub(crate) fn module(text: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let is_module = |line: &str| {
        line.ends_with(';') && line.split(' ').any(|word| word == "mod") && !line.starts_with(['/', ' '])
    };
    let family: Vec<(usize, &str)> =
        lines.iter().enumerate().filter(|(_, line)| is_module(line)).map(|(at, line)| (at, *line)).collect();
    let (first, sibling) = family.first()?;
    let (visible, _) = sibling.split_once("mod ")?;
    let line = format!("{visible}mod {name};");
    let before = family.iter().find(|(_, other)| *other > line.as_str()).map(|(at, _)| *at);
    let at = before.unwrap_or_else(|| family.last().map_or(*first, |(at, _)| at + 1));
    Some(put(&lines, at, &[&line]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "impl Plugin for A {\n    fn register(self: Arc<Self>, host: &mut Registrar) {\n        host.table(schema::table());\n        if self.more {\n            host.table(schema::more());\n        }\n        host.task(sweep);\n    }\n}\n";

    #[test]
    fn a_statement_stands_behind_its_kind_and_under_no_condition() {
        let new = register(LIB, &["host.table(schema::"], "());", "host.table(schema::b());");
        let line = "        host.table(schema::table());\n";
        assert_eq!(new, Some(LIB.replace(line, &format!("{line}        host.table(schema::b());\n"))));
        assert_eq!(register(LIB, &["host.endpoint("], "());", "x"), None);
        assert_eq!(register("fn other() {}\n", &["host."], ";", "x"), None);
    }

    #[test]
    fn a_module_stands_among_its_siblings() {
        let text = "//! The mod a;\n\npub(crate) mod a;\npub(crate) mod c;\n\nuse x;\n";
        assert_eq!(
            module(text, "b"),
            Some(text.replace("pub(crate) mod c", "pub(crate) mod b;\npub(crate) mod c"))
        );
        assert_eq!(module(text, "d"), Some(text.replace("mod c;", "mod c;\npub(crate) mod d;")));
        assert_eq!(module("use x;\n", "b"), None);
    }

    #[test]
    fn a_crate_says_the_type_of_its_plugin() {
        assert_eq!(plugin_type("fn a() {}\n\nauth_core::plugin!(ApiKey);\n").as_deref(), Some("ApiKey"));
        assert_eq!(plugin_type("fn a() {}\n"), None);
    }
}
