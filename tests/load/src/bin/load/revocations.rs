//! How long a session that ends on one node is taken for good on another.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{Target, connection::Connection, figures::Figures};

const GIVEN_UP: Duration = Duration::from_secs(15);

struct Node {
    connection: Connection,
    host: SocketAddr,
}

impl Node {
    async fn open(host: SocketAddr) -> Result<Self> {
        Ok(Self { connection: Connection::open(host).await?, host })
    }

    /// The body of an answer, and its cookies.
    async fn ask(&mut self, line: &str, cookie: &str, body: Option<&str>) -> Result<(String, String)> {
        let host = self.host;
        let cookie = if cookie.is_empty() { String::new() } else { format!("cookie: {cookie}\r\n") };
        let length = body.map(str::len);
        let kind = length.map(|n| format!("content-type: application/json\r\ncontent-length: {n}\r\n"));
        let (kind, body) = (kind.unwrap_or_default(), body.unwrap_or_default());
        let head = format!("{line} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\n{cookie}{kind}");
        let request = format!("{head}\r\n{body}");
        let answer: Value =
            serde_json::from_str(&self.connection.exchange(request.as_bytes()).await?.describe()?)?;
        let text = answer.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
        ensure!(answer.get("status") == Some(&Value::from(200)), "{line}: {answer}");
        let cookies = answer.get("cookies").and_then(Value::as_array).into_iter().flatten();
        let pairs = cookies.filter_map(|cookie| cookie.as_str()?.split(';').next());
        Ok((text, pairs.collect::<Vec<_>>().join("; ")))
    }
}

/// Signs in on one node, is known on the other, and signs out on the first: the times until the other knows.
/// The body of the target is that of the sign-in.
pub(crate) async fn measure(target: Target, other: SocketAddr, rounds: usize) -> Result<String> {
    ensure!(other.ip().is_loopback(), "{other} is not this machine");
    let body = target.body.as_deref().context("--body has to sign somebody in")?;
    let (mut here, mut there) = (Node::open(target.address).await?, Node::open(other).await?);
    let mut figures = Figures::default();
    for _ in 0..rounds {
        let (_, cookie) = here.ask("POST /api/auth/sign-in/email", "", Some(body)).await?;
        for _ in 0..3 {
            let (known, _) = there.ask("GET /api/auth/get-session", &cookie, None).await?;
            ensure!(known != "null", "the other node does not know the session");
        }
        here.ask("POST /api/auth/sign-out", &cookie, Some("{}")).await?;
        let ended = Instant::now();
        loop {
            if there.ask("GET /api/auth/get-session", &cookie, None).await?.0 == "null" {
                break;
            }
            ensure!(ended.elapsed() < GIVEN_UP, "the other node still takes the session");
        }
        figures.add(ended.elapsed(), 200);
    }
    Ok(serde_json::to_string(&figures.summary(Duration::from_secs(1)))?)
}
