//! How many users were here lately, without remembering who.
//!
//! Each period has a sketch (HyperLogLog) of the users that were seen in it: 4 KiB, whatever their
//! number. Sketches of several periods join without counting anybody twice. The figure is off by
//! 1.6 % on average, and nearly exact for small numbers. It is one node's, since its start.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        OnceLock,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
    time::Duration,
};

use crate::model::Timestamp;

/// The first bits of a hash say which register counts it.
const BITS: u32 = 12;
const REGISTERS: usize = 1 << BITS;

/// Users of the last day.
pub struct ActiveUsers {
    minutes: Ring,
    quarters: Ring,
}

impl Default for ActiveUsers {
    fn default() -> Self {
        Self { minutes: Ring::new(60_000, 61), quarters: Ring::new(15 * 60_000, 97) }
    }
}

impl ActiveUsers {
    /// A user was here.
    pub fn saw(&self, user_id: &str, now: Timestamp) {
        let mut hasher = DefaultHasher::new();
        user_id.hash(&mut hasher);
        let (hash, now) = (hasher.finish(), now.unix_millis());
        self.minutes.saw(hash, now);
        self.quarters.saw(hash, now);
    }

    /// How many there were in the last time, up to a day: to the minute up to an hour, and to the
    /// quarter of an hour beyond.
    #[must_use]
    pub fn within(&self, window: Duration, now: Timestamp) -> u64 {
        let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let ring = if window <= 3_600_000 { &self.minutes } else { &self.quarters };
        ring.count(window, now.unix_millis())
    }
}

struct Ring {
    /// Milliseconds of one period.
    period: i64,
    slots: Vec<Slot>,
}

struct Slot {
    period: AtomicI64,
    registers: OnceLock<Box<[AtomicU8]>>,
}

impl Ring {
    fn new(period: i64, slots: usize) -> Self {
        let slot = || Slot { period: AtomicI64::new(i64::MIN), registers: OnceLock::new() };
        Self { period, slots: std::iter::repeat_with(slot).take(slots).collect() }
    }

    fn saw(&self, hash: u64, now: i64) {
        let period = now.div_euclid(self.period);
        let at = period.rem_euclid(i64::try_from(self.slots.len()).unwrap_or(1));
        let Some(slot) = usize::try_from(at).ok().and_then(|at| self.slots.get(at)) else { return };
        let zeros = || std::iter::repeat_with(AtomicU8::default).take(REGISTERS).collect();
        let registers = slot.registers.get_or_init(zeros);
        let old = slot.period.load(Ordering::Acquire);
        if old != period
            && slot.period.compare_exchange(old, period, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        {
            // Who is seen by another thread in this very moment may be forgotten; they come again.
            registers.iter().for_each(|register| register.store(0, Ordering::Relaxed));
        }
        let register = usize::try_from(hash >> (u64::BITS - BITS)).ok().and_then(|at| registers.get(at));
        let rest = (hash << BITS) | (1 << (BITS - 1));
        let rank = u8::try_from(rest.leading_zeros() + 1).unwrap_or(u8::MAX);
        // Most users were here before in this period: then nothing is written.
        if let Some(register) = register.filter(|register| register.load(Ordering::Relaxed) < rank) {
            register.fetch_max(rank, Ordering::Relaxed);
        }
    }

    fn count(&self, window: i64, now: i64) -> u64 {
        let last = now.div_euclid(self.period);
        let first = now.saturating_sub(window).div_euclid(self.period);
        let mut highest = [0_u8; REGISTERS];
        for slot in &self.slots {
            let seen = slot.period.load(Ordering::Acquire);
            let Some(registers) = slot.registers.get().filter(|_| seen >= first && seen <= last) else {
                continue;
            };
            for (highest, register) in highest.iter_mut().zip(registers) {
                *highest = register.load(Ordering::Relaxed).max(*highest);
            }
        }
        estimate(&highest)
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate of something positive, far below 2^52"
)]
fn estimate(registers: &[u8]) -> u64 {
    let count = registers.len() as f64;
    let sum: f64 = registers.iter().map(|rank| (-f64::from(*rank)).exp2()).sum();
    let raw = 0.7213 / (1.0 + 1.079 / count) * count * count / sum;
    let empty = registers.iter().map(|rank| u32::from(*rank == 0)).sum::<u32>();
    // Few users leave registers empty, and those tell more.
    let estimate =
        if raw <= 2.5 * count && empty > 0 { count * (count / f64::from(empty)).ln() } else { raw };
    estimate.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const FIVE: Duration = Duration::from_mins(5);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_unix_millis(1_767_225_600_000 + minutes * 60_000)
    }

    #[test]
    fn a_user_counts_once_and_until_the_window_is_over() {
        let users = ActiveUsers::default();
        for minute in 0..3 {
            for name in ["ada", "bob", "cyd"] {
                users.saw(name, at(minute));
            }
        }
        users.saw("dan", at(30));
        assert_eq!(users.within(FIVE, at(3)), 3);
        assert_eq!(users.within(FIVE, at(30)), 1);
        assert_eq!(users.within(Duration::from_hours(1), at(30)), 4);
        assert_eq!(users.within(DAY, at(23 * 60)), 4);
        assert_eq!(users.within(DAY, at(25 * 60)), 0);
        assert_eq!(users.within(FIVE, at(3 * 24 * 60)), 0);
    }

    #[test]
    fn a_slot_that_is_used_again_forgets() {
        let users = ActiveUsers::default();
        users.saw("ada", at(0));
        users.saw("bob", at(61));
        assert_eq!(users.within(FIVE, at(61)), 1);
    }

    #[test]
    fn many_users_are_counted_to_a_few_percent() {
        let users = ActiveUsers::default();
        for id in 0..50_000 {
            users.saw(&format!("user-{id}"), at(0));
        }
        let counted = users.within(FIVE, at(0));
        assert!((47_500..=52_500).contains(&counted), "{counted}");
    }
}
