//! Time as a parameter. Nothing else in Tessera asks the system for it.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use time::OffsetDateTime;

use crate::model::Timestamp;

/// Says what time it is. A plugin asks [`Core::now`](crate::Core::now) and needs none of its own.
///
/// ```
/// use std::time::Duration;
///
/// use auth_core::{
///     Timestamp,
///     ports::{Clock, FrozenClock},
/// };
///
/// let clock = FrozenClock::new(Timestamp::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().unix_seconds(), 60);
/// ```
pub trait Clock: Send + Sync + 'static {
    /// The present, to the millisecond. It may go backwards when the system's clock is set.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::new(OffsetDateTime::now_utc())
    }
}

/// A clock that a test moves.
#[derive(Debug)]
pub struct FrozenClock {
    millis: AtomicI64,
}

impl FrozenClock {
    /// A clock that stands at this moment.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self { millis: AtomicI64::new(at.unix_millis()) }
    }

    /// Moves it on, for everybody who has it.
    pub fn advance(&self, by: Duration) {
        self.millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Sets it, backwards too.
    pub fn set(&self, at: Timestamp) {
        self.millis.store(at.unix_millis(), Ordering::SeqCst);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.millis.load(Ordering::SeqCst))
    }
}
