//! Nodes in one process that hear each other at once, and share what they read.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use auth_core::{
    Core, Timestamp, async_trait,
    crypto::Alphabet,
    ports::{Claim, Concern, NodeMemory, Nodes, Shared, SharedKey, Shelf},
};

/// One node's voice, and whom it reaches.
#[derive(Default)]
pub(crate) struct Neighbours {
    own: OnceLock<Weak<Core>>,
    all: Arc<Mutex<Vec<Weak<Core>>>>,
    shelf: Arc<Mutex<HashMap<String, Thing>>>,
}

/// What is shared of a key, or somebody's right to put it there.
struct Thing {
    claim: Vec<u8>,
    value: Option<(Vec<u8>, Timestamp)>,
    until: Timestamp,
}

impl Neighbours {
    /// A voice that reaches the same nodes.
    pub(crate) fn beside(&self) -> Self {
        Self { own: OnceLock::new(), all: self.all.clone(), shelf: self.shelf.clone() }
    }

    fn shelf(&self) -> MutexGuard<'_, HashMap<String, Thing>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn join(&self, core: &Arc<Core>) {
        let own = Arc::downgrade(core);
        self.own.get_or_init(|| own.clone());
        self.all.lock().unwrap_or_else(PoisonError::into_inner).push(own);
    }
}

impl Nodes for Neighbours {
    fn tell(&self, topic: &'static str, key: &str, concern: &Concern) {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let others = all.iter().filter(|core| self.own.get().is_none_or(|own| !own.ptr_eq(core)));
        for core in others.filter_map(Weak::upgrade) {
            for memory in core.services().slot::<dyn NodeMemory>().filter(|memory| memory.topic() == topic) {
                memory.stale(&core, key);
            }
            core.concerns(concern);
        }
    }

    fn in_touch(&self) -> bool {
        true
    }
    fn shared(&self) -> Option<&dyn Shared> {
        Some(self)
    }
}

fn name(key: SharedKey<'_>) -> String {
    format!("{} {}", key.kind, key.key)
}

#[async_trait]
impl Shared for Neighbours {
    async fn get(&self, core: &Core, key: SharedKey<'_>) -> Shelf {
        let mut shelf = self.shelf();
        shelf.retain(|_, thing| thing.until > core.now());
        let thing = shelf.entry(name(key)).or_insert_with(|| Thing {
            claim: core.random(16, Alphabet::AlphaNumeric).into_bytes(),
            value: None,
            until: core.now().plus(Duration::from_secs(10)),
        });
        let claim = Claim(thing.claim.clone());
        match thing.value.clone() {
            Some((value, read_at)) => Shelf::Found { value, read_at, claim },
            None => Shelf::Empty(claim),
        }
    }

    async fn put(&self, core: &Core, key: SharedKey<'_>, value: &[u8], ttl: Duration, claim: Claim) {
        if let Some(thing) = self.shelf().get_mut(&name(key)).filter(|thing| thing.claim == claim.0) {
            *thing = Thing {
                claim: core.random(16, Alphabet::AlphaNumeric).into_bytes(),
                value: Some((value.to_vec(), core.now())),
                until: core.now().plus(ttl),
            };
        }
    }

    async fn remove(&self, _: &Core, keys: &[SharedKey<'_>]) {
        let mut shelf = self.shelf();
        for key in keys {
            shelf.remove(&name(*key));
        }
    }

    async fn remove_all(&self, _: &Core) {
        self.shelf().clear();
    }
}
