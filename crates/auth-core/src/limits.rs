//! Limits of users' sessions, for plugins that know of stricter ones than the configuration.

use async_trait::async_trait;

use crate::{Core, Failure};

/// The shortest idle time-out, in seconds: what is known of a session's use is not exact enough for less.
pub const SHORTEST_IDLE: u64 = 300;

/// What sessions of a user are limited by; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Seconds without use after which a session signs nobody in.
    pub idle_timeout: Option<u64>,
    /// Sessions at the same time: a new one ends the oldest.
    pub max_sessions: Option<u64>,
}

impl Limits {
    /// Of figures in which 0 is no limit.
    #[must_use]
    pub fn of(idle_timeout: u64, max_sessions: u64) -> Self {
        let limit = |figure: u64| (figure > 0).then_some(figure);
        Self { idle_timeout: limit(idle_timeout), max_sessions: limit(max_sessions) }
    }

    /// The stricter of both, each by itself.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let stricter = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Self {
            idle_timeout: stricter(self.idle_timeout, other.idle_timeout),
            max_sessions: stricter(self.max_sessions, other.max_sessions),
        }
    }
}

/// A slot: limits of a user's sessions. The strictest of all parts counts.
///
/// It is asked whenever a session is read from the store or a cookie, so it answers from a memory of its
/// own; what changes may count a few seconds later.
///
/// ```
/// use auth_core::{
///     Core, Failure, async_trait,
///     limits::{Limits, SessionLimits},
/// };
///
/// /// Ten minutes of rest, three devices.
/// struct Bank;
///
/// #[async_trait]
/// impl SessionLimits for Bank {
///     async fn limits(&self, _: &Core, _: &str) -> Result<Limits, Failure> {
///         Ok(Limits::of(600, 3))
///     }
/// }
/// ```
#[async_trait]
pub trait SessionLimits: Send + Sync + 'static {
    /// The limits that this part knows for a user. A failure fails the request: a limit that is not known
    /// does not count as none.
    async fn limits(&self, core: &Core, user_id: &str) -> Result<Limits, Failure>;
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn the_stricter_of_two_counts_and_zero_is_none() {
        let both = Limits::of(600, 0).and(Limits::of(900, 3));
        assert_eq!((both.idle_timeout, both.max_sessions), (Some(600), Some(3)));
        assert_eq!(Limits::of(0, 0), Limits::default());
    }
}
