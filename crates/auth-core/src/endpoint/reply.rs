//! Replies.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{EndpointDoc, ReplyDoc};
use crate::{
    Failure,
    socket::{BoxStream, Dialogue, Once},
};

/// What a handler answers; hooks may replace it.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What the handler chose; hooks may have changed it.
    pub status: StatusCode,
    /// Besides `Content-Type`, which the body knows, and cookies, which the [`Call`](crate::Call) collects.
    pub headers: HeaderMap,
    /// Not serialized before it has to be.
    pub body: ReplyBody,
}

/// The body of a reply.
#[derive(Clone, Debug)]
pub enum ReplyBody {
    /// None, and no content type.
    Empty,
    /// JSON that is rendered already.
    Json(Bytes),
    /// JSON that hooks and the envelope can still look into cheaply.
    Value(Value),
    /// A page. Its scripts have to carry [`Call::page_nonce`](crate::Call::page_nonce).
    Html(String),
    /// Bytes of this content type.
    Text(&'static str, Bytes),
    /// The connection becomes a WebSocket.
    Socket(Once<Dialogue>),
    /// Events that come as they happen.
    Events(Once<BoxStream>),
}

impl Reply {
    /// A reply without headers.
    #[must_use]
    pub fn new(status: StatusCode, body: ReplyBody) -> Self {
        Self { status, headers: HeaderMap::new(), body }
    }

    /// A `200` with JSON. Fails where a type cannot be serialized, which is a fault of ours: 500.
    pub fn json(value: &impl Serialize) -> Result<Self, Failure> {
        let bytes = serde_json::to_vec(value).map_err(Failure::internal)?;
        Ok(Self::new(StatusCode::OK, ReplyBody::Json(bytes.into())))
    }

    /// Adds a header beside others of its name.
    #[must_use]
    pub fn header(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The body as a value, for hooks.
    #[must_use]
    pub fn body_value(&self) -> Option<Value> {
        match &self.body {
            ReplyBody::Json(bytes) => serde_json::from_slice(bytes).ok(),
            ReplyBody::Value(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// The body as it goes on the wire; nothing for a socket or a stream.
    #[must_use]
    pub fn body_bytes(&self) -> Bytes {
        match &self.body {
            ReplyBody::Empty | ReplyBody::Socket(_) | ReplyBody::Events(_) => Bytes::new(),
            ReplyBody::Json(bytes) | ReplyBody::Text(_, bytes) => bytes.clone(),
            ReplyBody::Value(value) => value.to_string().into(),
            ReplyBody::Html(html) => html.clone().into(),
        }
    }

    /// What the body says of its type.
    #[must_use]
    pub fn content_type(&self) -> Option<HeaderValue> {
        match &self.body {
            ReplyBody::Empty | ReplyBody::Socket(_) => None,
            ReplyBody::Events(_) => Some(HeaderValue::from_static("text/event-stream")),
            ReplyBody::Json(_) | ReplyBody::Value(_) => Some(HeaderValue::from_static("application/json")),
            ReplyBody::Html(_) => Some(HeaderValue::from_static("text/html; charset=utf-8")),
            ReplyBody::Text(kind, _) => Some(HeaderValue::from_static(kind)),
        }
    }
}

/// What a handler may return.
///
/// ```
/// use auth_core::{
///     Failure,
///     endpoint::{EndpointDoc, IntoReply, Reply, ReplyBody, ReplyDoc},
///     http::StatusCode,
/// };
///
/// /// `204`, and nothing to say.
/// struct Done;
///
/// impl IntoReply for Done {
///     fn into_reply(self) -> Result<Reply, Failure> {
///         Ok(Reply::new(StatusCode::NO_CONTENT, ReplyBody::Empty))
///     }
///
///     fn describe(doc: &mut EndpointDoc) {
///         doc.facts.replies.push(ReplyDoc {
///             status: 204,
///             content_type: None,
///             schema: None,
///             description: "Done",
///         });
///     }
/// }
/// # assert_eq!(Done.into_reply().map(|reply| reply.status.as_u16()).ok(), Some(204));
/// ```
pub trait IntoReply: Send {
    /// The reply, before the hooks after the handler.
    fn into_reply(self) -> Result<Reply, Failure>;
    /// Says which replies there are, for the documents.
    fn describe(doc: &mut EndpointDoc);
}

/// A JSON answer.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize + JsonSchema + Send + 'static> IntoReply for Json<T> {
    fn into_reply(self) -> Result<Reply, Failure> {
        Reply::json(&self.0)
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.replies_json::<T>();
    }
}

/// `302` to another address.
#[derive(Debug)]
pub struct Redirect(pub String);

impl IntoReply for Redirect {
    fn into_reply(self) -> Result<Reply, Failure> {
        let target = HeaderValue::try_from(self.0).map_err(Failure::internal)?;
        let json = HeaderValue::from_static("application/json");
        Ok(Reply::new(StatusCode::FOUND, ReplyBody::Empty)
            .header(header::LOCATION, target)
            .header(header::CONTENT_TYPE, json))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.facts.replies.push(ReplyDoc {
            status: 302,
            content_type: None,
            schema: None,
            description: "Redirect",
        });
    }
}

/// A page.
#[derive(Debug)]
pub struct Html(pub String);

impl IntoReply for Html {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::new(StatusCode::OK, ReplyBody::Html(self.0)))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.facts.replies.push(ReplyDoc {
            status: 200,
            content_type: Some("text/html"),
            schema: None,
            description: "A page",
        });
    }
}

/// Either of two kinds of reply.
#[derive(Debug)]
pub enum Either<A, B> {
    /// One of them, such as JSON.
    First(A),
    /// The other, such as a redirect.
    Second(B),
}

impl<A: IntoReply, B: IntoReply> IntoReply for Either<A, B> {
    fn into_reply(self) -> Result<Reply, Failure> {
        match self {
            Self::First(reply) => reply.into_reply(),
            Self::Second(reply) => reply.into_reply(),
        }
    }

    fn describe(doc: &mut EndpointDoc) {
        A::describe(doc);
        B::describe(doc);
    }
}

/// A `200` with JSON and further headers.
#[derive(Debug)]
pub struct WithHeaders<R>(pub R, pub HeaderMap);

impl<R: IntoReply> IntoReply for WithHeaders<R> {
    fn into_reply(self) -> Result<Reply, Failure> {
        let mut reply = self.0.into_reply()?;
        reply.headers.extend(self.1);
        Ok(reply)
    }

    fn describe(doc: &mut EndpointDoc) {
        R::describe(doc);
    }
}

/// JSON of a known type that is rendered already, such as a cached session.
#[derive(Debug)]
pub struct Rendered<T>(pub Bytes, pub std::marker::PhantomData<fn() -> T>);

impl<T> Rendered<T> {
    /// Bytes that are JSON of this type; nobody checks it.
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        Self(bytes, std::marker::PhantomData)
    }
}

impl<T: JsonSchema + 'static> IntoReply for Rendered<T> {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::new(StatusCode::OK, ReplyBody::Json(self.0)))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.replies_json::<T>();
    }
}
