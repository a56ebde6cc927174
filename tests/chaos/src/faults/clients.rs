//! Clients that do not behave, and very many that do.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    http,
    scenarios::{World, newcomer},
};

const USERS: usize = 1000;
const CROWDED: Duration = Duration::from_secs(3);
const SOCKETS: usize = 100;

#[expect(clippy::unnecessary_wraps, reason = "one type for all faults")]
pub(crate) fn slow(world: &mut World) -> Result<bool> {
    let mut slow: Vec<TcpStream> = Vec::new();
    for at in 0..1000 {
        let Some(node) = world.nodes.get(at % 2) else { continue };
        if let Ok(stream) = TcpStream::connect(node.at) {
            slow.push(stream);
        }
    }
    let many = slow.len() == 1000;
    for byte in b"GET /api/auth/ok" {
        slow.retain_mut(|stream| stream.write_all(&[*byte]).is_ok());
        thread::sleep(Duration::from_millis(100));
    }
    Ok(many)
}

/// Each says that 10 MB come, and sends one of them. All are closed with 1009, and the nodes do not grow.
pub(crate) fn large_frames(world: &mut World) -> Result<bool> {
    let mut closed = 0;
    for node in &world.nodes {
        let cookie = newcomer(node.at)?;
        let before = node.memory_kib()?;
        let mut open = (0..SOCKETS / 2).map(|_| open(node.at, &cookie)).collect::<Result<Vec<_>>>()?;
        let head = [0x81, 0xff, 0, 0, 0, 0, 0, 0x9f, 0x40, 0, 0, 0, 0, 0];
        let part = vec![b'x'; 64 * 1024];
        for socket in &mut open {
            socket.write_all(&head)?;
            for _ in 0..16 {
                // It may be closed before all of it was sent.
                if socket.write_all(&part).is_err() {
                    break;
                }
            }
        }
        let grown = node.memory_kib()?.saturating_sub(before);
        if grown > 50 * 1024 {
            println!("  a node has grown by {grown} KiB");
            return Ok(false);
        }
        for mut socket in open {
            let mut said = Vec::new();
            // After the close frame the connection is cut, for there is more than anybody reads.
            drop(socket.read_to_end(&mut said));
            closed += usize::from(
                said.windows(4)
                    .any(|part| part.first() == Some(&0x88) && part.get(2..) == Some(&[0x03, 0xf1])),
            );
        }
    }
    if closed < SOCKETS {
        println!("  {closed} of {SOCKETS} were closed with 1009");
    }
    // A close frame can be lost with the connection that is cut behind it.
    Ok(closed * 100 >= SOCKETS * 95)
}

fn open(node: SocketAddr, cookie: &str) -> Result<TcpStream> {
    let mut socket = TcpStream::connect(node)?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    let request = format!(
        "GET /ws HTTP/1.1\r\nhost: {node}\r\norigin: http://127.0.0.1:1\r\ncookie: {cookie}\r\nconnection: Upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    socket.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        head.extend(byte);
    }
    anyhow::ensure!(head.starts_with(b"HTTP/1.1 101"), "no socket: {}", String::from_utf8_lossy(&head));
    Ok(socket)
}

/// Each user asks who they are, again and again.
pub(crate) fn crowd(world: &mut World) -> Result<bool> {
    let nodes: Vec<SocketAddr> = world.nodes.iter().map(|node| node.at).collect();
    let first = *nodes.first().context("no node")?;
    let cookie = Arc::new(newcomer(first)?);
    let (asked, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let until = Instant::now() + CROWDED;
    let users: Vec<_> = (0..USERS)
        .map(|at| {
            let node = nodes.get(at % nodes.len().max(1)).copied().unwrap_or(first);
            let (cookie, asked, failed) = (cookie.clone(), asked.clone(), failed.clone());
            thread::Builder::new().stack_size(64 * 1024).spawn(move || {
                while Instant::now() < until {
                    let answer = http::send(node, "GET", "/api/auth/get-session", &cookie, "");
                    asked.fetch_add(1, Ordering::Relaxed);
                    if answer.is_none_or(|answer| answer.status != 200 || answer.body() == "null") {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect::<std::io::Result<_>>()?;
    for user in users {
        drop(user.join());
    }
    let (asked, failed) = (asked.load(Ordering::Relaxed), failed.load(Ordering::Relaxed));
    println!("  the crowd: {asked} requests, {failed} errors");
    Ok(failed * 100 < asked)
}
