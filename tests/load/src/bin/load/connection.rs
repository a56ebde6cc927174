//! As much of HTTP/1.1 as these answers need: those with a length, and those in pieces.

use std::{borrow::Cow, net::SocketAddr};

use anyhow::{Context, Result, bail};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A kept connection with its buffer.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer; its head is still in the connection's buffer.
pub(crate) struct Answer<'b> {
    head: &'b [u8],
    body: Cow<'b, [u8]>,
}

/// How a head says where its body ends.
enum Length {
    Known(usize),
    Pieces,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot reach {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        let begin = loop {
            self.read().await?;
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
        };
        match length(self.buffer.get(..begin).unwrap_or_default())? {
            Length::Known(length) => {
                while self.buffer.len() < begin + length {
                    self.read().await?;
                }
                let (head, rest) = self.buffer.split_at(begin);
                Ok(Answer { head, body: Cow::Borrowed(rest.get(..length).unwrap_or_default()) })
            }
            Length::Pieces => loop {
                if let Some(body) = join(self.buffer.get(begin..).unwrap_or_default())? {
                    let head = self.buffer.get(..begin).unwrap_or_default();
                    return Ok(Answer { head, body: Cow::Owned(body) });
                }
                self.read().await?;
            },
        }
    }

    async fn read(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the connection ended within an answer");
        }
        Ok(())
    }
}

/// The body of an answer in pieces, once the last one is there.
fn join(mut rest: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    loop {
        let Some(end) = find(rest, b"\r\n") else { return Ok(None) };
        let (size, after) = rest.split_at(end);
        let size = std::str::from_utf8(size).unwrap_or_default().split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).context("a piece without a size")?;
        // The line's end, the piece, and the piece's own end.
        let Some(piece) = after.get(2..2 + size) else { return Ok(None) };
        let Some(next) = after.get(2 + size + 2..) else { return Ok(None) };
        if size == 0 {
            return Ok(Some(body));
        }
        body.extend_from_slice(piece);
        rest = next;
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn headers(head: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let lines = std::str::from_utf8(head).unwrap_or_default().split("\r\n").skip(1);
    lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim()))
}

fn length(head: &[u8]) -> Result<Length> {
    let mut length = Length::Known(0);
    for (name, value) in headers(head) {
        if name.eq_ignore_ascii_case("content-length") {
            length = Length::Known(value.parse().context("a length that is no number")?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            length = Length::Pieces;
        }
    }
    Ok(length)
}

impl Answer<'_> {
    /// 0 for one that cannot be read.
    pub(crate) fn status(&self) -> u16 {
        let digits = self.head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn describe(&self) -> Result<String> {
        let cookies: Vec<_> = headers(self.head)
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .map(|(_, v)| v)
            .collect();
        let body = std::str::from_utf8(&self.body).context("the body is not text")?;
        Ok(json!({ "status": self.status(), "cookies": cookies, "body": body }).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_from_its_head() -> Result<()> {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nset-cookie: a=b; Path=/\r\n\r\n";
        assert!(matches!(length(head)?, Length::Known(12)));
        assert!(matches!(length(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked")?, Length::Pieces));
        let answer = Answer { head, body: Cow::Borrowed(b"{}") };
        assert_eq!(answer.status(), 200);
        assert!(answer.describe()?.contains("a=b; Path=/"));
        Ok(())
    }

    #[test]
    fn pieces_are_joined_once_all_are_there() -> Result<()> {
        let whole = b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        assert_eq!(join(whole)?.as_deref(), Some(&b"abcde"[..]));
        for end in 0..whole.len() {
            assert_eq!(join(whole.get(..end).unwrap_or_default())?, None, "{end}");
        }
        assert!(join(b"zz\r\n").is_err());
        Ok(())
    }
}
