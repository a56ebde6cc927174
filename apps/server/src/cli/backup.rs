//! `tessera backup`, `tessera restore`.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use auth_store::backup;

use crate::{application::Application, assemble::Problems, logging};

#[derive(clap::Args)]
pub(super) struct Backup {
    /// The new file.
    to: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, application: Application) -> Result<ExitCode> {
        let assembly = application.assemble().map_err(Problems)?;
        logging::start(&assembly);
        let store = assembly.store().await?;
        let done = backup::backup(&store, &self.to).await;
        store.db().close().await;
        let bytes = done.with_context(|| format!("no backup in {}", self.to.display()))?;
        super::print(&format!("{bytes} bytes in {}\n", self.to.display()));
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(clap::Args)]
pub(super) struct Restore {
    /// The file that `tessera backup` has written.
    from: PathBuf,
}

impl Restore {
    pub(super) async fn run(self, application: Application) -> Result<ExitCode> {
        let assembly = application.assemble().map_err(Problems)?;
        logging::start(&assembly);
        let restored = backup::restore(&assembly.settings.database, &self.from)
            .await
            .with_context(|| format!("{} was not restored", self.from.display()))?;
        let mut text = format!("{} is restored; everybody has to sign in again\n", self.from.display());
        if let Some(before) = restored.before {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "what was there before is in {}", before.display());
        }
        text.push_str(
            "API keys, members and roles are those of the copy: take away again what was taken away since\n",
        );
        super::print(&text);
        Ok(ExitCode::SUCCESS)
    }
}
