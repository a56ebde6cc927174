//! Sockets of applications: theirs is what is said, ours is who may say it.

use std::sync::Arc;

use auth_core::{
    Core, Failure, async_trait,
    call::Request,
    ports::{Admitted, Conversation, SocketHost, Sockets},
    socket::{BoxSocket, offered},
};
use tokio::sync::mpsc;

use crate::{Realtime, admission::Admission, entry::Pages, line::Line, protocol::PROTOCOL, visit::Partner};

/// Messages that wait for an application, or for its client.
const WAITING: usize = 16;

pub(crate) struct ForApps(pub(crate) Arc<Realtime>);

#[async_trait]
impl Sockets for ForApps {
    async fn admit(&self, core: &Arc<Core>, request: Request) -> Result<Admitted, Failure> {
        let protocol = offered(&request.headers).any(|offered| offered == PROTOCOL);
        let admission = Admission::of(core, &request, Pages::Named, false).await?;
        Ok(Admitted {
            identity: admission.visitor.identity.clone(),
            protocol: protocol.then_some(PROTOCOL),
            limits: self.0.limits(),
            host: Box::new(Host(admission)),
        })
    }
}

struct Host(Admission);

impl SocketHost for Host {
    fn serve(self: Box<Self>, socket: BoxSocket) -> Conversation {
        let (to, incoming) = mpsc::channel(WAITING);
        let (outgoing, from) = mpsc::channel(WAITING);
        tokio::spawn(self.0.serve(Partner::App { to, from }, Line::Socket(socket)));
        Conversation { incoming, outgoing }
    }
}
