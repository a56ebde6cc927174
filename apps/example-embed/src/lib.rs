//! Two ways to have Tessera inside of a program that is no axum application.
//!
//! - [`bare_hyper`] serves it from a hyper server that has addresses of its own.
//! - [`in_process`] calls its endpoints as functions; no port is opened.
//!
//! Both begin with [`start`], as every embedder does.

pub mod bare_hyper;
pub mod in_process;

use anyhow::Result;
use auth_host::Sources;
use tessera::{Application, Running};

/// Opens the database and starts the plugins; nothing listens yet.
pub async fn start(sources: Sources) -> Result<Running> {
    let sources = sources.set("plugins.bearer.enabled", true).set("mail.transport", "console");
    Application::new(sources).with_secret()?.start().await
}
