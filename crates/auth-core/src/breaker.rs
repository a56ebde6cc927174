//! A circuit breaker: stops asking what does not answer, and tries again after a while.
//!
//! *Closed*, everything passes. After some failures in a row it is *open*: nothing passes until a pause
//! is over. Then one caller is let through (*half open*): its success closes the circuit, its failure
//! makes the pause twice as long, up to a limit.
//!
//! It is here and not with the limiters because a plugin that asks something outside needs one too.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct BreakerPolicy {
    /// Failures in a row.
    pub failures: u32,
    /// The first pause.
    pub pause: Duration,
    /// The longest one.
    pub longest: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self { failures: 3, pause: Duration::from_millis(500), longest: Duration::from_secs(10) }
    }
}

/// How a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Circuit {
    /// Everything passes.
    Closed,
    /// Nothing passes until a pause is over.
    Open,
    /// One caller is out to try; the others wait.
    HalfOpen,
}

impl Circuit {
    /// As figures have it: the more, the worse.
    #[must_use]
    pub fn level(self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
        }
    }
}

#[derive(Clone, Copy)]
enum State {
    Closed {
        failures: u32,
    },
    /// Until a point in time, in milliseconds.
    Open {
        until: i64,
        pause: i64,
    },
    /// One caller is out since then; a caller who never comes back is given up after a pause.
    Trying {
        since: i64,
        pause: i64,
    },
}

/// One breaker. Times are milliseconds of any clock that its callers agree on.
///
/// ```
/// use auth_core::breaker::{Breaker, BreakerPolicy};
///
/// let breaker = Breaker::new(BreakerPolicy::default());
/// let mut ask = |now: i64, answers: bool| {
///     if !breaker.may_pass(now) {
///         return false;
///     }
///     if answers {
///         breaker.succeeded();
///     } else {
///         breaker.failed(now);
///     }
///     true
/// };
///
/// assert!(ask(0, false) && ask(0, false) && ask(0, false));
/// assert!(!ask(1, true), "three failures in a row: nobody is asked for half a second");
/// assert!(ask(500, true));
/// ```
pub struct Breaker {
    policy: BreakerPolicy,
    state: Mutex<State>,
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(policy: BreakerPolicy) -> Self {
        Self { policy, state: Mutex::new(State::Closed { failures: 0 }) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the caller may go on. Who may has to tell how it went.
    pub fn may_pass(&self, now: i64) -> bool {
        let mut state = self.state();
        match *state {
            State::Closed { .. } => true,
            State::Open { until, pause } if now >= until => {
                *state = State::Trying { since: now, pause };
                true
            }
            State::Open { until, pause } => {
                // A clock that was set back must not keep the circuit open for longer than a pause.
                if until.saturating_sub(now) > pause {
                    *state = State::Open { until: now.saturating_add(pause), pause };
                }
                false
            }
            State::Trying { since, pause } if now.abs_diff(since) >= pause.unsigned_abs() => {
                *state = State::Trying { since: now, pause };
                true
            }
            State::Trying { .. } => false,
        }
    }

    /// What was asked has answered: the circuit closes, and earlier failures are forgotten.
    pub fn succeeded(&self) {
        *self.state() = State::Closed { failures: 0 };
    }

    /// Gives `true` where the circuit has opened by this.
    pub fn failed(&self, now: i64) -> bool {
        let mut state = self.state();
        let open = |pause: i64| State::Open { until: now.saturating_add(pause), pause };
        match *state {
            State::Closed { failures } if failures.saturating_add(1) >= self.policy.failures => {
                *state = open(millis(self.policy.pause));
                true
            }
            State::Closed { failures } => {
                *state = State::Closed { failures: failures.saturating_add(1) };
                false
            }
            State::Trying { pause, .. } => {
                *state = open(pause.saturating_mul(2).min(millis(self.policy.longest)));
                true
            }
            // A caller from before it opened.
            State::Open { .. } => false,
        }
    }

    /// How it stands, for figures. To go on, ask [`may_pass`](Self::may_pass): only that lets one caller try.
    #[must_use]
    pub fn circuit(&self, now: i64) -> Circuit {
        match *self.state() {
            State::Closed { .. } => Circuit::Closed,
            State::Open { until, .. } if now < until => Circuit::Open,
            State::Open { .. } | State::Trying { .. } => Circuit::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, BreakerPolicy, Circuit};

    fn breaker() -> Breaker {
        Breaker::new(BreakerPolicy::default())
    }

    fn broken(breaker: &Breaker) {
        for _ in 0..3 {
            assert!(breaker.may_pass(0));
            breaker.failed(0);
        }
    }

    #[test]
    fn it_opens_after_failures_in_a_row() {
        let breaker = breaker();
        for _ in 0..10 {
            assert!(!breaker.failed(0) && !breaker.failed(0));
            breaker.succeeded();
        }
        broken(&breaker);
        assert_eq!(breaker.circuit(0), Circuit::Open);
        assert!(!breaker.may_pass(499));
    }

    #[test]
    fn one_caller_tries_whether_it_works_again() {
        let breaker = breaker();
        broken(&breaker);
        assert!(breaker.may_pass(500));
        assert_eq!(breaker.circuit(500), Circuit::HalfOpen);
        assert!(!breaker.may_pass(500), "the others wait");
        breaker.succeeded();
        assert!(breaker.may_pass(500) && breaker.may_pass(500));
    }

    #[test]
    fn pauses_grow_to_a_limit() {
        let breaker = breaker();
        broken(&breaker);
        let mut now = 0;
        for pause in [500, 1000, 2000, 4000, 8000, 10_000, 10_000] {
            assert!(!breaker.may_pass(now + pause - 1));
            now += pause;
            assert!(breaker.may_pass(now));
            assert!(breaker.failed(now));
        }
    }

    #[test]
    fn a_caller_who_never_comes_back_does_not_keep_it_open() {
        let breaker = breaker();
        broken(&breaker);
        assert!(breaker.may_pass(500));
        assert!(!breaker.may_pass(999));
        assert!(breaker.may_pass(1000));
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_it_open_for_one_pause() {
        let breaker = breaker();
        for _ in 0..3 {
            breaker.failed(1_000_000);
        }
        assert!(!breaker.may_pass(0));
        assert!(breaker.may_pass(500));
    }
}
