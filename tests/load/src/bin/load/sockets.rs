//! Many idle WebSockets. Only the handshake and the answers to pings are spoken here.

use std::{
    io::Write as _,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::Target;

/// Handshakes at the same time.
const AT_ONCE: usize = 64;
/// An empty pong, masked with zeros.
const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// Opens sockets, says how many there are, and holds them.
pub(crate) async fn hold(target: Target, count: usize, length: Duration) -> Result<String> {
    let target = Rc::new(target);
    let began = Instant::now();
    let mut open = Vec::with_capacity(count);
    for from in (0..count).step_by(AT_ONCE) {
        let batch = from..(from + AT_ONCE).min(count);
        let opening: Vec<_> = batch.map(|_| tokio::task::spawn_local(handshake(target.clone()))).collect();
        for one in opening {
            open.push(one.await??);
        }
    }
    // Who measures waits for this line.
    println!("{}", json!({ "open": open.len(), "seconds": began.elapsed().as_secs_f64() }));
    std::io::stdout().flush()?;
    let held: Vec<_> = open.into_iter().map(|socket| tokio::task::spawn_local(live(socket))).collect();
    tokio::time::sleep(length).await;
    let ended = held.iter().filter(|task| task.is_finished()).count();
    Ok(json!({ "ended": ended }).to_string())
}

async fn handshake(target: Rc<Target>) -> Result<TcpStream> {
    let mut socket = TcpStream::connect(target.address).await?;
    let request = format!(
        "{}connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: tessera.v1\r\n\r\n",
        target.head
    );
    socket.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte =
            timeout(Duration::from_secs(30), socket.read_u8()).await.context("no handshake in time")??;
        head.push(byte);
        ensure!(head.len() < 8192, "the handshake's answer has no end");
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        bail!("no socket: {}", String::from_utf8_lossy(&head).lines().next().unwrap_or_default());
    }
    Ok(socket)
}

/// Reads what comes until the end, and answers pings.
async fn live(mut socket: TcpStream) -> Result<()> {
    let mut payload = Vec::new();
    loop {
        let kind = socket.read_u8().await? & 0x0f;
        let length = match socket.read_u8().await? {
            126 => usize::from(socket.read_u16().await?),
            length => usize::from(length),
        };
        payload.resize(length, 0);
        socket.read_exact(&mut payload).await?;
        match kind {
            9 => socket.write_all(&PONG).await?,
            8 => bail!("closed"),
            _ => {}
        }
    }
}
