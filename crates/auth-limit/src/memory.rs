//! Counters in memory, bounded.
//!
//! Memory is bounded in bytes, not only in entries: what is kept of a key is a hash of 128 bits
//! under secret seeds, however long the path that a client made up.
//!
//! A flood of distinct keys may fill the table, but it never pushes a counter out: whoever has used
//! up a limit stays refused. Keys that find no room share one counter a shard and rule, so under
//! such a flood newcomers are held to the limit together.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use auth_core::{
    Failure,
    rate::{Limit, Limiter, Verdict},
};

use crate::{refused, window_millis};

const SHARDS: usize = 64;

/// Rules that have a shared counter of their own in a full shard.
const MAX_OVERFLOWS: usize = 16;

const DEFAULT_MAX_ENTRIES: usize = 100_000;

/// Counts in this process.
pub struct MemoryLimiter {
    shards: Vec<Mutex<Shard>>,
    seeds: [RandomState; 2],
    /// Counters a shard.
    capacity: usize,
}

struct Counter {
    count: u64,
    last: i64,
    window: i64,
}

impl Counter {
    fn end(&self) -> i64 {
        self.last.saturating_add(self.window)
    }

    fn hit(&mut self, limit: Limit, now: i64) -> Verdict {
        let window = window_millis(limit);
        if now.saturating_sub(self.last) >= window {
            *self = Self { count: 1, last: now, window };
            return Verdict::Allowed;
        }
        if self.count >= limit.max {
            return refused(self.last, window, now);
        }
        *self = Self { count: self.count + 1, last: now, window };
        Verdict::Allowed
    }
}

#[derive(Default)]
struct Shard {
    counters: HashMap<u128, Counter>,
    /// No counter ends before this: until then, looking for ended ones is in vain.
    earliest_end: i64,
    overflow: Vec<(Limit, Counter)>,
}

impl Shard {
    fn hit(&mut self, key: u128, limit: Limit, now: i64, capacity: usize) -> Verdict {
        if let Some(counter) = self.counters.get_mut(&key) {
            let verdict = counter.hit(limit, now);
            // A key may be counted against another, shorter rule than before.
            self.earliest_end = self.earliest_end.min(counter.end());
            return verdict;
        }
        if self.counters.len() >= capacity {
            self.sweep(now);
        }
        if self.counters.len() >= capacity {
            return self.hit_overflow(limit, now);
        }
        let counter = Counter { count: 1, last: now, window: window_millis(limit) };
        self.earliest_end =
            if self.counters.is_empty() { counter.end() } else { self.earliest_end.min(counter.end()) };
        self.counters.insert(key, counter);
        Verdict::Allowed
    }

    /// Drops counters that would start afresh anyway.
    fn sweep(&mut self, now: i64) {
        if now < self.earliest_end {
            return;
        }
        self.counters.retain(|_, counter| counter.end() > now);
        self.earliest_end = self.counters.values().map(Counter::end).min().unwrap_or(i64::MAX);
    }

    fn hit_overflow(&mut self, limit: Limit, now: i64) -> Verdict {
        if let Some((_, counter)) = self.overflow.iter_mut().find(|(rule, _)| *rule == limit) {
            return counter.hit(limit, now);
        }
        if self.overflow.len() >= MAX_OVERFLOWS {
            self.overflow.retain(|(_, counter)| counter.end() > now);
        }
        if self.overflow.len() >= MAX_OVERFLOWS
            && let Some((_, counter)) = self.overflow.first_mut()
        {
            return counter.hit(limit, now);
        }
        self.overflow.push((limit, Counter { count: 1, last: now, window: window_millis(limit) }));
        Verdict::Allowed
    }
}

impl MemoryLimiter {
    /// Keeps about `max_entries` counters, at least one a shard.
    #[must_use]
    pub fn new(max_entries: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            seeds: [RandomState::new(), RandomState::new()],
            capacity: max_entries.div_ceil(SHARDS).max(1),
        }
    }

    /// How many counters there are now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|s| s.lock().unwrap_or_else(PoisonError::into_inner).counters.len()).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn count(&self, key: &str, limit: Limit, now: i64) -> Verdict {
        let [high, low] = self.seeds.each_ref().map(|seed| seed.hash_one(key));
        let hash = (u128::from(high) << 64) | u128::from(low);
        // The table inside of the shard uses the key's other bits.
        let shard = usize::try_from(low % SHARDS as u64).ok().and_then(|at| self.shards.get(at));
        let Some(shard) = shard else { return Verdict::Allowed };
        shard.lock().unwrap_or_else(PoisonError::into_inner).hit(hash, limit, now, self.capacity)
    }
}

impl Default for MemoryLimiter {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_ENTRIES)
    }
}

#[async_trait]
impl Limiter for MemoryLimiter {
    async fn hit(&self, key: &str, limit: Limit, now_millis: i64) -> Result<Verdict, Failure> {
        Ok(self.count(key, limit, now_millis))
    }
}
