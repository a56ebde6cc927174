//! The way to a client: a WebSocket, a stream of events, or an application's socket.

use std::time::Duration;

use auth_core::socket::{BoxSocket, Broken, Message, Utf8};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::{sync::mpsc, time::timeout};

use crate::protocol::End;

/// How long a client may take to take something.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to say goodbye, too.
const GOODBYE: Duration = Duration::from_secs(2);

pub(crate) enum Line {
    Socket(BoxSocket),
    /// Events have a direction only.
    Events(mpsc::Sender<Bytes>),
}

/// What was heard.
pub(crate) enum Heard {
    Text(Utf8),
    Binary(Bytes),
    /// A sign of life.
    Life,
    /// The client says goodbye, or has gone.
    Gone,
    Broken(Broken),
}

impl Line {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Socket(_) => "websocket",
            Self::Events(_) => "events",
        }
    }

    pub(crate) async fn hear(&mut self) -> Heard {
        match self {
            Self::Socket(socket) => match socket.next().await {
                Some(Ok(Message::Text(text))) => Heard::Text(text),
                Some(Ok(Message::Binary(bytes))) => Heard::Binary(bytes),
                Some(Ok(Message::Ping | Message::Pong)) => Heard::Life,
                Some(Ok(Message::Close(..)) | Err(Broken::Gone)) | None => Heard::Gone,
                Some(Err(broken)) => Heard::Broken(broken),
            },
            Self::Events(events) => {
                events.closed().await;
                Heard::Gone
            }
        }
    }

    /// Says something; an error where nobody takes it.
    pub(crate) async fn say(&mut self, message: Message) -> Result<(), Broken> {
        let said = match self {
            Self::Socket(socket) => timeout(PATIENCE, socket.send(message)).await,
            Self::Events(events) => {
                let event = async { events.send(event(message)).await.map_err(|_| Broken::Gone) };
                timeout(PATIENCE, event).await
            }
        };
        said.unwrap_or(Err(Broken::Gone))
    }

    /// Says why it ends, and waits a moment for the client to take it.
    pub(crate) async fn end(mut self, end: End) {
        let closing = async {
            // Where the client has said goodbye, there is nothing to say but the answer, which reading sends.
            self.say(Message::Close(end.code, end.reason)).await.ok();
            // The connection must not go before the client has read it.
            if let Self::Socket(mut socket) = self {
                while let Some(Ok(_)) = socket.next().await {}
            }
        };
        // Who does not answer has gone.
        drop(timeout(GOODBYE, closing).await);
    }
}

/// A message as a server-sent event.
fn event(message: Message) -> Bytes {
    match message {
        // Our texts are JSON without line breaks.
        Message::Text(text) => format!("data: {}\n\n", text.as_str()).into(),
        Message::Ping | Message::Pong | Message::Binary(_) => Bytes::from_static(b": \n\n"),
        Message::Close(code, reason) => {
            format!("event: close\ndata: {{\"code\":{code},\"reason\":\"{reason}\"}}\n\n").into()
        }
    }
}
