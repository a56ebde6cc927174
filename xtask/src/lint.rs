//! `cargo xtask lint`: what the compiler and clippy do not check.

mod arrows;
mod book;
mod examples;
mod links;
mod manifests;
mod messages;
mod quotes;
mod text;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::shell::root;

/// What is wrong, as lines to print.
#[derive(Default)]
pub(crate) struct Report {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Report {
    fn error(&mut self, line: impl Into<String>) {
        self.errors.push(line.into());
    }

    fn warn(&mut self, line: impl Into<String>) {
        self.warnings.push(line.into());
    }
}

pub(crate) fn run() -> Result<()> {
    let mut report = Report::default();
    let files = files(&root())?;
    let plugins = plugin_ids()?;
    arrows::check(&mut report)?;
    manifests::check(&mut report, &plugins)?;
    text::check(&mut report, &files, &plugins);
    examples::check(&mut report, &files);
    links::check(&mut report, &files)?;
    quotes::check(&mut report, &files)?;
    messages::check(&mut report, &files)?;
    book::check(&mut report, &files)?;
    for line in &report.warnings {
        println!("warning: {line}");
    }
    for line in &report.errors {
        println!("error: {line}");
    }
    if !report.errors.is_empty() {
        bail!("{} of the project's own rules are broken", report.errors.len());
    }
    println!("lint: {} files, {} plugins, nothing wrong", files.len(), plugins.len());
    Ok(())
}

/// The ids of the plugins in this workspace: the names of their folders.
pub(crate) fn plugin_ids() -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(root().join("plugins"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").exists() {
            ids.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    ids.sort();
    Ok(ids)
}

/// Every file of the project, below its root.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    const NOT_OURS: [&str; 5] = [".git", "target", "node_modules", "data", ".conformance"];
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if !path.file_name().is_some_and(|name| NOT_OURS.iter().any(|other| name == *other)) {
                    folders.push(path);
                }
            } else if let Ok(below) = path.strip_prefix(root) {
                found.push(below.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}
