//! `cargo xtask plugin release`: what a version declares in the database, for the versions to come.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::check::{SEEN, members};
use crate::{
    shell::{Scratch, read, root, run as execute, write},
    test::runner,
};

pub(crate) fn run(id: &str) -> Result<()> {
    let member = members()?.into_iter().find(|member| member.id == id);
    let member = member.with_context(|| format!("there is no plugin `{id}` in `plugins`"))?;
    let scratch = Scratch::new("release")?;
    // Whoever does not conform, or breaks the release before, has none.
    execute(runner().args(["--package", &member.package, "conforms"]).env(SEEN, &scratch.0))?;
    let note = read(&scratch.0.join(format!("{}.plugin", member.package)))
        .context("no test called `conforms` calls `auth_testkit::check::plugin`")?;
    let note: Value = serde_json::from_str(&note)?;
    let release = note.get("release").context("the note of the suite has no release")?;
    let version = release.get("version").and_then(Value::as_str).context("the release has no version")?;
    let path = root().join("plugins").join(id).join("releases").join(format!("{version}.json"));
    let text = format!("{release:#}\n");
    if path.exists() {
        if read(&path)? == text {
            println!("{} is there already", path.display());
            return Ok(());
        }
        bail!("{} says something else: a release does not change, raise the version", path.display());
    }
    write(&path, &text)?;
    println!("made {}", path.display());
    Ok(())
}
