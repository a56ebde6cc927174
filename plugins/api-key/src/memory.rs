//! Keys and their owners in the memory of this process, for a few seconds.
//!
//! What changes here is forgotten at once; another node knows after [`TTL`], as ADR 0006 has it for
//! sessions. What is counted is never answered from memory. A reader that began before a change and
//! stores after it is turned away by a generation number that every removal moves on.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Core, DatabaseHook, Failure, Tx, User, async_trait,
    hook::{Change, Changed},
    ports::{Cache, CacheKind, OrganizationProperty},
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter},
};

use crate::{
    ApiKey,
    schema::apikey::{Column, Entity, Model},
};

const TTL: Duration = Duration::from_secs(10);
const CAPACITY: u64 = 10_000;

/// A hash that no key has.
struct Missing;

/// What the memory says of a hash.
pub(crate) enum Known {
    Key(Arc<Model>),
    Nobody,
    Unknown,
}

struct Caches {
    keys: Arc<dyn Cache>,
    users: Arc<dyn Cache>,
    missing: Arc<dyn Cache>,
}

#[derive(Default)]
pub(crate) struct Memory {
    caches: OnceLock<Caches>,
    generation: AtomicU64,
    writing: Mutex<()>,
}

impl Memory {
    fn caches(&self, core: &Core) -> &Caches {
        let make = |name| core.cache(CacheKind { name, capacity: CAPACITY, ttl: TTL });
        self.caches.get_or_init(|| Caches {
            keys: make("api-key"),
            users: make("api-key-user"),
            missing: make("api-key-missing"),
        })
    }

    pub(crate) fn get(&self, core: &Core, hash: &str) -> Known {
        let caches = self.caches(core);
        if let Some(key) = caches.keys.get(hash).and_then(|kept| kept.downcast::<Model>().ok()) {
            return Known::Key(key);
        }
        if caches.missing.get(hash).is_some() { Known::Nobody } else { Known::Unknown }
    }

    pub(crate) fn user(&self, core: &Core, id: &str) -> Option<Arc<User>> {
        self.caches(core).users.get(id)?.downcast().ok()
    }

    /// Taken before the store is read, and given back with what was found there.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn store(&self, core: &Core, generation: u64, put: impl FnOnce(&Caches)) {
        let caches = self.caches(core);
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.generation() == generation {
            put(caches);
        }
    }

    pub(crate) fn keep(&self, core: &Core, hash: &str, found: Option<&Arc<Model>>, generation: u64) {
        self.store(core, generation, |caches| match found {
            Some(key) => caches.keys.insert(hash, key.clone(), None),
            None => caches.missing.insert(hash, Arc::new(Missing), None),
        });
    }

    pub(crate) fn keep_user(&self, core: &Core, user: &Arc<User>, generation: u64) {
        self.store(core, generation, |caches| caches.users.insert(&user.id, user.clone(), None));
    }

    fn remove(&self, from: impl FnOnce(&Caches)) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        if let Some(caches) = self.caches.get() {
            from(caches);
        }
    }

    /// A key changed, or is gone.
    pub(crate) fn forget(&self, key: &Model) {
        self.remove(|caches| {
            for hash in std::iter::once(&key.key).chain(&key.previous_key) {
                caches.keys.remove(hash);
            }
        });
    }

    /// A new hash, which somebody may have guessed before.
    pub(crate) fn welcome(&self, hash: &str) {
        self.remove(|caches| caches.missing.remove(hash));
    }
}

/// An organization's keys go with the organization.
pub(crate) struct OrganizationGone(pub(crate) Arc<ApiKey>);

#[async_trait]
impl OrganizationProperty for OrganizationGone {
    /// Which hashes were its is not known any more. Somebody who reads a key before the commit keeps it in
    /// memory for as long as another node does.
    async fn remove(&self, tx: &Tx, organization_id: &str) -> Result<(), Failure> {
        Entity::delete_many().filter(Column::ReferenceId.eq(organization_id)).exec(tx).await?;
        self.0.memory.remove(|caches| caches.keys.clear());
        Ok(())
    }
}

/// A user's keys go with the user.
pub(crate) struct OwnerGone(pub(crate) Arc<ApiKey>);

#[async_trait]
impl DatabaseHook for OwnerGone {
    async fn before(&self, tx: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        if let Change::DeleteUser(user) = change {
            Entity::delete_many().filter(Column::ReferenceId.eq(user.id.as_str())).exec(tx).await?;
        }
        Ok(())
    }

    async fn after(&self, _: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        match changed {
            Changed::UserUpdated(user) => self.0.memory.remove(|caches| caches.users.remove(&user.id)),
            // Which hashes were theirs is not known any more, and users are not deleted often.
            Changed::UserDeleted(_) => self.0.memory.remove(|caches| {
                caches.users.clear();
                caches.keys.clear();
            }),
            _ => {}
        }
        Ok(())
    }
}
