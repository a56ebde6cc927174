//! `cargo xtask upgrade-wire`: the suite against newer versions of upstream.
//!
//! The pins are written, everything is run against them, and they are taken back where something differs. What
//! they were is kept in the target directory; a keeper puts it back when this program is killed, and the next
//! run does where the keeper was killed too.

mod backup;
mod pins;
mod report;

use std::{collections::BTreeMap, fs::File, path::Path};

use anyhow::{Context, Result, bail};
use semver::Version;

pub(crate) use self::pins::pins;
use self::{backup::Backup, report::Report};
use crate::{
    conformance,
    shell::{read, root, target, write},
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A version of better-auth; without it the newest.
    version: Option<Version>,
    /// Changes no file of the project; the report goes below the target directory.
    #[arg(long)]
    dry_run: bool,
    /// Leaves the new pins also where something differs, for whoever works on it.
    #[arg(long, conflicts_with = "dry_run")]
    keep: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let place = target()?.join("upgrade");
    let _lock = lock(&place)?;
    let kept = place.join("backup");
    if backup::put_back(&kept, &root())? {
        println!("put back what an upgrade that was broken off had changed");
    }
    let changes = pins::newer(args.version.as_ref())?;
    if changes.is_empty() {
        println!("the pins are current: {}", shown(&pins()?));
        return Ok(());
    }
    let version = match changes.get(pins::MAIN) {
        Some((_, new)) => new.clone(),
        None => pins()?.remove(pins::MAIN).context("better-auth is not pinned")?,
    };
    for (name, (old, new)) in &changes {
        println!("{name}: {old} → {new}");
    }
    let files = pins::files(&changes)?;
    let manifest = files.get(pins::PACKAGES).context("the packages are not among the pins")?;
    let backup = if args.dry_run {
        None
    } else {
        let paths: Vec<_> = files.keys().copied().collect();
        let backup = Backup::take(&root(), &kept, &paths)?;
        for (path, text) in &files {
            write(&root().join(path), text)?;
        }
        Some(backup)
    };
    // Whatever ends this early drops the backup, which puts the files back.
    let report = Report::new(&changes, conformance::trial(&place, manifest));
    let name = format!("upgrade-{version}.md");
    let page = if args.dry_run { place.join(&name) } else { root().join("docs/compat").join(&name) };
    write(&page, &report.text(&version.to_string()))?;
    println!("\n{}", report.summary());
    println!("the report is {}", page.display());
    match backup {
        None => println!("nothing was changed"),
        Some(backup) if report.is_clean() || args.keep => {
            backup.forget()?;
            println!("the new pins stay; next: their ranges in docs/compat/matrix.toml, and CHANGELOG.md");
        }
        Some(backup) => {
            drop(backup);
            println!("the old pins are back");
        }
    }
    if report.is_clean() { Ok(()) } else { bail!("{version} is not on the wire what is pinned") }
}

fn shown(pins: &BTreeMap<String, Version>) -> String {
    pins.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}

/// One upgrade at a time: a second one would take the first one's backup for that of a killed run.
fn lock(place: &Path) -> Result<File> {
    let path = place.join("lock");
    write(&path, "")?;
    let file = File::open(&path)?;
    if file.try_lock().is_err() {
        bail!("another upgrade is running; {} is locked", path.display());
    }
    Ok(file)
}

/// A tracked file.
fn tracked(path: &str) -> Result<String> {
    read(&root().join(path))
}
