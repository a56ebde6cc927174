//! Counters in memory, bounded.
//!
//! Memory is bounded in bytes, not only in entries: what is kept of a key is a hash of 128 bits
//! under secret seeds, however long the path that a client made up, and a few numbers.
//!
//! A flood of distinct keys may fill the table, but it never pushes a counter out: whoever has used
//! up a limit stays refused. Keys that find no room share one counter a shard and rule, so under
//! such a flood newcomers are held to the limit together.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use auth_core::{
    Failure,
    rate::{Ask, Limit, Limiter, Verdict},
};

use crate::counter::{Counter, seconds};

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

struct Kept {
    counter: Counter,
    /// When it is worth nothing any more.
    end: i64,
}

impl Kept {
    fn new(counter: Counter, limit: Limit) -> Self {
        Self { counter, end: counter.last.saturating_add(limit.memory_millis()) }
    }
}

/// Where a counter is, or will be.
enum Slot {
    Own(u128),
    Shared(usize),
}

#[derive(Default)]
struct Shard {
    counters: HashMap<u128, Kept>,
    /// No counter ends before this: until then, looking for ended ones is in vain.
    earliest_end: i64,
    overflow: Vec<(Limit, Kept)>,
}

impl Shard {
    /// The place of a key's counter and how it would stand, or for how long the key is refused.
    fn look(&mut self, key: u128, limit: Limit, now: i64, capacity: usize) -> Result<(Slot, Counter), i64> {
        let kept = self.counters.get(&key).map(|kept| kept.counter);
        if kept.is_none() && self.counters.len() >= capacity {
            self.sweep(now);
            if self.counters.len() >= capacity {
                return self.look_shared(limit, now);
            }
        }
        Counter::next(kept, limit, now).map(|counter| (Slot::Own(key), counter))
    }

    fn look_shared(&mut self, limit: Limit, now: i64) -> Result<(Slot, Counter), i64> {
        let found = |shard: &Self| shard.overflow.iter().position(|(rule, _)| *rule == limit);
        let at = found(self).unwrap_or_else(|| {
            if self.overflow.len() >= MAX_OVERFLOWS {
                self.overflow.retain(|(_, kept)| kept.end > now);
            }
            if self.overflow.len() >= MAX_OVERFLOWS { 0 } else { self.overflow.len() }
        });
        let kept = self.overflow.get(at).map(|(_, kept)| kept.counter);
        Counter::next(kept, limit, now).map(|counter| (Slot::Shared(at), counter))
    }

    fn put(&mut self, slot: &Slot, counter: Counter, limit: Limit) {
        let kept = Kept::new(counter, limit);
        match slot {
            Slot::Own(key) => {
                let empty = self.counters.is_empty();
                self.earliest_end = if empty { kept.end } else { self.earliest_end.min(kept.end) };
                self.counters.insert(*key, kept);
            }
            Slot::Shared(at) => match self.overflow.get_mut(*at) {
                Some((_, shared)) => *shared = kept,
                None => self.overflow.push((limit, kept)),
            },
        }
    }

