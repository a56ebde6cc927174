//! Time as a parameter, so that tests can move it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What time it is.
///
/// ```
/// use std::time::Duration;
///
/// use auth_verify::Clock;
///
/// /// It is always the first day of 2030.
/// struct NewYear;
///
/// impl Clock for NewYear {
///     fn now(&self) -> Duration {
///         Duration::from_secs(1_893_456_000)
///     }
/// }
/// ```
pub trait Clock: Send + Sync + 'static {
    /// The time since the first second of 1970, UTC.
    fn now(&self) -> Duration;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    fn now(&self) -> Duration {
        // A clock before 1970 makes every token one of the future, which is refused.
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}
