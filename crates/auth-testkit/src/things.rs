//! What nodes of one process share.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use auth_core::{
    Core, Timestamp, async_trait,
    crypto::Alphabet,
    ports::{Claim, Shared, SharedKey, Shelf},
};

/// Things by their names.
#[derive(Default)]
pub(crate) struct Things(Mutex<HashMap<String, Thing>>);

/// What is shared of a key, or somebody's right to put it there.
struct Thing {
    claim: Vec<u8>,
    value: Option<(Vec<u8>, Timestamp)>,
    until: Timestamp,
}

impl Things {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Thing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(key: SharedKey<'_>) -> String {
    format!("{} {}", key.kind, key.key)
}

fn claim(core: &Core) -> Vec<u8> {
    core.random(16, Alphabet::AlphaNumeric).into_bytes()
}

#[async_trait]
impl Shared for Things {
    async fn get(&self, core: &Core, key: SharedKey<'_>) -> Shelf {
        let mut all = self.all();
        all.retain(|_, thing| thing.until > core.now());
        let until = core.now().plus(Duration::from_secs(10));
        let thing = all.entry(name(key)).or_insert_with(|| Thing { claim: claim(core), value: None, until });
        let claim = Claim(thing.claim.clone());
        match thing.value.clone() {
            Some((value, read_at)) => Shelf::Found { value, read_at, claim },
            None => Shelf::Empty(claim),
        }
    }

    async fn put(&self, core: &Core, key: SharedKey<'_>, value: &[u8], ttl: Duration, right: Claim) {
        if let Some(thing) = self.all().get_mut(&name(key)).filter(|thing| thing.claim == right.0) {
            let (value, until) = (Some((value.to_vec(), core.now())), core.now().plus(ttl));
            *thing = Thing { claim: claim(core), value, until };
        }
    }

    async fn remove(&self, _: &Core, keys: &[SharedKey<'_>]) {
        let mut all = self.all();
        for key in keys {
            all.remove(&name(*key));
        }
    }

    async fn remove_all(&self, _: &Core) {
        self.all().clear();
    }
}
