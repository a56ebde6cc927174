//! `tessera secret rotate`.

use std::{fmt::Write, process::ExitCode};

use anyhow::{Context, Result, bail};
use clap::Subcommand;

use crate::{
    application::Application,
    assemble::Problems,
    secret::{self, Kept},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Puts a new secret in front of the one that the server keeps for itself.
    Rotate,
}

impl Command {
    pub(super) fn run(self, application: Application) -> Result<ExitCode> {
        let Self::Rotate = self;
        let settings = application.clone().assemble().map_err(Problems)?.settings;
        if secret::is_configured(application.sources()) {
            bail!(
                "the secret comes from the configuration, so it is rotated there: put the new one first in \
                 `secrets`, as {{ version = 2, value = \"…\" }}, and keep the old ones behind it"
            );
        }
        let path = secret::path(&settings.data_dir);
        let kept = Kept::read(&path)?.with_context(|| {
            format!("there is no {} to rotate; the first `tessera serve` makes it", path.display())
        })?;
        let rotated = kept.rotate(&path)?;
        let mut text = format!(
            "{} has a new secret, version {}. Restart the server to use it.\n\
             What {} older one(s) sealed stays readable. Cookies are signed with the new one alone, so people \
             sign in again; refresh tokens count on until the older secret is removed.\n",
            path.display(),
            rotated.version,
            rotated.older,
        );
        for old in rotated.dropped {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "Dropped: {old}. What it sealed cannot be read any more.");
        }
        super::print(&text);
        Ok(ExitCode::SUCCESS)
    }
}
