//! `tessera user create | list | import | export | set-password | sign-out-all | reset-factors`.

use std::{
    fmt::Write as _,
    io::{BufRead, IsTerminal, Write as _},
    process::{Command as Process, ExitCode},
    sync::Arc,
};

use anyhow::{Context, Result, bail, ensure};
use auth_core::{
    Core, Failure, User, email,
    ports::{PasswordPolicy, SecondFactors},
    store::{Revoke, is_duplicate},
};
use clap::Subcommand;

use super::{explain, export::Export, import::Import};
use crate::{application::Application, logging};

/// Users that are read at a time.
const PAGE: u64 = 500;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Adds a user who can sign in with a password. No mail is sent.
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// The address counts as verified.
        #[arg(long)]
        verified: bool,
        #[command(flatten)]
        password: Password,
    },
    /// Prints id, address, name and state of every user, oldest first.
    List {
        /// Users at most.
        #[arg(long, default_value = "1000")]
        limit: usize,
    },
    /// Brings in users of another system, with their passwords. Can be run again and adds nothing twice;
    /// ends with 1 if something was skipped.
    Import(Import),
    /// Prints every user as a line of JSON, as `import --from tessera` reads it.
    Export(Export),
    /// Replaces a user's password and ends their sessions.
    SetPassword {
        #[arg(long)]
        email: String,
        #[command(flatten)]
        password: Password,
    },
    /// Ends all sessions of everybody: after a database was restored by its own tools, or a leak.
    SignOutAll,
    /// Takes a user's second factors away, for who has lost them, and tells the user by mail.
    ResetFactors {
        /// The user's address.
        email: String,
    },
}

/// Passwords never stand on the command line, where other users of the machine can read them.
#[derive(clap::Args)]
pub(super) struct Password {
    /// Reads the first line of standard input without asking.
    #[arg(long)]
    password_stdin: bool,
}

impl Command {
    pub(super) async fn run(self, application: Application) -> Result<ExitCode> {
        let assembly = application.with_secret()?;
        logging::start(&assembly);
        let running = assembly.start().await?;
        let done = self.act(running.host().core()).await;
        running.stop().await;
        done
    }

    async fn act(self, core: &Arc<Core>) -> Result<ExitCode> {
        let text = match self {
            Self::Import(import) => return import.run(core).await,
            Self::Export(export) => return export.run(core).await,
            Self::Create { email, name, verified, password } => {
                let email = address(&email)?;
                ensure!(!name.trim().is_empty(), "a user needs a name");
                let hash = password.hash(core).await?;
                let user =
                    User { email_verified: verified, ..core.users().draft(name.trim(), email.as_str()) };
                let tx = core.begin().await?;
                let user = match core.users().create(&tx, user).await {
                    Ok(user) => user,
                    Err(failure) if is_taken(&failure) => bail!("there is a user with {email} already"),
                    Err(failure) => return Err(explain(failure)),
                };
                let account = core.accounts().draft_credential(&user.id, hash);
                core.accounts().create(&tx, account).await.map_err(explain)?;
                tx.commit().await?;
                Ok(format!("{}  {}\n", user.id, user.email))
            }
            Self::List { limit } => list(core, limit).await,
            Self::SignOutAll => sign_out_all(core).await,
            Self::SetPassword { email, password } => {
                let user = find(core, &email).await?;
                let hash = password.hash(core).await?;
                let tx = core.begin().await?;
                core.accounts().set_password(&tx, &user.id, hash).await.map_err(explain)?;
                let ended = core.sessions().revoke(&tx, &user.id, Revoke::All).await.map_err(explain)?;
                tx.commit().await?;
                Ok(format!("{} has a new password; {} sessions were ended\n", user.email, ended.len()))
            }
            Self::ResetFactors { email } => {
                let factors = core.services().get::<dyn SecondFactors>();
                let factors = factors.context("no enabled plugin keeps second factors")?;
                let user = find(core, &email).await?;
                let had = factors.reset(core, &user).await.map_err(explain)?;
                let email = user.email;
                Ok(if had {
                    format!("{email} signs in without a second factor now, and was told by mail\n")
                } else {
                    format!("{email} has no second factor\n")
                })
            }
        };
        super::print(&text?);
        Ok(ExitCode::SUCCESS)
    }
}

/// User by user, so that caches, tokens and other nodes hear of each session.
async fn sign_out_all(core: &Arc<Core>) -> Result<String> {
    let (mut users, mut sessions) = (0_usize, 0);
    let mut last: Option<User> = None;
    loop {
        let page = core.users().page(core.db(), last.as_ref(), PAGE).await.map_err(explain)?;
        let Some(end) = page.last().cloned() else { break };
        for user in &page {
            let tx = core.begin().await?;
            sessions += core.sessions().revoke(&tx, &user.id, Revoke::All).await.map_err(explain)?.len();
            tx.commit().await?;
        }
        users += page.len();
        last = Some(end);
    }
    Ok(format!("{sessions} sessions of {users} users were ended\n"))
}

async fn list(core: &Core, limit: usize) -> Result<String> {
    let mut text = String::new();
    let mut last: Option<User> = None;
    let mut left = limit;
    while left > 0 {
        let most = PAGE.min(u64::try_from(left).unwrap_or(PAGE));
        let page = core.users().page(core.db(), last.as_ref(), most).await.map_err(explain)?;
        for user in &page {
            let state = if user.email_verified { "verified" } else { "unverified" };
            let created = user.created_at;
            // Writing to a string cannot fail. A name is a stranger's text: nothing of it may steer
            // the terminal.
            let _ = writeln!(
                text,
                "{}  {created}  {state:<10}  {}  {}",
                user.id,
                user.email.escape_debug(),
                user.name.escape_debug()
            );
        }
        left -= page.len().min(left);
        last = page.into_iter().last();
        if last.is_none() {
            break;
        }
    }
    Ok(text)
}

async fn find(core: &Core, email: &str) -> Result<User> {
    let email = address(email)?;
    let found = core.users().find_by_email(core.db(), &email).await.map_err(explain)?;
    found.with_context(|| format!("there is no user with {email}"))
}

fn address(text: &str) -> Result<String> {
    let email = email::normalize(text.trim());
    ensure!(email::is_valid(&email), "`{}` is no e-mail address", email.escape_debug());
    Ok(email)
}

pub(super) fn is_taken(failure: &Failure) -> bool {
    std::error::Error::source(failure).and_then(|source| source.downcast_ref()).is_some_and(is_duplicate)
}

impl Password {
    /// Reads a password, holds it to the enabled plugins' rules and hashes it.
    async fn hash(&self, core: &Core) -> Result<String> {
        let password = self.read().context("no password could be read")?;
        if let Some(policy) = core.services().get::<dyn PasswordPolicy>() {
            let unmet: Vec<_> = policy.unmet(&password).into_iter().map(|rule| rule.message).collect();
            ensure!(unmet.is_empty(), "{}", unmet.join("; "));
        }
        ensure!(!password.is_empty(), "a password must not be empty");
        Ok(core.passwords().hash(&password).await?)
    }

    fn read(&self) -> std::io::Result<String> {
        let asks = !self.password_stdin && std::io::stdin().is_terminal();
        if asks {
            write!(std::io::stderr(), "Password: ")?;
            echo(false);
        }
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        if asks {
            echo(true);
            writeln!(std::io::stderr())?;
        }
        read?;
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// Whether the terminal shows what is typed. Where it cannot be told, it does.
fn echo(on: bool) {
    drop(Process::new("stty").arg(if on { "echo" } else { "-echo" }).status());
}
