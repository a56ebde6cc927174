//! `tessera health`: for what looks after containers and has no HTTP client.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{application::Application, assemble::Problems};

const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn run(application: Application) -> Result<ExitCode> {
    let settings = application.assemble().map_err(Problems)?.settings;
    let mut at = SocketAddr::new(settings.server.host, settings.server.port);
    if at.ip().is_unspecified() {
        at.set_ip(if at.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    let answer = timeout(PATIENCE, ask(at)).await.with_context(|| format!("{at} does not answer"))??;
    let status = answer.split(' ').nth(1).unwrap_or("nothing");
    if status != "200" {
        bail!("{at} is not ready: {status}");
    }
    super::print("ready\n");
    Ok(ExitCode::SUCCESS)
}

async fn ask(at: SocketAddr) -> Result<String> {
    let mut stream = TcpStream::connect(at).await.with_context(|| format!("nobody listens on {at}"))?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
