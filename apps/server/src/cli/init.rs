//! `tessera init`.

use std::{fs, io::Write, path::Path, process::ExitCode};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::secret::{self, Kept};

/// A configuration in which everything is a comment or a default.
pub(crate) const TEMPLATE: &str = include_str!("init.toml");

#[derive(Args)]
pub(super) struct Init {
    /// Replaces a configuration that is there. The secret always stays.
    #[arg(long)]
    force: bool,
}

impl Init {
    pub(super) fn run(&self, file: Option<&Path>) -> Result<ExitCode> {
        let file = file.unwrap_or_else(|| Path::new(super::DEFAULT_FILE));
        let mut options = fs::OpenOptions::new();
        options.write(true);
        if self.force {
            options.create(true).truncate(true)
        } else {
            options.create_new(true)
        };
        match options.open(file) {
            Ok(mut opened) => opened.write_all(TEMPLATE.as_bytes())?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                bail!("{} is there already; `--force` replaces it", file.display())
            }
            Err(error) => return Err(error).with_context(|| format!("cannot write {}", file.display())),
        }
        let path = secret::path(Path::new("data"));
        let kept = Kept::read(&path)?.is_some();
        if !kept {
            Kept::create(&path)?;
        }
        super::print(&format!(
            "wrote {}\n{} {}\n\nNext: `tessera`\n",
            file.display(),
            if kept { "kept" } else { "wrote" },
            path.display(),
        ));
        Ok(ExitCode::SUCCESS)
    }
}
