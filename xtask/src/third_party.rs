//! `cargo xtask third-party`: whoever makes a plugin elsewhere can build and test it.

use std::path::Path;

use anyhow::Result;

use crate::{
    scaffold::{Names, make},
    shell::{Scratch, cargo, read, root, run as execute, target, write},
};

pub(crate) fn run() -> Result<()> {
    let scratch = Scratch::new("third-party")?;
    let folder = scratch.0.join("guest-book");
    make(&Names::new("guest-book")?, &folder, true)?;
    share_builds(&folder)?;
    for arguments in
        [&["test", "--quiet"][..], &["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"]]
    {
        execute(cargo(arguments).current_dir(&folder).env("CARGO_TARGET_DIR", target()?))?;
    }
    println!("a plugin outside of the workspace builds against auth-core alone, and its test passes");
    Ok(())
}

/// The workspace's versions and profiles, so that nothing is built twice. An author does without.
fn share_builds(folder: &Path) -> Result<()> {
    write(&folder.join("Cargo.lock"), &read(&root().join("Cargo.lock"))?)?;
    write(&folder.join("rust-toolchain.toml"), &read(&root().join("rust-toolchain.toml"))?)?;
    let workspace = read(&root().join("Cargo.toml"))?;
    let profiles = workspace.find("[profile.").map_or("", |start| workspace.get(start..).unwrap_or_default());
    let manifest = folder.join("Cargo.toml");
    let own = read(&manifest)?;
    write(&manifest, &format!("{own}\n{profiles}"))
}
