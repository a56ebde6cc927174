//! What became of the letters.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Figures for metrics. All numbers but `queued` only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Letters that wait for delivery now.
    pub queued: u64,
    /// Delivered, written or, without an outbox, thrown away.
    pub sent: u64,
    /// Given up.
    pub failed: u64,
    /// Attempts after the first.
    pub retried: u64,
    /// Not taken because the queue was full.
    pub refused: u64,
    /// Dropped because the address had enough.
    pub capped: u64,
    /// The last attempt failed.
    pub failing: bool,
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) sent: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) capped: AtomicU64,
    pub(crate) failing: AtomicBool,
}

impl Counters {
    /// How an attempt ended.
    pub(crate) fn attempted(&self, delivered: bool) {
        self.failing.store(!delivered, Ordering::Relaxed);
    }

    pub(crate) fn read(&self, queued: u64) -> Stats {
        Stats {
            queued,
            sent: self.sent.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            capped: self.capped.load(Ordering::Relaxed),
            failing: self.failing.load(Ordering::Relaxed),
        }
    }
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
