//! Nodes in one process that hear each other at once.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use auth_core::{
    Core,
    ports::{NodeMemory, Nodes},
};

/// One node's voice, and whom it reaches.
#[derive(Default)]
pub(crate) struct Neighbours {
    own: OnceLock<Weak<Core>>,
    all: Arc<Mutex<Vec<Weak<Core>>>>,
}

impl Neighbours {
    /// A voice that reaches the same nodes.
    pub(crate) fn beside(&self) -> Self {
        Self { own: OnceLock::new(), all: self.all.clone() }
    }

    pub(crate) fn join(&self, core: &Arc<Core>) {
        let own = Arc::downgrade(core);
        self.own.get_or_init(|| own.clone());
        self.all.lock().unwrap_or_else(PoisonError::into_inner).push(own);
    }
}

impl Nodes for Neighbours {
    fn tell(&self, topic: &'static str, key: &str) {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let others = all.iter().filter(|core| self.own.get().is_none_or(|own| !own.ptr_eq(core)));
        for core in others.filter_map(Weak::upgrade) {
            for memory in core.services().slot::<dyn NodeMemory>().filter(|memory| memory.topic() == topic) {
                memory.stale(&core, key);
            }
        }
    }

    fn in_touch(&self) -> bool {
        true
    }
}
