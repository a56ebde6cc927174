//! `tessera user import`: users of other systems, with their passwords and accounts.
//!
//! A thread reads the file record by record, and waits where the database is slower; so the size of the
//! file does not matter.

mod better_auth;
mod compare;
mod keycloak;
mod next_auth;
mod ory;
mod person;
mod report;
mod row;
mod source;
mod split;
mod supabase;
mod write;

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, Result};
use auth_core::{Core, ports::PasswordPolicy};
use tokio::sync::mpsc;

pub(super) use person::Person;
use report::Report;
use source::Source;
use write::{Options, Writer};

use crate::plugins::COMPILED;

/// Records that wait for the database.
const AHEAD: usize = 256;

#[derive(clap::Args)]
pub(super) struct Import {
    /// The system that the file comes from.
    #[arg(long, value_enum)]
    from: Source,
    /// The export; `-` for standard input.
    file: PathBuf,
    /// Tells what would happen and writes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Brings over what changed at the source since the last time.
    #[arg(long)]
    update: bool,
    /// Users keep the ids of the source, where they are plain texts of at most 64 letters.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    keep_ids: bool,
    /// Users whose password cannot be verified here come without it, and reset it.
    #[arg(long)]
    drop_unusable_passwords: bool,
    /// Prints a JSON object a line; the last one is the sum.
    #[arg(long)]
    json: bool,
}

impl Import {
    /// Ends with 1 if a record was skipped.
    pub(super) async fn run(self, core: &Arc<Core>) -> Result<ExitCode> {
        let input: Box<dyn Read + Send> = if self.file.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            let opened = File::open(&self.file);
            Box::new(opened.with_context(|| format!("cannot open {}", self.file.display()))?)
        };
        let mut report = Report::new(self.json, self.dry_run);
        let options = Options {
            dry_run: self.dry_run,
            update: self.update,
            keep_ids: self.keep_ids,
            drop_unusable: self.drop_unusable_passwords,
            links: self.from.has_links(),
        };
        let mut writer = Writer::new(core, options, &mut report).await?;
        let (hand, mut items) = mpsc::channel(AHEAD);
        let (from, now) = (self.from, core.now());
        let reader = tokio::task::spawn_blocking(move || {
            from.each(now, input, |item| hand.blocking_send(item).is_ok())
        });
        let mut done = Ok(());
        while let Some(item) = items.recv().await {
            done = writer.push(item).await;
            if done.is_err() {
                break;
            }
        }
        drop(items);
        if done.is_ok() {
            done = writer.flush().await;
        }
        let read = reader.await.context("the reader broke off")?;
        let done = done.and(read.with_context(|| format!("cannot read {} to its end", self.file.display())));
        notes(core, &mut report);
        // Also of what was written before it broke off.
        report.end();
        done?;
        Ok(if report.skipped > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// What of the users nobody here makes use of.
fn notes(core: &Core, report: &mut Report) {
    if report.has_passwords() && core.services().get::<dyn PasswordPolicy>().is_none() {
        let state = if COMPILED.contains(&"email-password") { "enabled" } else { "compiled in" };
        report.note(format!("nobody can sign in with a password: the plugin email-password is not {state}"));
    }
    if report.has_accounts() {
        let accounts = "accounts at providers are kept, but this server signs nobody in with a provider";
        report.note(accounts.to_owned());
        if !COMPILED.contains(&"account") {
            report.note("users cannot see their accounts: the plugin account is not compiled in".to_owned());
        }
    }
}
