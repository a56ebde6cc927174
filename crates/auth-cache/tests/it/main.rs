#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{any::Any, sync::Arc, thread, time::Duration};

use auth_cache::MemoryCaches;
use auth_core::{
    Timestamp,
    ports::{Cache, CacheKind, CacheProvider, FrozenClock},
};

const START: i64 = 1_700_000_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(START + seconds * 1000)
}

fn kind(name: &'static str) -> CacheKind {
    CacheKind { name, capacity: 100, ttl: Duration::from_mins(1) }
}

fn setup() -> (Arc<FrozenClock>, MemoryCaches, Arc<dyn Cache>) {
    let clock = Arc::new(FrozenClock::new(at(0)));
    let caches = MemoryCaches::new(clock.clone());
    let cache = caches.cache(kind("session"));
    (clock, caches, cache)
}

fn value(n: u32) -> Arc<dyn Any + Send + Sync> {
    Arc::new(n)
}

fn read(cache: &Arc<dyn Cache>, key: &str) -> Option<u32> {
    cache.get(key).map(|value| *value.downcast::<u32>().unwrap())
}

#[test]
fn keeps_and_forgets() {
    let (_, caches, cache) = setup();
    assert_eq!(read(&cache, "a"), None);
    cache.insert("a", value(1), None);
    cache.insert("b", value(2), None);
    assert_eq!((read(&cache, "a"), read(&cache, "b")), (Some(1), Some(2)));
    cache.remove("a");
    assert_eq!((read(&cache, "a"), read(&cache, "b")), (None, Some(2)));
    cache.clear();
    assert_eq!(read(&cache, "b"), None);
    cache.insert("c", value(3), None);
    assert_eq!(read(&cache, "c"), Some(3));
    caches.clear();
    assert_eq!(read(&cache, "c"), None);
}

#[test]
fn the_clock_ends_an_entry() {
    let (clock, _, cache) = setup();
    cache.insert("ttl", value(1), None);
    cache.insert("until", value(2), Some(at(10)));
    cache.insert("far", value(3), Some(at(10_000)));
    clock.set(at(9));
    assert_eq!(read(&cache, "until"), Some(2));
    clock.set(at(10));
    assert_eq!(read(&cache, "until"), None, "an entry ends at its time, not after it");
    assert_eq!(read(&cache, "ttl"), Some(1));
    clock.set(at(60));
    assert_eq!(
        (read(&cache, "ttl"), read(&cache, "far")),
        (None, None),
        "`until` cannot lengthen the kind's time"
    );
}

#[test]
fn an_entry_that_is_already_over_also_removes_the_old_one() {
    let (_, _, cache) = setup();
    cache.insert("a", value(1), None);
    cache.insert("a", value(2), Some(at(0)));
    assert_eq!(read(&cache, "a"), None);
}

#[test]
fn a_kind_is_one_cache_and_kinds_are_apart() {
    let (_, caches, cache) = setup();
    cache.insert("a", value(1), None);
    assert_eq!(read(&caches.cache(kind("session")), "a"), Some(1));
    assert_eq!(read(&caches.cache(kind("user")), "a"), None);
}

#[test]
fn counts_hits_and_misses_per_kind() {
    let (clock, caches, cache) = setup();
    let user = caches.cache(kind("user"));
    cache.insert("a", value(1), Some(at(10)));
    cache.get("a");
    cache.get("a");
    cache.get("b");
    clock.set(at(20));
    cache.get("a");
    user.get("x");
    let stats = caches.stats();
    let figures: Vec<_> = stats.iter().map(|s| (s.kind, s.hits, s.misses)).collect();
    assert_eq!(figures, [("session", 2, 2), ("user", 0, 1)]);
}

#[test]
fn capacity_bounds_memory() {
    let (_, caches, cache) = setup();
    for n in 0..10_000 {
        cache.insert(&n.to_string(), value(n), None);
    }
    // Evictions run beside the writers; reading gives them their turn.
    for _ in 0..1_000 {
        cache.get("x");
    }
    let stats = caches.stats()[0];
    assert!(stats.entries <= 200, "{stats:?}");
    assert!(stats.evictions >= 9_800, "{stats:?}");
    cache.remove("9999");
    assert_eq!(caches.stats()[0].evictions, stats.evictions, "what is removed was not in the way");
}

#[test]
fn many_threads() {
    let (_, caches, cache) = setup();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for n in 0..1_000_u32 {
                    cache.insert(&(n % 50).to_string(), value(n), None);
                    cache.get(&(n % 50).to_string());
                }
            });
        }
    });
    let stats = caches.stats();
    assert_eq!(stats[0].hits + stats[0].misses, 8_000);
}
