//! Several nodes on one database, and what each remembers of it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Shared;
use crate::{Core, Failure};

/// Who may be allowed less than before, or have gone, because of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Concern {
    /// By the id.
    User(String),
    /// Everybody who is in it, or in one below it. By the id.
    Organization(String),
    /// It is not known who.
    #[default]
    Anybody,
    /// No one: what changed decides about nobody's rights.
    Nobody,
}

/// Tells other nodes what changed. Implemented by `auth-redis`.
pub trait Nodes: Send + Sync + 'static {
    /// Every other node's [`NodeMemory`] of this topic hears of it soon, and every [`Watcher`] whom it
    /// concerns. Never waits. Use [`Core::changed`], which tells those on this node too.
    fn tell(&self, topic: &'static str, key: &str, concern: &Concern);

    /// Whether this node hears of what others change, so that it may remember things for longer.
    fn in_touch(&self) -> bool;

    /// What nodes keep together, where there is such a place.
    fn shared(&self) -> Option<&dyn Shared> {
        None
    }

    /// Who is connected to which node, where nodes keep that together.
    fn presence(&self) -> Option<&dyn Presence> {
        None
    }
}

/// What is there, by whose it is: kept by all nodes together, for as long as somebody says so.
#[async_trait]
pub trait Presence: Send + Sync {
    /// Says that one is there, for so long. Gives the ids of all that are there of `whom`, in the order in
    /// which they came.
    async fn enter(&self, whom: &str, id: &str, life: Duration) -> Result<Vec<String>, Failure>;

    /// Says that one has gone. Where this is lost, it goes when its time is over.
    async fn leave(&self, whom: &str, id: &str) -> Result<(), Failure>;
}

/// No other nodes, as far as this one knows: what it remembers has to get old soon.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Nodes for Alone {
    fn tell(&self, _: &'static str, _: &str, _: &Concern) {}

    fn in_touch(&self) -> bool {
        false
    }
}

/// A slot: what a plugin remembers, and other nodes can make stale. Who contributes one also tells the
/// others, after each commit ([`Core::changed`]).
pub trait NodeMemory: Send + Sync + 'static {
    /// The name of its messages, the same on every node.
    fn topic(&self) -> &'static str;

    /// Another node has changed what the key stands for.
    fn stale(&self, core: &Arc<Core>, key: &str);

    /// Messages may have been lost: nothing that is remembered counts any more.
    fn distrust(&self, core: &Arc<Core>);
}

/// A slot: who lets somebody do something for longer than a request, such as over an open connection, and
/// has to ask again when things change.
pub trait Watcher: Send + Sync + 'static {
    /// Something changed, on this node or another. Memories have forgotten what was. Must not wait.
    fn changed(&self, concern: &Concern);
}
