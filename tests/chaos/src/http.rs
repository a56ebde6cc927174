//! Requests of a client that is easily told what went wrong: one connection each.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// Longer than any answer may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// `None` where there was no whole answer.
pub(crate) fn send(at: SocketAddr, method: &str, path: &str, cookie: &str, body: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect_timeout(&at, Duration::from_secs(5)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let cookie = if cookie.is_empty() {
        String::new()
    } else {
        format!("cookie: {cookie}\r\norigin: http://{at}\r\n")
    };
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n{cookie}{kind}content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (rest.len() == length).then_some(Answer { status, text })
}

impl Answer {
    /// The session's cookie.
    pub(crate) fn session(&self) -> Option<String> {
        let set = self.text.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
        let mut own = set.filter(|cookie| cookie.contains("session_token="));
        own.next()?.split(';').next().map(str::to_owned)
    }

    pub(crate) fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}
