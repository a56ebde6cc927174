//! A cache in levels: the memory of this node, then what all nodes share, then the source.
//!
//! Many who miss the same key at once cause one load. What is removed does not come back: whoever began
//! to read before a removal keeps nothing here, and has lost the claim to put anything where nodes share.
//! A node that does not hear of what others change remembers for seconds only
//! ([`Core::remember_until`]).

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    Core, Failure,
    model::Timestamp,
    ports::{Cache, CacheKind, Claim, SharedKey, Shelf},
};

mod counts;
mod flight;
mod source;

use counts::Counts;
pub use counts::{HITS, METRICS, MISSES};
use flight::{Flights, Outcome, Role};
pub use source::{Kind, Loaded, Source};

/// Keys share places when there are more of them than places. A removal then keeps some reader of another
/// key from keeping what it found, and nothing worse.
const PLACES: usize = 4096;

struct Memory {
    present: Arc<dyn Cache>,
    missing: Arc<dyn Cache>,
}

/// Marks a key that is known to be of nothing.
struct Nothing;

/// What nodes share of a key, or the claim to put it there.
enum Shelved<V> {
    Value(Arc<V>),
    Nothing(Option<Claim>),
}

/// A cache of one kind.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use auth_core::{
///     Core, Failure,
///     cache::{Kind, Layered, Source},
///     ports::Concern,
/// };
///
/// /// Kept by the plugin. Its [`Source`] reads badges from the plugin's table.
/// struct Badges(Layered<String>);
///
/// impl Badges {
///     fn new() -> Self {
///         Self(Layered::new(Kind {
///             name: "badge",
///             missing: "badge_missing",
///             capacity: 10_000,
///             ttl: Duration::from_secs(300),
///             missing_ttl: Duration::from_secs(10),
///         }))
///     }
///
///     async fn of(
///         &self,
///         core: &Arc<Core>,
///         user_id: &str,
///         source: &impl Source<String>,
///     ) -> Result<Option<Arc<String>>, Failure> {
///         self.0.get(core, user_id, source).await
///     }
///
///     /// After the commit of a change: here, where nodes share, and on every other node.
///     async fn changed(&self, core: &Core, user_id: &str) {
///         self.0.remove(core, &[user_id]).await;
///         core.changed("badges", user_id, &Concern::Nobody);
///     }
/// }
/// # Badges::new();
/// ```
pub struct Layered<V> {
    kind: Kind,
    memory: OnceLock<Memory>,
    counts: OnceLock<Counts>,
    flights: Flights<V>,
    /// Moves on with each removal.
    removals: AtomicU64,
    /// The last removal of each place's keys.
    places: Box<[AtomicU64]>,
    /// The last removal of everything.
    emptied: AtomicU64,
    hasher: RandomState,
    /// Only between looking whether something may be kept and keeping it.
    writing: Mutex<()>,
}

