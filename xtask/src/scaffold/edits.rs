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

    pub(crate) fn has(&self, name: &str) -> bool {
        self.of.folder.join(name).exists()
    }

    /// A new file.
    pub(crate) fn create(&mut self, name: &str, text: String) -> Result<()> {
        let path = self.of.folder.join(name);
        if self.has(name) {
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

/// Where a statement goes that has no siblings yet.
pub(crate) enum Alone {
    First,
    Nowhere,
}

/// Puts a statement into `register`, behind the last of those that start with one of `after` and that no condition
/// is around.
pub(crate) fn register(lib: &str, after: &[&str], alone: Alone, statement: &str) -> Option<String> {
    let lines: Vec<&str> = lib.lines().collect();
    let head = lines.iter().position(|line| {
        let line = line.trim_start();
        line.starts_with("fn register(self: Arc<Self>, host: &mut Registrar)") && line.ends_with('{')
    })?;
    let indent = lines.get(head)?.find("fn")?;
    let close = format!("{:indent$}}}", "");
    let tail = head + lines.iter().skip(head).position(|line| *line == close)?;
    let inside = format!("{:1$}", "", indent + 4);
    let end = format!("{inside});");
    let fits = |line: &str| {
        line.strip_prefix(&inside).is_some_and(|rest| after.iter().any(|start| rest.starts_with(start)))
    };
    let body = lines.get(head..tail)?;
    let at = match (body.iter().enumerate().rev().find(|(_, line)| fits(line)), alone) {
        (Some((at, line)), _) if line.ends_with(';') => at,
        // Formatted code closes a statement of several lines below its beginning.
        (Some((at, _)), _) => at + body.iter().skip(at).position(|line| *line == end)?,
        (None, Alone::First) => imports(body, &inside)?,
        (None, Alone::Nowhere) => return None,
    };
    Some(put(&lines, head + at + 1, &[&format!("{inside}{statement}")]))
}

/// How many lines the `use` at the beginning of a body takes: statements stand below.
fn imports(body: &[&str], inside: &str) -> Option<usize> {
    if !body.get(1)?.strip_prefix(inside)?.starts_with("use ") {
        return Some(0);
    }
    body.iter().position(|line| line.ends_with(';'))
}

/// Puts `mod <name>;` among its siblings, as visible as the least of them.
pub(crate) fn module(text: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let is_module = |line: &str| {
        line.ends_with(';') && line.split(' ').any(|word| word == "mod") && !line.starts_with(['/', ' '])
    };
    let family: Vec<(usize, &str)> =
        lines.iter().enumerate().filter(|(_, line)| is_module(line)).map(|(at, line)| (at, *line)).collect();
    let visible = family.iter().filter_map(|(_, line)| line.split_once("mod ")).map(|(visible, _)| visible);
    let line = format!("{}mod {name};", visible.min_by_key(|visible| visible.len())?);
    let before = family.iter().find(|(_, other)| *other > line.as_str()).map(|(at, _)| *at);
    let at = before.or_else(|| family.last().map(|(at, _)| at + 1))?;
    Some(put(&lines, at, &[&line]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "impl Plugin for A {
    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.table(schema::table());
        if self.more {
            host.table(schema::more());
        }
        host.endpoint(
            get(KEY),
        );
        host.task(sweep);
    }
}
";

    #[test]
    fn a_statement_stands_behind_its_kind_and_under_no_condition() {
        let behind = |line: &str| Some(LIB.replace(line, &format!("{line}        new();\n")));
        let new = |start| register(LIB, &[start], Alone::Nowhere, "new();");
        assert_eq!(new("host.table("), behind("        host.table(schema::table());\n"));
        assert_eq!(new("host.endpoint("), behind("        );\n"));
        assert_eq!(new("host.columns"), None);
        assert_eq!(register("fn other() {}\n", &["host."], Alone::First, "x"), None);
    }

    #[test]
    fn the_first_of_its_kind_may_stand_first() {
        let head = "host: &mut Registrar) {\n";
        let new = |lib: &str| register(lib, &["host.columns"], Alone::First, "new();");
        assert_eq!(new(LIB), Some(LIB.replace(head, &format!("{head}        new();\n"))));
        let imports = format!("{head}        use crate::{{\n            a, b,\n        }};\n");
        let lib = LIB.replace(head, &imports);
        assert_eq!(new(&lib), Some(lib.replace(&imports, &format!("{imports}        new();\n"))));
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
