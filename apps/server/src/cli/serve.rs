//! `tessera serve`.

use std::{net::SocketAddr, process::ExitCode};

use anyhow::{Context, Result};
use tokio::net::TcpListener;

use crate::{application::Application, assemble::Problems, banner, logging, program::Program};

pub(super) async fn run(
    application: Application,
    program: &Program,
    layers: super::Layers,
) -> Result<ExitCode> {
    let assembly = application.clone().assemble().map_err(Problems)?;
    let (traces, _log_files) = logging::start_server(&assembly)?;
    let server = &assembly.settings.server;
    let listener = bind(SocketAddr::new(server.host, server.port)).await?;
    let assembly = application.at(&listener)?.with_secret()?;
    let greeting = banner::text(&assembly.plan, &assembly.settings);
    let mut running = assembly.start().await?;
    running.observe().await?;
    super::print(&greeting);
    let host = running.host().clone();
    let (file, program) = (layers.file(), program.clone());
    let read = move || Ok(program.application(layers.sources()?));
    let rules = tokio::spawn(super::reload::watch(host, file, read));
    let router = running.router();
    running.serve(listener, router, told_to_stop()).await;
    rules.abort();
    traces.stop().await;
    Ok(ExitCode::SUCCESS)
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; choose another port with `--set server.port=<port>`")
    })
}

/// Ctrl-C or SIGTERM. A second one ends the program at once.
async fn told_to_stop() {
    signal().await;
    tracing::info!("stopping: requests that run are finished first");
    tokio::spawn(async {
        signal().await;
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => terminate.recv().await,
            Err(error) => {
                tracing::warn!(%error, "SIGTERM will end the server at once");
                std::future::pending().await
            }
        }
    };
    tokio::select! {
        _ = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    drop(tokio::signal::ctrl_c().await);
}
