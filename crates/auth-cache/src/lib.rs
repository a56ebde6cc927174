//! Caches of one node: memory, with a capacity and a time limit per kind.
//!
//! What is older than its kind's limit, or past its own `until`, is never given out. Time comes
//! from the [`Clock`], not from the store underneath, so a test that moves the clock moves it here
//! too; the store's own limit only frees memory.

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use auth_core::{
    Timestamp,
    ports::{Cache, CacheKind, CacheProvider, Clock},
};
use moka::notification::RemovalCause;

type Value = Arc<dyn Any + Send + Sync>;

/// Makes the caches of one node. Asking twice for a kind gives the same cache.
pub struct MemoryCaches {
    clock: Arc<dyn Clock>,
    kinds: Mutex<HashMap<&'static str, Arc<MemoryCache>>>,
}

impl MemoryCaches {
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, kinds: Mutex::default() }
    }

    /// Every kind's figures so far, by name.
    #[must_use]
    pub fn stats(&self) -> Vec<Stats> {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stats: Vec<_> = kinds.values().map(|cache| cache.stats()).collect();
        stats.sort_by_key(|kind| kind.kind);
        stats
    }

    /// Forgets everything of every kind.
    pub fn clear(&self) {
        let kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.values().for_each(|cache| cache.clear());
    }
}

impl CacheProvider for MemoryCaches {
    /// The figures of the first call count: a kind is declared in one place.
    fn cache(&self, kind: CacheKind) -> Arc<dyn Cache> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(MemoryCache::new(&kind, self.clock.clone()));
        kinds.entry(kind.name).or_insert_with(make).clone()
    }
}

/// How well a kind does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    pub kind: &'static str,
    pub hits: u64,
    pub misses: u64,
    /// Entries that had to go because others came.
    pub evictions: u64,
    /// Entries that are kept, roughly.
    pub entries: u64,
}

struct Entry {
    value: Value,
    until: Timestamp,
}

struct MemoryCache {
    kind: CacheKind,
    clock: Arc<dyn Clock>,
    entries: moka::sync::Cache<Box<str>, Arc<Entry>>,
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: Arc<AtomicU64>,
}

impl MemoryCache {
    fn new(kind: &CacheKind, clock: Arc<dyn Clock>) -> Self {
        let evictions = Arc::new(AtomicU64::new(0));
        let evicted = evictions.clone();
        let entries = moka::sync::Cache::builder()
            .name(kind.name)
            .max_capacity(kind.capacity)
            .time_to_live(kind.ttl)
            .eviction_listener(move |_, _, cause| {
                if cause == RemovalCause::Size {
                    evicted.fetch_add(1, Ordering::Relaxed);
                }
            })
            .build();
        let (hits, misses) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { kind: kind.clone(), clock, entries, hits, misses, evictions }
    }

    fn stats(&self) -> Stats {
        Stats {
            kind: self.kind.name,
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            evictions: self.evictions.load(Ordering::Relaxed),
            entries: self.entries.entry_count(),
        }
    }
}

impl Cache for MemoryCache {
    fn get(&self, key: &str) -> Option<Value> {
        let found = self.entries.get(key).filter(|entry| entry.until > self.clock.now());
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found.map(|entry| entry.value.clone())
    }

    fn insert(&self, key: &str, value: Value, until: Option<Timestamp>) {
        let now = self.clock.now();
        let end = now.plus(self.kind.ttl);
        let until = until.map_or(end, |until| until.min(end));
        if until <= now {
            // Whatever was kept before is older still.
            self.entries.invalidate(key);
        } else {
            self.entries.insert(key.into(), Arc::new(Entry { value, until }));
        }
    }

    fn remove(&self, key: &str) {
        self.entries.invalidate(key);
    }

    fn clear(&self) {
        self.entries.invalidate_all();
    }
}
