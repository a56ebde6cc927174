//! `GET /ws`, at the root too: a WebSocket that follows topics.

use std::sync::Arc;

use auth_core::{
    ApiError, Call, Cx, Extract, Failure, Key,
    endpoint::{EndpointDoc, SessionNeed},
    socket::{Dialogue, is_upgrade, offered},
};

use crate::{
    Realtime,
    admission::{Admission, AdmissionError},
    entry::Pages,
    following::Following,
    line::Line,
    protocol::PROTOCOL,
    visit::Partner,
};

pub const SOCKET: Key<(), ()> = Key::new("realtimeSocket");

auth_core::errors! {
    pub(crate) enum SocketError {
        NoUpgrade => (426, "UPGRADE_REQUIRED", "This address is for WebSockets"),
    }
}

/// A request for a WebSocket, from somebody who may have one.
pub struct Asking(Admission);

impl Extract for Asking {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        if !is_upgrade(&call.request.headers) {
            return Err(SocketError::NoUpgrade.into());
        }
        Admission::of(call.core(), &call.request, Pages::Named, true).await.map(Self)
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Optional);
        doc.fails_with(AdmissionError::specs());
    }
}

pub(crate) async fn socket(cx: Cx<Realtime>, Asking(admission): Asking) -> Result<Dialogue, SocketError> {
    let protocol = offered(&cx.call().request.headers).any(|offered| offered == PROTOCOL);
    Ok(Dialogue {
        protocol: protocol.then_some(PROTOCOL),
        limits: cx.plugin().limits(),
        serve: Box::new(move |socket| {
            Box::pin(admission.serve(Partner::Topics(Following::default()), Line::Socket(socket)))
        }),
    })
}
