//! WebSockets: the handshake of an accepted one, and what goes over it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use auth_core::socket::{Broken, Dialogue, Message, SocketLimits, Utf8, is_upgrade};
use axum::{
    body::Body,
    extract::{
        FromRequestParts,
        ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::{Response, request::Parts},
};
use futures_util::{Sink, Stream};
use tokio_tungstenite::tungstenite::{Error as WireError, error::CapacityError};

use crate::serve::Place;

/// What is read at once. The library would take 128 KiB for each socket, idle or not.
const READ_BUFFER: usize = 2048;

/// A request's wish for a WebSocket.
pub(crate) struct Upgrade {
    upgrade: WebSocketUpgrade,
    /// Of its connection, where this crate serves it.
    place: Option<Place>,
}

impl Upgrade {
    /// `None` for requests that do not ask for one, or cannot have it.
    pub(crate) async fn of(parts: &mut Parts) -> Option<Self> {
        if !is_upgrade(&parts.headers) {
            return None;
        }
        let place = parts.extensions.remove::<Place>();
        let upgrade = WebSocketUpgrade::from_request_parts(parts, &()).await.ok()?;
        Some(Self { upgrade, place })
    }

    /// Answers the handshake; the socket is served once the answer is out.
    pub(crate) fn accept(self, dialogue: Dialogue) -> Response<Body> {
        let Self { upgrade, place } = self;
        let Dialogue { protocol, limits, serve } = dialogue;
        limited(upgrade, limits).protocols(protocol).on_upgrade(move |socket| async move {
            serve(Box::pin(Wire(socket))).await;
            drop(place);
        })
    }
}

fn limited(upgrade: WebSocketUpgrade, limits: SocketLimits) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(limits.max_waiting)
        .max_message_size(limits.max_message)
        .max_frame_size(limits.max_message)
}

/// A socket of the library, in the words of the core.
struct Wire(WebSocket);

impl Stream for Wire {
    type Item = Result<Message, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx).map(|next| Some(received(next?)))
    }
}

impl Sink<Message> for Wire {
    type Error = Broken;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Pin::new(&mut self.0).poll_ready(cx).map_err(|_| Broken::Gone)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Broken> {
        Pin::new(&mut self.0).start_send(frame(message)).map_err(|_| Broken::Gone)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Pin::new(&mut self.0).poll_flush(cx).map_err(|_| Broken::Gone)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Pin::new(&mut self.0).poll_close(cx).map_err(|_| Broken::Gone)
    }
}

fn received(next: Result<Frame, axum::Error>) -> Result<Message, Broken> {
    Ok(match next.map_err(broken)? {
        Frame::Text(text) => Message::Text(Utf8::new(text.into()).ok_or(Broken::NoText)?),
        Frame::Binary(bytes) => Message::Binary(bytes),
        Frame::Ping(_) => Message::Ping,
        Frame::Pong(_) => Message::Pong,
        Frame::Close(frame) => Message::Close(frame.map_or(1005, |frame| frame.code), ""),
    })
}

fn broken(error: axum::Error) -> Broken {
    match error.into_inner().downcast::<WireError>().map(|error| *error) {
        Ok(WireError::Capacity(CapacityError::MessageTooLong { .. })) => Broken::TooLarge,
        Ok(WireError::Utf8(_)) => Broken::NoText,
        Ok(WireError::Protocol(_)) => Broken::Protocol,
        _ => Broken::Gone,
    }
}

fn frame(message: Message) -> Frame {
    match message {
        Message::Text(text) => Frame::Text(Utf8Bytes::try_from(text.into_bytes()).unwrap_or_default()),
        Message::Binary(bytes) => Frame::Binary(bytes),
        Message::Ping => Frame::Ping(bytes::Bytes::new()),
        Message::Pong => Frame::Pong(bytes::Bytes::new()),
        Message::Close(code, reason) => {
            Frame::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }))
        }
    }
}
