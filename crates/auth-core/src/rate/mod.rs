//! Rate rules, and the port of the limiter that counts them.

mod limiter;
mod rule;

pub use limiter::{Ask, Limiter, Standing, Verdict};
pub use rule::{KeyPart, PathRule, RateRule};

use std::{borrow::Cow, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a counter goes up and comes down again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// Better Auth's: a window that each allowed request begins anew.
    #[default]
    Fixed,
    /// A window that moves along by tenths, so that never more pass in any window, wherever it begins. A
    /// few numbers a key, whatever the limit.
    Sliding,
    /// `burst` requests at once, and `max` more in each window, spread evenly.
    TokenBucket {
        /// Requests that pass at once after a quiet time.
        burst: u64,
    },
    /// For attempts that should not go on: after `max` of them each next one has to wait, first for a
    /// window, then for twice as long, up to `longest` seconds.
    Growing {
        /// Seconds; the pause does not grow beyond them.
        longest: u64,
    },
}

/// What to do with requests while the store of the counters does not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fail {
    /// Each node counts by itself.
    #[default]
    Memory,
    /// They pass.
    Open,
    /// They are refused with 503.
    Closed,
}

/// How many requests pass in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The window, in seconds.
    pub window: u64,
    /// Requests in it.
    pub max: u64,
    /// How the counter goes up and comes down again.
    pub algorithm: Algorithm,
}

/// How long attempts are remembered after the last one.
const ATTEMPTS_MEMORY: u64 = 24 * 3600;

impl Limit {
    /// As Better Auth counts.
    #[must_use]
    pub const fn new(max: u64, window: Duration) -> Self {
        Self { window: window.as_secs(), max, algorithm: Algorithm::Fixed }
    }

    /// Never more than `max` in any window, wherever it begins.
    #[must_use]
    pub const fn sliding(max: u64, window: Duration) -> Self {
        Self { window: window.as_secs(), max, algorithm: Algorithm::Sliding }
    }

    /// `max` in each window, and `burst` at once.
    #[must_use]
    pub const fn token_bucket(max: u64, window: Duration, burst: u64) -> Self {
        Self { window: window.as_secs(), max, algorithm: Algorithm::TokenBucket { burst } }
    }

    /// After `free` attempts a pause of `first` before each, which doubles up to `longest`.
    #[must_use]
    pub const fn growing(free: u64, first: Duration, longest: Duration) -> Self {
        let algorithm = Algorithm::Growing { longest: longest.as_secs() };
        Self { window: first.as_secs(), max: free, algorithm }
    }

    /// What counters of one kind are told from others by. Nothing for Better Auth's. The parts of a sliding
    /// window mean nothing in a window of another length.
    #[must_use]
    pub fn mark(&self) -> Cow<'static, str> {
        match self.algorithm {
            Algorithm::Fixed => "".into(),
            Algorithm::Sliding => format!("s{}|", self.window).into(),
            Algorithm::TokenBucket { .. } => "t|".into(),
            Algorithm::Growing { .. } => "g|".into(),
        }
    }

    /// How many milliseconds after its last allowed request a counter is worth nothing.
    #[must_use]
    pub fn memory_millis(&self) -> i64 {
        let seconds = match self.algorithm {
            Algorithm::Fixed => self.window,
            Algorithm::Sliding => self.window.saturating_mul(2),
            Algorithm::TokenBucket { burst } => burst.saturating_mul(self.window) / self.max.max(1) + 1,
            Algorithm::Growing { longest } => longest.saturating_mul(2).max(ATTEMPTS_MEMORY),
        };
        i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1000)
    }
}
