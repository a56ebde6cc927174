//! What can go wrong.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a transport failed, in its own words.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a call has no result. `C` are the codes that its endpoint declares.
#[derive(Debug, thiserror::Error)]
pub enum Error<C = String> {
    /// The server refused.
    #[error("{0}")]
    Refused(Box<Refusal<C>>),
    /// There was no answer.
    #[error("no answer: {0}")]
    Transport(#[source] BoxError),
    /// There was an answer that the client does not understand.
    #[error("{0}")]
    Unexpected(Box<Unexpected>),
    /// The request could not be written.
    #[error("cannot be sent: {0}")]
    Request(#[source] BoxError),
}

/// What the server says when it refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal<C> {
    pub status: StatusCode,
    /// What programs look at. Some refusals have none.
    pub code: Option<C>,
    /// What people read.
    pub message: String,
    /// Names the request in the server's logs.
    pub trace_id: Option<String>,
    /// How long to wait before another attempt.
    pub retry_after: Option<Duration>,
}

/// A success that is not of the declared type, such as a challenge by a plugin that the client was not
/// written for.
pub struct Unexpected {
    pub status: StatusCode,
    pub trace_id: Option<String>,
    /// What was answered. It may hold secrets and is not shown.
    pub body: Bytes,
    pub source: BoxError,
}

impl<C> Error<C> {
    pub fn refusal(&self) -> Option<&Refusal<C>> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    pub fn code(&self) -> Option<&C> {
        self.refusal()?.code.as_ref()
    }

    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Unexpected(unexpected) => Some(unexpected.status),
            Self::Transport(_) | Self::Request(_) => None,
        }
    }

    pub fn trace_id(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.trace_id.as_deref(),
            Self::Unexpected(unexpected) => unexpected.trace_id.as_deref(),
            Self::Transport(_) | Self::Request(_) => None,
        }
    }

    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal()?.retry_after
    }
}

impl<C> fmt::Display for Refusal<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}: {}", self.status.as_u16(), self.message)
    }
}

impl Unexpected {
    /// The answer as another type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

impl fmt::Debug for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unexpected")
            .field("status", &self.status)
            .field("trace_id", &self.trace_id)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Unexpected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an answer with {} that was not expected: {}", self.status.as_u16(), self.source)
    }
}

impl<C: DeserializeOwned> Refusal<C> {
    /// Reads a refusal. A proxy on the way may answer in words of its own.
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let said: Value = serde_json::from_slice(body).unwrap_or_default();
        let message = said.get("message").and_then(Value::as_str);
        let message = message.or_else(|| status.canonical_reason()).unwrap_or_default();
        let seconds = text(headers, "retry-after").or_else(|| text(headers, "x-retry-after"));
        Self {
            status,
            code: said.get("code").filter(|code| code.is_string()).and_then(|code| C::deserialize(code).ok()),
            message: message.to_owned(),
            trace_id: trace_id(headers),
            retry_after: seconds.and_then(|s| s.trim().parse().ok()).map(Duration::from_secs),
        }
    }
}

pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

pub(crate) fn trace_id(headers: &HeaderMap) -> Option<String> {
    text(headers, "x-trace-id").map(str::to_owned)
}
