//! Open sockets that end with what lets their users in.
//!
//! A socket is opened by whoever could send a request: with a session's cookie from a trusted page, a
//! bearer token, a signed token, an API key, or a ticket. It follows topics, and is closed at once when its
//! session, key, user or membership goes, on whichever node that happens.

mod admission;
mod apps;
mod config;
mod desk;
pub mod endpoints;
mod entry;
mod figures;
mod following;
mod line;
mod news;
mod presence;
mod protocol;
mod visit;

use std::sync::Arc;

use auth_core::{
    Manifest, Plugin, Problem, Registrar,
    endpoint::Tag,
    get,
    ports::{NodeMemory, Sockets, Topic, Watcher},
    post,
    socket::SocketLimits,
};
use tokio::sync::Semaphore;

pub use config::{RealtimeConfig, WhenFull};

/// Sockets that are asked about at the same time: a change that concerns everybody must not take every
/// connection of the database.
const TURNS: usize = 8;

pub struct Realtime {
    config: RealtimeConfig,
    desk: Arc<desk::Desk>,
    turns: Semaphore,
}

impl Realtime {
    fn limits(&self) -> SocketLimits {
        // What waits is one message of ours, which are small, or an application's.
        SocketLimits { max_message: self.config.max_message, max_waiting: 1024 * 1024 }
    }
}

impl Plugin for Realtime {
    const MANIFEST: Manifest = Manifest::new(
        "realtime",
        env!("CARGO_PKG_VERSION"),
        "Sockets that end with what lets their users in",
    )
    .requires(&["session"]);
    type Config = RealtimeConfig;

    fn new(config: RealtimeConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { config, desk: Arc::default(), turns: Semaphore::new(TURNS) })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        use endpoints::{events, socket, ticket};
        let tag = Tag::new("realtime");
        host.endpoint(
            get(socket::SOCKET, "/ws", socket::socket)
                .at_root("/ws")
                .tag(tag)
                .no_store()
                .summary("A WebSocket that follows topics"),
        );
        host.endpoint(
            get(events::EVENTS, "/realtime/events", events::events)
                .tag(tag)
                .summary("What happens in topics, as server-sent events"),
        );
        host.endpoint(
            post(ticket::TICKET_FOR_SOCKET, "/realtime/ticket", ticket::ticket)
                .tag(tag)
                .no_store()
                .summary("A ticket that opens one socket"),
        );
        for figure in figures::ALL {
            host.metric(figure);
        }
        host.contribute::<dyn Topic>(Arc::new(news::OwnSession));
        host.contribute::<dyn Topic>(Arc::new(news::OwnActivity));
        host.contribute::<dyn NodeMemory>(Arc::new(news::FromNodes(self.clone())));
        host.contribute::<dyn Watcher>(Arc::new(news::Doubt(self.clone())));
        host.provide::<dyn Sockets>(Arc::new(apps::ForApps(self.clone())));
        host.listen(news::Editor(self));
    }
}

auth_core::plugin!(Realtime);
