//! `tessera user export`: everybody in the neutral format that `tessera user import` reads.

use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use anyhow::{Context, Result};
use auth_core::{Core, User};

use super::{explain, import::Person};

/// Users that are read at a time.
const PAGE: u64 = 500;

#[derive(clap::Args)]
pub(super) struct Export {
    /// With the hashes of passwords. Keep such a file as you keep the database.
    #[arg(long)]
    with_hashes: bool,
    /// With the tokens that providers gave.
    #[arg(long)]
    with_tokens: bool,
}

impl Export {
    pub(super) async fn run(self, core: &Core) -> Result<ExitCode> {
        let mut last: Option<User> = None;
        loop {
            let page = core.users().page(core.db(), last.as_ref(), PAGE).await.map_err(explain)?;
            let Some(end) = page.last().cloned() else { break };
            let mut lines = Vec::new();
            for user in page {
                let accounts = core.accounts().list(core.db(), &user.id).await.map_err(explain)?;
                let person = Person::of(user, accounts, self.with_hashes, self.with_tokens);
                serde_json::to_writer(&mut lines, &person)?;
                lines.push(b'\n');
            }
            // Half an export has to be an error, unlike half a list.
            let mut out = BufWriter::new(io::stdout().lock());
            out.write_all(&lines).and_then(|()| out.flush()).context("the export could not be written")?;
            last = Some(end);
        }
        Ok(ExitCode::SUCCESS)
    }
}
