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
///
/// ```
/// use auth_core::ports::{Alone, Concern, Nodes};
///
/// // A node that nobody tells anything remembers for seconds only.
/// Alone.tell("badges", "u1", &Concern::Nobody);
/// assert!(!Alone.in_touch());
/// ```
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
///
/// ```
/// use std::time::Duration;
///
/// use auth_core::{Core, Failure};
///
/// /// How many devices of a user are connected, on all nodes, this one included.
/// async fn devices(core: &Core, user_id: &str, device: &str) -> Result<usize, Failure> {
///     let Some(presence) = core.nodes().presence() else { return Ok(1) };
///     Ok(presence.enter(user_id, device, Duration::from_secs(60)).await?.len())
/// }
/// ```
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
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Core, cache::Layered, ports::NodeMemory};
///
/// struct Badges(Layered<String>);
///
/// impl NodeMemory for Badges {
///     fn topic(&self) -> &'static str {
///         "badges"
///     }
///
///     fn stale(&self, _: &Arc<Core>, key: &str) {
///         self.0.forget(key);
///     }
///
///     fn distrust(&self, _: &Arc<Core>) {
///         self.0.forget_all();
///     }
/// }
/// ```
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
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use auth_core::ports::{Concern, Watcher};
///
/// /// Who keeps something open compares this number before each message.
/// struct Changes(AtomicU64);
///
/// impl Watcher for Changes {
///     fn changed(&self, _: &Concern) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
/// }
/// # Changes(AtomicU64::new(0)).changed(&Concern::Anybody);
/// ```
pub trait Watcher: Send + Sync + 'static {
    /// Something changed, on this node or another. Memories have forgotten what was. Must not wait.
    fn changed(&self, concern: &Concern);
}
