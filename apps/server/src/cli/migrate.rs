//! `tessera migrate status | plan | up`.

use std::{fmt::Write, process::ExitCode};

use anyhow::Result;
use auth_core::ports::{Clock, SystemClock};
use auth_store::migrate::{self, State};
use clap::Subcommand;

use crate::{application::Application, assemble::Problems, logging};

#[derive(Subcommand)]
pub(super) enum Command {
    /// How far the database is from what the enabled plugins need; ends with 1 if something is missing.
    Status,
    /// Prints the SQL that `up` would run.
    Plan,
    /// Makes what is missing. Changes and deletes nothing.
    Up,
}

impl Command {
    pub(super) async fn run(self, application: Application) -> Result<ExitCode> {
        let assembly = application.assemble().map_err(Problems)?;
        logging::start(&assembly);
        let owners = assembly.plan.owners();
        let store = match self {
            Self::Status | Self::Plan => assembly.store_to_look_at().await?,
            Self::Up => assembly.store().await?,
        };
        let mut text = String::new();
        let mut done = true;
        // Writing to a string cannot fail.
        match self {
            Self::Status => {
                let status = migrate::status(&store.db(), &owners).await?;
                done = status.is_up_to_date();
                for owner in &status.owners {
                    let state = match owner.state {
                        State::Never => "never migrated".to_owned(),
                        State::Pending => format!("{} statements missing", owner.pending),
                        State::UpToDate => "up to date".to_owned(),
                    };
                    let since =
                        owner.recorded.as_ref().map(|(_, at)| format!(" since {at}")).unwrap_or_default();
                    let _ = writeln!(text, "{:<20} {state}{since}", owner.owner);
                }
                status.refusals.iter().for_each(|r| {
                    let _ = writeln!(text, "refused: {r}");
                });
                status.warnings.iter().for_each(|w| {
                    let _ = writeln!(text, "warning: {w}");
                });
            }
            Self::Plan => {
                let mut owner = "";
                for step in migrate::plan(&store.db(), &owners).await? {
                    if step.owner != owner {
                        owner = step.owner;
                        let _ = writeln!(text, "-- {owner}");
                    }
                    let _ = writeln!(text, "{};", step.sql);
                }
                if text.is_empty() {
                    text.push_str("-- nothing is missing\n");
                }
            }
            Self::Up => {
                let report = migrate::up(&store, &owners, SystemClock.now()).await?;
                report.warnings.iter().for_each(|w| {
                    let _ = writeln!(text, "warning: {w}");
                });
                match report.applied.len() {
                    0 => text.push_str("nothing was missing\n"),
                    count => {
                        let _ = writeln!(text, "{count} statements for {}", report.recorded.join(", "));
                    }
                }
            }
        }
        super::print(&text);
        store.db().close().await;
        Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
