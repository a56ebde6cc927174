//! What is counted of each kind. The memory of a node counts for itself.

use crate::metric::{Counter, Metric, Metrics};

/// Questions that a cache has answered, by kind and level.
pub const HITS: Metric = Metric::counter(
    "cache_hits_total",
    "Questions that a cache has answered: the `memory` of this node, or what is `shared` between nodes.",
    &["kind", "level"],
);

/// Questions that went on from a level, by kind and level.
pub const MISSES: Metric = Metric::counter(
    "cache_misses_total",
    "Questions that a cache could not answer: they went on to the next level, or to the store.",
    &["kind", "level"],
);

const LOADS: Metric = Metric::counter(
    "cache_loads_total",
    "Times that the store was asked. Many who miss the same thing at once ask once.",
    &["kind"],
);

/// Declared by the host.
pub const METRICS: &[Metric] = &[HITS, MISSES, LOADS];

/// The handles of one kind.
pub(super) struct Counts {
    hits: Counter,
    misses: Counter,
    loads: Counter,
}

impl Counts {
    pub(super) fn new(metrics: &Metrics, kind: &str) -> Self {
        Self {
            hits: metrics.counter(&HITS, &[kind, "shared"]),
            misses: metrics.counter(&MISSES, &[kind, "shared"]),
            loads: metrics.counter(&LOADS, &[kind]),
        }
    }

    pub(super) fn hit(&self) {
        self.hits.increment(1);
    }

    pub(super) fn missed(&self) {
        self.misses.increment(1);
    }

    pub(super) fn loaded(&self) {
        self.loads.increment(1);
    }
}