    /// Drops counters that would start afresh anyway.
    fn sweep(&mut self, now: i64) {
        if now < self.earliest_end {
            return;
        }
        self.counters.retain(|_, kept| kept.end > now);
        self.earliest_end = self.counters.values().map(|kept| kept.end).min().unwrap_or(i64::MAX);
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
        self.shards.iter().map(|shard| lock(shard).counters.len()).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shard of a counter, and its key there.
    fn place(&self, ask: &Ask) -> (usize, u128) {
        let name = (ask.limit.mark(), ask.key.as_str());
        let [high, low] = self.seeds.each_ref().map(|seed| seed.hash_one(&name));
        // The table inside of the shard uses the key's other bits.
        let shard = usize::try_from(low % SHARDS as u64).unwrap_or_default();
        (shard, (u128::from(high) << 64) | u128::from(low))
    }

    /// All counters are looked at before one of them is changed. Their shards are locked in order, so
    /// that nobody waits for somebody who waits for them.
    fn count(&self, asked: &[Ask], now: i64) -> Verdict {
        let places: Vec<_> = asked.iter().map(|ask| self.place(ask)).collect();
        let mut needed: Vec<usize> = places.iter().map(|(shard, _)| *shard).collect();
        needed.sort_unstable();
        needed.dedup();
        let mut open: Vec<(usize, MutexGuard<'_, Shard>)> =
            needed.iter().filter_map(|at| Some((*at, lock(self.shards.get(*at)?)))).collect();
        let mut next = Vec::with_capacity(asked.len());
        for (by, (ask, (at, key))) in asked.iter().zip(&places).enumerate() {
            let Some((_, shard)) = open.iter_mut().find(|(shard, _)| shard == at) else { continue };
            match shard.look(*key, ask.limit, now, self.capacity) {
                Ok((slot, counter)) => next.push((*at, slot, counter, ask.limit)),
                Err(wait) => return Verdict::Refused { by, retry_after: seconds(wait) },
            }
        }
        for (at, slot, counter, limit) in &next {
            if let Some((_, shard)) = open.iter_mut().find(|(shard, _)| shard == at) {
                shard.put(slot, *counter, *limit);
            }
        }
        Verdict::allowed(next.iter().map(|(_, _, counter, limit)| counter.standing(*limit)))
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for MemoryLimiter {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_ENTRIES)
    }
}

#[async_trait]
impl Limiter for MemoryLimiter {
    async fn hit(&self, asked: &[Ask], now_millis: i64) -> Result<Verdict, Failure> {
        Ok(self.count(asked, now_millis))
    }

    async fn forget(&self, ask: &Ask, _: i64) -> Result<(), Failure> {
        let (at, key) = self.place(ask);
        if let Some(shard) = self.shards.get(at) {
            lock(shard).counters.remove(&key);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::time::Duration;

    use super::*;

    fn rule(seconds: u64) -> Limit {
        Limit::new(1, Duration::from_secs(seconds))
    }

    /// Counts a request in a shard with room for two; whether it passed.
    fn hit(shard: &mut Shard, key: u128, limit: Limit, now: i64) -> bool {
        let found = shard.look(key, limit, now, 2);
        if let Ok((slot, counter)) = &found {
            shard.put(slot, *counter, limit);
        }
        found.is_ok()
    }

    #[test]
    fn room_is_made_by_what_is_over_and_by_nothing_else() {
        let mut shard = Shard::default();
        assert!(hit(&mut shard, 1, rule(10), 0) && hit(&mut shard, 2, rule(100), 0));
        assert!(hit(&mut shard, 3, rule(100), 50_000));
        let mut keys: Vec<_> = shard.counters.keys().copied().collect();
        keys.sort_unstable();
        assert_eq!(keys, [2, 3]);
        assert!(!hit(&mut shard, 2, rule(100), 50_000));
    }

    #[test]
    fn who_has_a_counter_keeps_it_in_a_flood() {
        let mut shard = Shard::default();
        for key in 1..10 {
            hit(&mut shard, key, rule(100), 0);
        }
        // The third to the ninth share one, under the same rule; the first two do not know of it.
        assert_eq!((shard.counters.len(), shard.overflow.len()), (2, 1));
        assert!(!hit(&mut shard, 3, rule(100), 99_999));
        assert!(hit(&mut shard, 1, rule(100), 100_000) && hit(&mut shard, 2, rule(100), 100_000));
        assert!(hit(&mut shard, 3, rule(100), 100_000), "what is shared is over as well");
        assert!(!hit(&mut shard, 4, rule(100), 100_000));
        let twice = Limit::new(2, Duration::from_secs(100));
        let mut shard = Shard::default();
        assert!(
            hit(&mut shard, 1, twice, 0) && hit(&mut shard, 2, rule(100), 0) && hit(&mut shard, 3, twice, 0)
        );
        assert!(hit(&mut shard, 1, twice, 0), "its own second");
        assert!(!hit(&mut shard, 1, twice, 0), "its own third");
    }

    #[test]
    fn shared_counters_that_are_over_make_room_for_other_rules() {
        let mut shard = Shard::default();
        assert!(hit(&mut shard, 1, rule(100_000), 0) && hit(&mut shard, 2, rule(100_000), 0));
        let count = u64::try_from(MAX_OVERFLOWS).unwrap();
        for (key, seconds) in (3..).zip(1..=count) {
            assert!(hit(&mut shard, key, rule(seconds), 0), "a counter for each rule");
        }
        assert!(!hit(&mut shard, 900, rule(count + 1), 0), "one more rule shares with another");
        assert_eq!(shard.overflow.len(), MAX_OVERFLOWS);
        let later = i64::try_from(count * 1000).unwrap();
        assert!(hit(&mut shard, 901, rule(count + 2), later));
        assert_eq!(shard.overflow.len(), 1, "all others were over");
    }
}
