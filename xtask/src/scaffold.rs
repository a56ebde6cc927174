//! `cargo xtask new-plugin`: a crate from `xtask/templates/plugin`.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::{program, root, works, write};

const FILES: &[(&str, &str)] = &[
    ("README.md", include_str!("../templates/plugin/README.md")),
    ("src/lib.rs", include_str!("../templates/plugin/src/lib.rs")),
    ("src/config.rs", include_str!("../templates/plugin/src/config.rs")),
    ("src/schema.rs", include_str!("../templates/plugin/src/schema.rs")),
    ("src/hooks.rs", include_str!("../templates/plugin/src/hooks.rs")),
    ("src/endpoints/mod.rs", include_str!("../templates/plugin/src/endpoints/mod.rs")),
    ("src/endpoints/add.rs", include_str!("../templates/plugin/src/endpoints/add.rs")),
    ("src/endpoints/list.rs", include_str!("../templates/plugin/src/endpoints/list.rs")),
    ("tests/it/main.rs", include_str!("../templates/plugin/tests/it/main.rs")),
];
const MEMBER: &str = include_str!("../templates/plugin/Cargo.toml.member");
const ALONE: &str = include_str!("../templates/plugin/Cargo.toml.alone");

/// The spellings of a plugin's id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) id: String,
    pub(crate) snake: String,
    camel: String,
    pascal: String,
    title: String,
}

impl Names {
    pub(crate) fn new(id: &str) -> Result<Self> {
        let word = |w: &str| {
            w.starts_with(|c: char| c.is_ascii_lowercase())
                && w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        if !id.split('-').all(word) {
            bail!("`{id}` is no id of a plugin: lower-case words with `-` between them, such as `api-key`");
        }
        let pascal: String = id.split('-').map(capital).collect();
        let mut words = id.split('-');
        let first = words.next().unwrap_or_default();
        Ok(Self {
            snake: id.replace('-', "_"),
            camel: std::iter::once(first.to_owned()).chain(words.map(capital)).collect(),
            title: capital(&id.replace('-', " ")),
            id: id.to_owned(),
            pascal,
        })
    }

    fn fill(&self, template: &str) -> String {
        [
            ("{{id}}", &self.id),
            ("{{snake}}", &self.snake),
            ("{{camel}}", &self.camel),
            ("{{Type}}", &self.pascal),
            ("{{Title}}", &self.title),
        ]
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(name, value))
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

pub(crate) fn run(id: &str, path: Option<&Path>) -> Result<()> {
    let names = Names::new(id)?;
    let folder = match path {
        Some(path) => std::path::absolute(path)?,
        None => root().join("plugins").join(id),
    };
    make(&names, &folder, path.is_some())?;
    println!("made {}", folder.display());
    if path.is_some() {
        println!("next: cd {} && cargo test", folder.display());
    } else {
        println!("next: cargo xtask plugin add {id} && cargo test -p auth-plugin-{id}");
    }
    Ok(())
}

/// Writes the crate: a member of this workspace, or one that stands alone.
pub(crate) fn make(names: &Names, folder: &Path, alone: bool) -> Result<()> {
    if folder.exists() && std::fs::read_dir(folder)?.next().is_some() {
        bail!("{} is there already and is not empty", folder.display());
    }
    let manifest = if alone {
        if folder.starts_with(root()) {
            bail!("--path is for folders outside of this workspace; without it the plugin becomes a member");
        }
        let places = [
            ("core", "crates/auth-core"),
            ("testkit", "crates/auth-testkit"),
            ("session", "plugins/session"),
        ];
        let mut manifest = ALONE.to_owned();
        for (name, place) in places {
            let path = root().join(place);
            let path = path.to_str().context("the workspace's path is not text")?;
            let ours = format!("{{ path = {} }}", toml::Value::from(path));
            manifest = manifest.replace(&format!("{{{{{name}}}}}"), &ours);
        }
        manifest
    } else {
        MEMBER.to_owned()
    };
    write(&folder.join("Cargo.toml"), &names.fill(&manifest))?;
    for (name, template) in FILES {
        write(&folder.join(name), &names.fill(template))?;
    }
    // Lines are as long as the id makes them.
    let settings = root().join("rustfmt.toml");
    let sources = FILES
        .iter()
        .map(|(name, _)| folder.join(name))
        .filter(|path| path.extension().is_some_and(|e| e == "rs"));
    works(program("rustfmt").arg("--config-path").arg(settings).args(sources));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_spellings() -> Result<()> {
        let names = Names::new("api-key2")?;
        let spelled =
            (names.snake.as_str(), names.camel.as_str(), names.pascal.as_str(), names.title.as_str());
        assert_eq!(spelled, ("api_key2", "apiKey2", "ApiKey2", "Api key2"));
        for bad in ["", "Api", "a--b", "-a", "2fa", "a_b", "a/b", "é"] {
            assert!(Names::new(bad).is_err(), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn templates_are_filled_completely() -> Result<()> {
        let names = Names::new("two-words")?;
        for (name, template) in FILES {
            assert!(!names.fill(template).contains("{{"), "{name}");
        }
        assert!(!names.fill(MEMBER).contains("{{"));
        Ok(())
    }
}