impl<V: Send + Sync + 'static> Layered<V> {
    /// An empty cache. It takes its memory from the host when it is first asked.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            memory: OnceLock::new(),
            counts: OnceLock::new(),
            flights: Flights::default(),
            removals: AtomicU64::new(0),
            places: std::iter::repeat_with(AtomicU64::default).take(PLACES).collect(),
            emptied: AtomicU64::new(0),
            hasher: RandomState::new(),
            writing: Mutex::default(),
        }
    }

    fn memory(&self, core: &Core) -> Option<&Memory> {
        if self.kind.capacity == 0 {
            return None;
        }
        let make = |name, ttl| core.cache(CacheKind { name, capacity: self.kind.capacity, ttl });
        Some(self.memory.get_or_init(|| Memory {
            present: make(self.kind.name, self.kind.ttl),
            missing: make(self.kind.missing, self.kind.missing_ttl),
        }))
    }

    fn counts(&self, core: &Core) -> &Counts {
        self.counts.get_or_init(|| Counts::new(core.metrics(), self.kind.name))
    }

    /// What memory knows of a key: a thing, or that there is none. `None` where it does not know.
    pub fn known(&self, core: &Core, key: &str) -> Option<Option<Arc<V>>> {
        let memory = self.memory(core)?;
        let present = memory.present.get(key).and_then(|kept| kept.downcast::<V>().ok());
        if present.is_some() {
            return Some(present);
        }
        memory.missing.get(key).map(|_| None)
    }

    /// The thing from wherever it is nearest, and remembers it.
    pub async fn get<S: Source<V>>(
        &self,
        core: &Arc<Core>,
        key: &str,
        source: &S,
    ) -> Result<Option<Arc<V>>, Failure> {
        if let Some(known) = self.known(core, key) {
            return Ok(known);
        }
        self.fetch(core, key, source).await
    }

    /// As [`Layered::get`], past memory: for who does not take what it has.
    pub async fn fetch<S: Source<V>>(
        &self,
        core: &Arc<Core>,
        key: &str,
        source: &S,
    ) -> Result<Option<Arc<V>>, Failure> {
        loop {
            // Whoever comes after a removal does not wait for one that began before it.
            let leader = match self.flights.join(key, self.last_removal(key)) {
                Role::Leader(leader) => leader,
                Role::Follower(mut end) => match end.outcome().await {
                    Outcome::Landed(value) => return Ok(value),
                    Outcome::Failed => return self.load(core, key, source).await,
                    Outcome::Lost => continue,
                },
            };
            let result = self.load(core, key, source).await;
            leader.land(result.as_ref().ok().cloned());
            return result;
        }
    }

    async fn load<S: Source<V>>(
        &self,
        core: &Arc<Core>,
        key: &str,
        source: &S,
    ) -> Result<Option<Arc<V>>, Failure> {
        let began = self.began();
        let claim = match self.look_beside(core, key, source, began).await? {
            Shelved::Value(value) => return Ok(Some(value)),
            Shelved::Nothing(claim) => claim,
        };
        let Some(value) = self.ask(core, key, source, began).await? else { return Ok(None) };
        let until = source.until(&value);
        if let Some((shared, claim)) = core.nodes().shared().zip(claim)
            && let Some(bytes) = source.write(&value)
            && until > core.now()
        {
            let ttl = until.since(core.now()).min(self.kind.ttl);
            shared.put(core, self.name(key), &bytes, ttl, claim).await;
        }
        Ok(Some(value))
    }

    /// The thing as the source has it, whatever is remembered.
    pub async fn reload<S: Source<V>>(
        &self,
        core: &Arc<Core>,
        key: &str,
        source: &S,
    ) -> Result<Option<Arc<V>>, Failure> {
        self.ask(core, key, source, self.began()).await
    }

    async fn ask<S: Source<V>>(
        &self,
        core: &Arc<Core>,
        key: &str,
        source: &S,
        began: u64,
    ) -> Result<Option<Arc<V>>, Failure> {
        self.counts(core).loaded();
        match source.load(core, key).await? {
            Loaded::Passing => Ok(None),
            Loaded::Missing => {
                self.keep_missing(core, key, began);
                Ok(None)
            }
            Loaded::Found(value) => {
                let value = Arc::new(value);
                let until = source.until(&value).min(core.remember_until(self.kind.ttl));
                self.keep(core, key, &value, until, began);
                Ok(Some(value))
            }
        }
    }

    /// What nodes share of a key, or else the claim to put it there.
    async fn look_beside<S: Source<V>>(
        &self,
        core: &Arc<Core>,
        key: &str,
        source: &S,
        began: u64,
    ) -> Result<Shelved<V>, Failure> {
        let Some(shared) = core.nodes().shared() else { return Ok(Shelved::Nothing(None)) };
        let (bytes, read_at, claim) = match shared.get(core, self.name(key)).await {
            Shelf::Away => return Ok(Shelved::Nothing(None)),
            Shelf::Empty(claim) => {
                self.counts(core).missed();
                return Ok(Shelved::Nothing(Some(claim)));
            }
            Shelf::Found { value, read_at, claim } => (value, read_at, claim),
        };
        let value = source.read(core, key, &bytes).await?;
        // Together with the time that it was shared it is not older than memory may be.
        let until = |value: &V| source.until(value).min(read_at.plus(self.kind.ttl));
        let Some(value) = value.filter(|value| until(value) > core.now()) else {
            self.counts(core).missed();
            return Ok(Shelved::Nothing(Some(claim)));
        };
        self.counts(core).hit();
        let value = Arc::new(value);
        self.keep(core, key, &value, until(&value).min(core.remember_until(self.kind.ttl)), began);
        Ok(Shelved::Value(value))
    }

    fn name<'k>(&self, key: &'k str) -> SharedKey<'k> {
        SharedKey { kind: self.kind.name, key }
    }

    fn place(&self, key: &str) -> Option<&AtomicU64> {
        let place = usize::try_from(self.hasher.hash_one(key) % PLACES as u64).ok()?;
        self.places.get(place)
    }

    /// Taken before anything is read, and compared with the last removal when it is kept.
    fn began(&self) -> u64 {
        self.removals.load(Ordering::Acquire)
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_removal(&self, key: &str) -> u64 {
        let of_key = self.place(key).map_or(0, |place| place.load(Ordering::Acquire));
        of_key.max(self.emptied.load(Ordering::Acquire))
    }

    fn keep(&self, core: &Core, key: &str, value: &Arc<V>, until: Timestamp, began: u64) {
        let Some(memory) = self.memory(core) else { return };
        let _writing = self.writing();
        if self.last_removal(key) <= began {
            memory.missing.remove(key);
            memory.present.insert(key, value.clone(), Some(until));
        }
    }

    fn keep_missing(&self, core: &Core, key: &str, began: u64) {
        let Some(memory) = self.memory(core) else { return };
        let _writing = self.writing();
        if self.last_removal(key) <= began {
            memory.missing.insert(key, Arc::new(Nothing), Some(core.remember_until(self.kind.missing_ttl)));
        }
    }

    /// Forgets a key on this node.
    pub fn forget(&self, key: &str) {
        let _writing = self.writing();
        if let Some(place) = self.place(key) {
            place.store(self.removals.fetch_add(1, Ordering::AcqRel) + 1, Ordering::Release);
        }
        if let Some(memory) = self.memory.get() {
            memory.present.remove(key);
            memory.missing.remove(key);
        }
    }

    /// Forgets everything on this node.
    pub fn forget_all(&self) {
        let _writing = self.writing();
        self.emptied.store(self.removals.fetch_add(1, Ordering::AcqRel) + 1, Ordering::Release);
        if let Some(memory) = self.memory.get() {
            memory.present.clear();
            memory.missing.clear();
        }
    }

    /// Removes keys on this node and from what nodes share, after the change is committed. Other nodes
    /// have to be told afterwards: until they are, their memories have the old value.
    pub async fn remove(&self, core: &Core, keys: &[&str]) {
        for key in keys {
            self.forget(key);
        }
        let Some(shared) = core.nodes().shared() else { return };
        let names: Vec<_> = keys.iter().map(|key| self.name(key)).collect();
        shared.remove(core, &names).await;
        // Somebody may have found it there meanwhile.
        for key in keys {
            self.forget(key);
        }
    }

    /// As [`Layered::remove`], where nobody knows which keys.
    pub async fn remove_all(&self, core: &Core) {
        self.forget_all();
        let Some(shared) = core.nodes().shared() else { return };
        shared.remove_all(core).await;
        self.forget_all();
    }
}
