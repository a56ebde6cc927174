//! Replies that go on: WebSockets and streams of events.
//!
//! A handler answers with a [`Dialogue`] or an [`EventStream`]; the edge does the handshake and the rest of the
//! transport. Both end when the server stops: [`Core::stopping`](crate::Core::stopping).

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::{Sink, Stream, future::BoxFuture};
use http::{HeaderMap, StatusCode, header};

use crate::{
    Failure,
    endpoint::{EndpointDoc, IntoReply, Reply, ReplyBody, ReplyDoc},
};

/// What goes over a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A text.
    Text(Utf8),
    /// Bytes.
    Binary(Bytes),
    /// Pings of the other end are answered by the edge.
    Ping,
    /// The answer to a ping: the other end is there.
    Pong,
    /// The last message: why it closes, by the numbers of RFC 6455, and a word on it.
    Close(u16, &'static str),
}

/// Text whose copies share their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Utf8(Bytes);

impl Utf8 {
    /// `None` for what is no UTF-8.
    #[must_use]
    pub fn new(bytes: Bytes) -> Option<Self> {
        std::str::from_utf8(&bytes).is_ok().then_some(Self(bytes))
    }

    /// The text; copies nothing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Its bytes; copies nothing.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl From<String> for Utf8 {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// Why nothing more comes from a socket, or goes into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The connection has ended, or was cut.
    #[error("the other end has gone")]
    Gone,
    /// More than [`SocketLimits::max_message`].
    #[error("a message was too large")]
    TooLarge,
    /// A text message with other bytes in it.
    #[error("a text was no UTF-8")]
    NoText,
    /// Frames that RFC 6455 does not know.
    #[error("the protocol was not kept")]
    Protocol,
}

impl Broken {
    /// What it is closed with, where there is still somebody who could be told.
    #[must_use]
    pub fn code(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Gone => None,
            Self::TooLarge => Some((1009, "message too large")),
            Self::NoText => Some((1007, "text that is no UTF-8")),
            Self::Protocol => Some((1002, "protocol error")),
        }
    }
}

/// A WebSocket after its handshake: a stream of the client's messages and a sink for ours.
///
/// ```
/// use auth_core::socket::{BoxSocket, Message};
/// use futures_util::{SinkExt, StreamExt};
///
/// /// Says everything back until the client goes.
/// async fn echo(mut socket: BoxSocket) {
///     while let Some(Ok(message)) = socket.next().await {
///         let answered = match message {
///             Message::Text(text) => socket.send(Message::Text(text)).await,
///             Message::Close(..) => break,
///             _ => Ok(()),
///         };
///         if answered.is_err() {
///             break;
///         }
///     }
/// }
/// ```
pub trait Socket: Stream<Item = Result<Message, Broken>> + Sink<Message, Error = Broken> + Send {}

impl<S: Stream<Item = Result<Message, Broken>> + Sink<Message, Error = Broken> + Send> Socket for S {}

/// A socket without its type.
pub type BoxSocket = Pin<Box<dyn Socket>>;

/// What serves a socket until its end.
pub type Serve = Box<dyn FnOnce(BoxSocket) -> BoxFuture<'static, ()> + Send>;

/// Sizes that a socket is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketLimits {
    /// Bytes of a message from the client, over all of its frames.
    pub max_message: usize,
    /// Bytes that may wait for a client that does not read.
    pub max_waiting: usize,
}

/// What can be taken once.
pub struct Once<T>(Arc<Mutex<Option<T>>>);

impl<T> Once<T> {
    /// Something that is there.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }

    /// The value, for whoever comes first, over all copies.
    #[must_use]
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Clone for Once<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once")
    }
}

/// A WebSocket that the client asked for, accepted.
///
/// ```
/// use auth_core::{
///     Failure, Key, Session, get,
///     socket::{BoxSocket, Dialogue, SocketLimits},
/// };
///
/// const LIVE: Key<(), ()> = Key::new("liveNotes");
///
/// // An application's own socket goes through the service `ports::Sockets`, which ends it with the session.
/// async fn live(_: Session) -> Result<Dialogue, Failure> {
///     Ok(Dialogue {
///         protocol: None,
///         limits: SocketLimits { max_message: 4096, max_waiting: 65_536 },
///         serve: Box::new(|socket: BoxSocket| Box::pin(async move { drop(socket) })),
///     })
/// }
///
/// let endpoint = get(LIVE, "/notes/live", live);
/// # assert_eq!(endpoint.document(Default::default()).facts.replies[0].status, 101);
/// ```
pub struct Dialogue {
    /// One of those that the client offered.
    pub protocol: Option<&'static str>,
    /// What the edge holds the client to.
    pub limits: SocketLimits,
    /// What runs once the handshake is done. The socket closes when it ends.
    pub serve: Serve,
}

impl IntoReply for Dialogue {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::new(StatusCode::SWITCHING_PROTOCOLS, ReplyBody::Socket(Once::new(self))))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.facts.replies.push(ReplyDoc {
            status: 101,
            content_type: None,
            schema: None,
            description: "The WebSocket is open",
        });
    }
}

/// Bytes that come as they happen, without their type.
pub type BoxStream = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

/// Server-sent events, for as long as the client listens.
pub struct EventStream(pub BoxStream);

impl IntoReply for EventStream {
    fn into_reply(self) -> Result<Reply, Failure> {
        let mut reply = Reply::new(StatusCode::OK, ReplyBody::Events(Once::new(self.0)));
        reply.headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        // nginx would keep them back until there are many.
        reply.headers.insert("x-accel-buffering", header::HeaderValue::from_static("no"));
        Ok(reply)
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.facts.replies.push(ReplyDoc {
            status: 200,
            content_type: Some("text/event-stream"),
            schema: None,
            description: "Events, one after the other",
        });
    }
}

/// Whether a request asks for a WebSocket as RFC 6455 has it. HTTP/2 has a way of its own, which the edge
/// does not offer.
#[must_use]
pub fn is_upgrade(headers: &HeaderMap) -> bool {
    let names = |name, word: &str| {
        let values =
            headers.get_all(name).iter().filter_map(|value: &header::HeaderValue| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(word))
    };
    // Nearly no request has this one, and every request is asked.
    headers.contains_key(header::SEC_WEBSOCKET_KEY)
        && names(header::CONNECTION, "upgrade")
        && names(header::UPGRADE, "websocket")
        && headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13")
}

/// The protocols that a client offers for its socket, in its order.
pub fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}
