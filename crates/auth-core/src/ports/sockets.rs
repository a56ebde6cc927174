//! Open sockets, for plugins that have something to tell, and for applications with sockets of their own.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    Core, Event, Failure,
    call::Request,
    session::Identity,
    socket::{BoxSocket, Message, SocketLimits},
};

/// To whom something is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Who follows `name:id`.
    Followers(String),
    /// A user, where they follow `name`.
    User(String),
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// Who hears it, of those who follow its topic.
    pub audience: Audience,
    /// What happened, such as `member.added`.
    pub name: String,
    /// What they are told, as they may see it: it goes to browsers.
    pub data: Value,
}

/// A slot: a kind of topic that open sockets can follow.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Core, Event, Failure, async_trait,
///     ports::{Audience, News, Topic},
///     serde_json::json,
///     session::Identity,
/// };
///
/// /// `me`: what happens to the user's own account.
/// struct Me;
///
/// #[async_trait]
/// impl Topic for Me {
///     fn name(&self) -> &'static str {
///         "me"
///     }
///
///     async fn admits(&self, _: &Arc<Core>, who: &Identity, id: Option<&str>) -> Result<bool, Failure> {
///         Ok(id.is_none() && who.scopes.is_none())
///     }
///
///     fn tells(&self, event: &Event) -> Option<News> {
///         let Event::EmailVerified { user_id } = event else { return None };
///         Some(News {
///             audience: Audience::User(user_id.clone()),
///             name: "email.verified".to_owned(),
///             data: json!({}),
///         })
///     }
/// }
/// ```
#[async_trait]
pub trait Topic: Send + Sync + 'static {
    /// What the names of its topics begin with: `name`, or `name:id`.
    fn name(&self) -> &'static str;

    /// Whether somebody may follow one. It is asked again whenever that may have changed.
    async fn admits(&self, core: &Arc<Core>, identity: &Identity, id: Option<&str>) -> Result<bool, Failure>;

    /// What an event is to those who follow.
    fn tells(&self, event: &Event) -> Option<News>;
}

/// The service that keeps sockets open for as long as their users may have them: for sockets of
/// applications.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Core, Failure,
///     call::Request,
///     ports::{Admitted, Sockets},
/// };
///
/// async fn admit(core: &Arc<Core>, request: Request) -> Result<Admitted, Failure> {
///     let sockets = core.services().get::<dyn Sockets>();
///     let sockets = sockets.ok_or_else(|| Failure::internal("no enabled plugin keeps sockets"))?;
///     sockets.admit(core, request).await
/// }
/// ```
#[async_trait]
pub trait Sockets: Send + Sync + 'static {
    /// Who asks for a socket by this request, whatever its path. From a page of a foreign origin, nobody does.
    async fn admit(&self, core: &Arc<Core>, request: Request) -> Result<Admitted, Failure>;
}

/// Somebody who may have a socket.
pub struct Admitted {
    /// Who they are. What they may do can change while the socket is open.
    pub identity: Identity,
    /// The protocol to answer the handshake with.
    pub protocol: Option<&'static str>,
    /// What the transport has to hold the socket to.
    pub limits: SocketLimits,
    /// Takes the socket after the handshake.
    pub host: Box<dyn SocketHost>,
}

/// Keeps one socket: heartbeat, limits, and an end when its user loses the right to it.
///
/// ```
/// use auth_core::{ports::Admitted, socket::BoxSocket};
///
/// /// Says everything back for as long as the user may have the socket.
/// async fn echo(admitted: Admitted, socket: BoxSocket) {
///     let mut conversation = admitted.host.serve(socket);
///     while let Some(message) = conversation.incoming.recv().await {
///         if conversation.outgoing.send(message).await.is_err() {
///             break;
///         }
///     }
/// }
/// ```
pub trait SocketHost: Send {
    /// Serves the socket in the background.
    fn serve(self: Box<Self>, socket: BoxSocket) -> Conversation;
}

/// An application's end of a socket. Dropping it closes the socket.
pub struct Conversation {
    /// Texts and bytes from the client; `None` once the socket is closed.
    pub incoming: mpsc::Receiver<Message>,
    /// Texts and bytes for the client; waits where the client does not read.
    pub outgoing: mpsc::Sender<Message>,
}
