//! `cargo xtask new-plugin`, `new-endpoint`, `new-migration`: code from `xtask/templates`.

mod edits;
pub(crate) mod endpoint;
mod names;
mod origin;
pub(crate) mod schema;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

pub(crate) use names::Names;

use crate::shell::{program, read, root, works, write};
use origin::{CRATES, Origin};

/// What every plugin has.
const PLUGIN: &[(&str, &str)] = &[
    ("README.md", include_str!("../../templates/plugin/README.md")),
    ("openapi.json", include_str!("../../templates/plugin/openapi.json")),
    ("src/lib.rs", include_str!("../../templates/plugin/src/lib.rs")),
    ("src/config.rs", include_str!("../../templates/plugin/src/config.rs")),
    ("src/schema.rs", include_str!("../../templates/plugin/src/schema.rs")),
    ("src/hooks.rs", include_str!("../../templates/plugin/src/hooks.rs")),
    ("src/sweep.rs", include_str!("../../templates/plugin/src/sweep.rs")),
    ("src/endpoints/mod.rs", include_str!("../../templates/plugin/src/endpoints/mod.rs")),
    ("src/endpoints/add.rs", include_str!("../../templates/plugin/src/endpoints/add.rs")),
    ("src/endpoints/list.rs", include_str!("../../templates/plugin/src/endpoints/list.rs")),
    ("tests/it/main.rs", include_str!("../../templates/plugin/tests/it/main.rs")),
];
const MEMBER: (&str, &str) = ("Cargo.toml", include_str!("../../templates/plugin/Cargo.toml"));
/// What a repository of its own has besides.
const EXTERNAL: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../../templates/external/Cargo.toml")),
    ("server/Cargo.toml", include_str!("../../templates/external/server/Cargo.toml")),
    ("server/src/main.rs", include_str!("../../templates/external/server/src/main.rs")),
    (".gitignore", include_str!("../../templates/external/.gitignore")),
    (".github/workflows/ci.yml", include_str!("../../templates/external/.github/workflows/ci.yml")),
];
const EXTERNAL_README: &str = include_str!("../../templates/external/README.md");

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The plugin's id: lower-case words with `-` between them.
    id: String,
    /// A folder outside of this workspace for a repository of its own, with a server; without it the plugin
    /// becomes a member.
    #[arg(long, value_name = "FOLDER")]
    external: Option<PathBuf>,
    /// Where the repository gets Tessera from: another checkout, or a Git URL with `#` and a revision behind it.
    #[arg(long, value_name = "FOLDER|URL[#REV]", requires = "external")]
    tessera: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let id = &args.id;
    if root().join("plugins").join(id).exists() {
        bail!("plugins/{id} is there already; each plugin has an id of its own");
    }
    if let Some(folder) = &args.external {
        let folder = std::path::absolute(folder)?;
        make_external(id, &folder, &Origin::parse(args.tessera.as_deref())?)?;
        println!("made {}\n\nnext:\n  cd {}\n  cargo test", folder.display(), folder.display());
        println!("  cargo run        # a server with the plugin, on http://127.0.0.1:3000");
    } else {
        make(id, &root().join("plugins").join(id), &[PLUGIN, &[MEMBER]].concat(), |_, text| text)?;
        println!(
            "made plugins/{id}\n\nnext:\n  cargo xtask plugin add {id}\n  cargo test -p auth-plugin-{id}"
        );
        println!("  cargo xtask codegen");
        println!("  TESSERA_PLUGINS__{}__ENABLED=true cargo run", id.replace('-', "_").to_uppercase());
    }
    Ok(())
}

/// Makes a repository in a folder that is outside of this workspace.
pub(crate) fn make_external(id: &str, folder: &Path, tessera: &Origin) -> Result<()> {
    if folder.starts_with(root()) {
        bail!("--external is for folders outside of this workspace; without it the plugin becomes a member");
    }
    let ours = ["rust-toolchain.toml", "rustfmt.toml"].map(|name| (name, read(&root().join(name))));
    let files = [PLUGIN, EXTERNAL].concat();
    make(id, folder, &files, |name, text| match name {
        "Cargo.toml" => CRATES
            .iter()
            .fold(text, |text, (name, place)| names::fill(&text, &[(name, &tessera.dependency(place))])),
        "README.md" => text + EXTERNAL_README,
        _ => text,
    })?;
    for (name, text) in ours {
        write(&folder.join(name), &text?)?;
    }
    Ok(())
}

/// An external repository that builds against this checkout.
pub(crate) fn make_external_here(id: &str, folder: &Path) -> Result<()> {
    make_external(id, folder, &Origin::parse(None)?)
}

fn make(
    id: &str,
    folder: &Path,
    files: &[(&str, &str)],
    adapt: impl Fn(&str, String) -> String,
) -> Result<()> {
    let names = names(id)?;
    let is_empty = !folder.exists() || folder.is_dir() && std::fs::read_dir(folder)?.next().is_none();
    if !is_empty {
        bail!("{} is there already and is not empty", folder.display());
    }
    for (name, template) in files {
        write(&folder.join(name), &names.fill(&adapt(name, (*template).to_owned())))?;
    }
    format(files.iter().map(|(name, _)| folder.join(name)))
}

/// The names that code of the templates can use.
fn names(id: &str) -> Result<Names> {
    Ok(Names::new(id)?.avoiding(PLUGIN.iter().map(|(_, template)| *template)))
}

/// Lines are as long as an id makes them.
fn format(files: impl Iterator<Item = PathBuf>) -> Result<()> {
    let settings = root().join("rustfmt.toml");
    let sources = files.filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let mut rustfmt = program("rustfmt");
    if works(rustfmt.args(["--edition", "2024", "--config-path"]).arg(settings).args(sources)) {
        return Ok(());
    }
    Err(anyhow::anyhow!("the files are written, but rustfmt did not run: `rustup component add rustfmt`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::Scratch;

    #[test]
    fn templates_are_filled_completely() -> Result<()> {
        let scratch = Scratch::new("filled")?;
        make_external_here("two-words", &scratch.0)?;
        for (name, _) in PLUGIN.iter().chain(EXTERNAL) {
            let text = read(&scratch.0.join(name))?;
            assert!(!text.contains("{{") && !text.contains("guest"), "{name}");
        }
        assert!(!names("two-words")?.fill(MEMBER.1).contains("{{"));
        Ok(())
    }

    #[test]
    fn nothing_is_overwritten() -> Result<()> {
        let scratch = Scratch::new("overwrite")?;
        write(&scratch.0.join("notes.txt"), "mine")?;
        assert!(make_external_here("guest-book", &scratch.0).is_err());
        assert_eq!(std::fs::read_dir(&scratch.0)?.count(), 1);
        Ok(())
    }

    #[test]
    fn a_repository_of_its_own_stands_outside() {
        assert!(make_external_here("guest-book", &root().join("plugins/guest-book")).is_err());
    }
}
