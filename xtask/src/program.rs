//! What the server that was just built says of itself.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::{Scratch, output, tessera, without_settings};

pub(crate) struct Program {
    binary: PathBuf,
    /// Where it finds no configuration.
    folder: Scratch,
}

impl Program {
    pub(crate) fn build(name: &str) -> Result<Self> {
        Ok(Self { binary: tessera("dev")?, folder: Scratch::new(name)? })
    }

    /// The JSON that it prints.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.binary);
        let text = output(without_settings(&mut command).current_dir(&self.folder.0).args(arguments))?;
        serde_json::from_str(&text)
            .with_context(|| format!("`tessera {}` prints no JSON", arguments.join(" ")))
    }

    /// The same where every plugin of the build is enabled.
    pub(crate) fn ask_with_all(&self, arguments: &[&str]) -> Result<Value> {
        let manifests = self.ask(&["plugins", "manifests"])?;
        let list = manifests.get("plugins").and_then(Value::as_array).context("no list of plugins")?;
        let ids = list.iter().filter_map(|plugin| plugin.get("id")?.as_str());
        let sets: Vec<_> = ids.map(|id| format!("plugins.{id}.enabled=true")).collect();
        let sets = sets.iter().flat_map(|set| ["--set", set.as_str()]);
        self.ask(&arguments.iter().copied().chain(sets).collect::<Vec<_>>())
    }
}
