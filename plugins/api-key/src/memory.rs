//! Keys and their owners in the memory of this process, for a few minutes.
//!
//! What changes here is forgotten at once, and other nodes are told; one that does not hear them remembers
//! for seconds only. What is counted is never answered from memory. A reader that began before a change and
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
    ports::{Cache, CacheKind, Concern, NodeMemory, OrganizationProperty},
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter},
};

use crate::{
    ApiKey,
    schema::apikey::{Column, Entity, Model},
};

const TTL: Duration = Duration::from_mins(5);
const USER_TTL: Duration = Duration::from_hours(1);
/// For keys of nobody, which somebody may be about to make on another node.
const MISSING_TTL: Duration = Duration::from_secs(10);
const CAPACITY: u64 = 10_000;

/// A hash that no key has.
struct Missing;

/// What is remembered, and counts no more.
enum Stale<'k> {
    /// A key, or that there is none.
    Hash(&'k str),
    User(&'k str),
    /// Nobody knows any more which keys.
    All,
}

/// How messages between nodes name it.
const TOPIC: &str = "api-key";
const HASH: &str = "hash ";
const USER: &str = "user ";
const ALL: &str = "all";

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
        let make = |name, ttl| core.cache(CacheKind { name, capacity: CAPACITY, ttl });
        self.caches.get_or_init(|| Caches {
            keys: make("api-key", TTL),
            users: make("api-key-user", USER_TTL),
            missing: make("api-key-missing", MISSING_TTL),
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
            Some(key) => caches.keys.insert(hash, key.clone(), Some(core.remember_until(TTL))),
            None => caches.missing.insert(hash, Arc::new(Missing), None),
        });
    }

    pub(crate) fn keep_user(&self, core: &Core, user: &Arc<User>, generation: u64) {
        let until = Some(core.remember_until(USER_TTL));
        self.store(core, generation, |caches| caches.users.insert(&user.id, user.clone(), until));
    }

    fn remove(&self, what: &Stale<'_>) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::AcqRel);
        let Some(caches) = self.caches.get() else { return };
        match what {
            Stale::Hash(hash) => {
                caches.keys.remove(hash);
                caches.missing.remove(hash);
            }
            Stale::User(id) => caches.users.remove(id),
            Stale::All => {
                caches.keys.clear();
                caches.users.clear();
                caches.missing.clear();
            }
        }
    }

    /// Forgets here and on every other node.
    fn forget_everywhere(&self, core: &Core, what: &Stale<'_>, concern: &Concern) {
        self.remove(what);
        let key = match what {
            Stale::Hash(hash) => format!("{HASH}{hash}"),
            Stale::User(id) => format!("{USER}{id}"),
            Stale::All => ALL.to_owned(),
        };
        core.changed(TOPIC, &key, concern);
    }

    /// A key changed, or is gone.
    pub(crate) fn forget(&self, core: &Core, key: &Model) {
        // Keys of organizations stand for nobody who could stay connected.
        self.forget_key(core, key, &Concern::User(key.reference_id.clone()));
    }

    /// What is known of a key's counts is behind.
    pub(crate) fn forget_counts(&self, core: &Core, key: &Model) {
        self.forget_key(core, key, &Concern::Nobody);
    }

    fn forget_key(&self, core: &Core, key: &Model, concern: &Concern) {
        for hash in std::iter::once(&key.key).chain(&key.previous_key) {
            self.forget_everywhere(core, &Stale::Hash(hash), concern);
        }
    }

    /// A new hash, which somebody may have guessed before.
    pub(crate) fn welcome(&self, core: &Core, hash: &str) {
        self.forget_everywhere(core, &Stale::Hash(hash), &Concern::Nobody);
    }
}

/// What other nodes say of keys and their owners.
pub(crate) struct FromNodes(pub(crate) Arc<ApiKey>);

impl NodeMemory for FromNodes {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn stale(&self, _: &Arc<Core>, key: &str) {
        let hash = key.strip_prefix(HASH).map(Stale::Hash);
        let what = hash.or_else(|| key.strip_prefix(USER).map(Stale::User)).unwrap_or(Stale::All);
        self.0.memory.remove(&what);
    }

    fn distrust(&self, _: &Arc<Core>) {
        self.0.memory.remove(&Stale::All);
    }
}

/// An organization's keys go with the organization.
pub(crate) struct OrganizationGone(pub(crate) Arc<ApiKey>);

#[async_trait]
impl OrganizationProperty for OrganizationGone {
    /// Which hashes were its is not known any more.
    async fn remove(&self, tx: &Tx, organization_id: &str) -> Result<(), Failure> {
        Entity::delete_many().filter(Column::ReferenceId.eq(organization_id)).exec(tx).await?;
        let (plugin, core) = (self.0.clone(), tx.core().clone());
        tx.then(move || plugin.memory.forget_everywhere(&core, &Stale::All, &Concern::Nobody));
        Ok(())
    }
}

/// A user's keys go with the user.
pub(crate) struct OwnerGone(pub(crate) Arc<ApiKey>);

impl OwnerGone {
    fn forget(&self, core: &Arc<Core>, user_id: &str, what: &Stale<'_>) {
        self.0.memory.forget_everywhere(core, what, &Concern::User(user_id.to_owned()));
    }
}

#[async_trait]
impl DatabaseHook for OwnerGone {
    async fn before(&self, tx: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        if let Change::DeleteUser(user) = change {
            Entity::delete_many().filter(Column::ReferenceId.eq(user.id.as_str())).exec(tx).await?;
        }
        Ok(())
    }

    async fn after(&self, core: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        match changed {
            Changed::UserUpdated(user) => self.forget(core, &user.id, &Stale::User(&user.id)),
            // Which hashes were theirs is not known any more, and users are not deleted often.
            Changed::UserDeleted(user) => self.forget(core, &user.id, &Stale::All),
            _ => {}
        }
        Ok(())
    }
}
