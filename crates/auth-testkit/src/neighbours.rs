//! Nodes in one process that hear each other at once, and share what they read.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
    time::Duration,
};

use auth_core::{
    Core, Failure, async_trait,
    ports::{Concern, NodeMemory, Nodes, Presence, Shared},
};

use crate::things::Things;

/// One node's voice, and whom it reaches.
#[derive(Default)]
pub(crate) struct Neighbours {
    own: OnceLock<Weak<Core>>,
    all: Arc<Mutex<Vec<Weak<Core>>>>,
    together: Arc<Together>,
    shelf: Arc<Things>,
}

/// What is there on all of them.
#[derive(Default)]
struct Together(Mutex<Vec<(String, String)>>);

#[async_trait]
impl Presence for Together {
    async fn enter(&self, whom: &str, id: &str, _: Duration) -> Result<Vec<String>, Failure> {
        let mut there = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !there.iter().any(|one| one.0 == whom && one.1 == id) {
            there.push((whom.to_owned(), id.to_owned()));
        }
        Ok(there.iter().filter(|one| one.0 == whom).map(|one| one.1.clone()).collect())
    }

    async fn leave(&self, whom: &str, id: &str) -> Result<(), Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|one| one.0 != whom || one.1 != id);
        Ok(())
    }
}

impl Neighbours {
    /// A voice that reaches the same nodes.
    pub(crate) fn beside(&self) -> Self {
        let (all, together, shelf) = (self.all.clone(), self.together.clone(), self.shelf.clone());
        Self { own: OnceLock::new(), all, together, shelf }
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
        Some(&*self.shelf)
    }

    fn presence(&self) -> Option<&dyn Presence> {
        Some(&*self.together)
    }
}
