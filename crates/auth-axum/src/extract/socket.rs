//! WebSockets of an application, for users who are signed in.

use std::future::Future;

use auth_core::{
    Failure,
    call::Request,
    ports::{Admitted, Conversation, Sockets},
    serde_json::{Map, Value},
    session::Identity as SessionIdentity,
    socket::{Dialogue, Message, Utf8},
};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    layer::{Visitor, peer},
    socket::Upgrade,
};

/// A WebSocket that somebody who is signed in asks for. It stays open for as long as they are: when their
/// session, key or user goes, on whichever node, it closes with 4401. Heartbeat, limits a user and rates are
/// those of the plugin `realtime`, which has to be enabled.
///
/// Every way to prove who one is counts, whatever layer is around the handler; a browser's cookie only from a trusted
/// origin.
///
/// ```
/// use auth_axum::{AuthenticatedSocket, auth_core::socket::Message};
/// use axum::response::Response;
///
/// async fn echo(socket: AuthenticatedSocket) -> Response {
///     let name = socket.identity().user.name.clone();
///     socket.on_upgrade(async move |mut socket| {
///         while let Some(message) = socket.recv().await {
///             if let Message::Text(text) = message
///                 && socket.send(format!("{name} said {}", text.as_str())).await.is_err()
///             {
///                 break;
///             }
///         }
///     })
/// }
/// # let _: axum::Router = axum::Router::new().route("/echo", axum::routing::get(echo));
/// ```
pub struct AuthenticatedSocket {
    upgrade: Upgrade,
    admitted: Admitted,
}

/// The socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the socket is closed")
    }
}

impl std::error::Error for Closed {}

/// An open socket. Dropping it closes it.
pub struct LiveSocket {
    conversation: Conversation,
}

impl LiveSocket {
    /// The next text or bytes; `None` once the socket is closed, by whomever.
    pub async fn recv(&mut self) -> Option<Message> {
        self.conversation.incoming.recv().await
    }

    /// Sends a text. Waits where the client reads slowly.
    pub async fn send(&self, text: impl Into<String>) -> Result<(), Closed> {
        self.send_message(Message::Text(Utf8::from(text.into()))).await
    }

    /// As [`send`](Self::send), for bytes too. A [`Message::Close`] ends the socket.
    pub async fn send_message(&self, message: Message) -> Result<(), Closed> {
        self.conversation.outgoing.send(message).await.map_err(|_| Closed)
    }
}

impl AuthenticatedSocket {
    /// Whose it is.
    #[must_use]
    pub fn identity(&self) -> &SessionIdentity {
        &self.admitted.identity
    }

    /// Answers the handshake, and serves the socket in the background.
    pub fn on_upgrade<F, Fut>(self, serve: F) -> Response
    where
        F: FnOnce(LiveSocket) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let Admitted { protocol, limits, host, .. } = self.admitted;
        self.upgrade.accept(Dialogue {
            protocol,
            limits,
            serve: Box::new(move |socket| {
                let conversation = host.serve(socket);
                Box::pin(serve(LiveSocket { conversation }))
            }),
        })
    }
}

fn no_socket() -> Failure {
    Failure::new(StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED", "This address is for WebSockets")
}

impl<S: Sync> FromRequestParts<S> for AuthenticatedSocket {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let Some(visitor) = parts.extensions.get::<Visitor>().cloned() else {
            tracing::error!(
                "a handler asks for a socket, but neither `Auth::layer` nor its kin is around it"
            );
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let upgrade = Upgrade::of(parts).await;
        let Some(upgrade) = upgrade else { return Err(visitor.refuse(&no_socket(), parts)) };
        let core = visitor.core();
        let Some(sockets) = core.services().get::<dyn Sockets>() else {
            let failure = Failure::internal("sockets need the plugin `realtime`, which is not enabled");
            return Err(visitor.refuse(&failure, parts));
        };
        match sockets.admit(core, request(parts)).await {
            Ok(admitted) => Ok(Self { upgrade, admitted }),
            Err(failure) => Err(visitor.refuse(&failure, parts)),
        }
    }
}

fn request(parts: &Parts) -> Request {
    let pairs = serde_urlencoded::from_str::<Vec<(String, String)>>(parts.uri.query().unwrap_or_default());
    let mut query = Map::new();
    for (name, value) in pairs.unwrap_or_default() {
        query.insert(name, Value::String(value));
    }
    Request { query, headers: parts.headers.clone(), peer: peer(parts), ..Request::default() }
}
