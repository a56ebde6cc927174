//! Rate rules that change while the server runs: it reads `[rate_limit]` again on SIGHUP, and when the
//! configuration file has changed.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Result;
use auth_core::Problem;
use auth_host::Host;

use crate::{application::Application, assemble::Problems};

/// Between two looks at the file.
const LOOK: Duration = Duration::from_secs(2);

/// Watches for as long as the server runs. `read` reads all layers of the configuration anew.
pub(super) async fn watch(host: Arc<Host>, file: PathBuf, read: impl Fn() -> Result<Application>) {
    let mut signals = hangups();
    let mut seen = look(&file);
    loop {
        tokio::select! {
            () = signals.next() => {}
            () = tokio::time::sleep(LOOK) => {
                if look(&file) == seen {
                    continue;
                }
            }
        }
        seen = look(&file);
        match reload(&host, &read) {
            Ok(()) => tracing::info!("the rate limits of the configuration hold from now on"),
            Err(wrong) => tracing::error!("the rate limits stay as they are, because {wrong:#}"),
        }
    }
}

/// What of a file tells that it is another one than before.
fn look(file: &Path) -> Option<(SystemTime, u64)> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// All of the configuration has to be right, so that the server would start with it too.
fn reload(host: &Host, read: impl Fn() -> Result<Application>) -> Result<()> {
    let in_order = |problems: Vec<Problem>| Problems(problems);
    let assembly = read()?.assemble().map_err(in_order)?;
    host.set_rate_limits(&assembly.plan.config().rate_limit).map_err(in_order)?;
    Ok(())
}

#[cfg(unix)]
struct Hangups(Option<tokio::signal::unix::Signal>);

/// At a terminal SIGHUP says that it was closed, and the server ends with it.
#[cfg(unix)]
fn hangups() -> Hangups {
    use std::io::IsTerminal;
    use tokio::signal::unix::{SignalKind, signal};
    if std::io::stdin().is_terminal() {
        return Hangups(None);
    }
    let signals = signal(SignalKind::hangup());
    Hangups(signals.inspect_err(|error| tracing::warn!(%error, "SIGHUP will end the server")).ok())
}

#[cfg(unix)]
impl Hangups {
    async fn next(&mut self) {
        let told = match &mut self.0 {
            Some(signals) => signals.recv().await,
            None => None,
        };
        if told.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
struct Hangups;

#[cfg(not(unix))]
fn hangups() -> Hangups {
    Hangups
}

#[cfg(not(unix))]
impl Hangups {
    async fn next(&mut self) {
        std::future::pending().await
    }
}
