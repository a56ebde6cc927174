//! The port of the limiter.

use async_trait::async_trait;

use super::{Fail, Limit};
use crate::Failure;

/// One counter that a request is to be counted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What is counted together. It holds a [`fingerprint`](crate::Core::fingerprint) where the text is somebody's.
    pub key: String,
    /// How many pass.
    pub limit: Limit,
    /// For whoever stands in for a limiter that does not answer.
    pub fail: Fail,
}

impl Ask {
    /// A question that is answered from memory where the limiter is away.
    #[must_use]
    pub fn new(key: impl Into<String>, limit: Limit) -> Self {
        Self { key: key.into(), limit, fail: Fail::default() }
    }

    /// The counter's name: counters of one key that count differently are different ones.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}{}", self.limit.mark(), self.key)
    }
}

/// How a counter stands after a request that it let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests that still pass.
    pub remaining: u64,
    /// Seconds until as many pass as at first; of growing pauses, the pause until the next attempt.
    pub reset: u64,
}

/// What the limiter says to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All counters let it through. The one that has least left, as the number of its question.
    Allowed {
        /// The number of that question, from 0.
        tightest: usize,
        /// How its counter stands.
        standing: Standing,
    },
    /// Refused by one of them; trying again makes sense after this many seconds.
    Refused {
        /// The number of the question, from 0.
        by: usize,
        /// What the answer's `Retry-After` says.
        retry_after: u64,
    },
}

impl Verdict {
    /// Whether the request may go on.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }

    /// Of counters that all let a request through.
    #[must_use]
    pub fn allowed(standings: impl IntoIterator<Item = Standing>) -> Self {
        let least = standings.into_iter().enumerate().min_by_key(|(_, standing)| standing.remaining);
        let nothing = Standing { remaining: u64::MAX, reset: 0 };
        let (tightest, standing) = least.unwrap_or((0, nothing));
        Self::Allowed { tightest, standing }
    }
}

/// Counts. A request is counted on all counters or, where one refuses it, on none: a refused request
/// does not lengthen a window.
///
/// ```
/// use std::time::Duration;
///
/// use auth_core::{
///     Core, Failure,
///     http::StatusCode,
///     rate::{Ask, Limit, Verdict},
/// };
///
/// /// Three letters an hour for one address, wherever they are asked for.
/// async fn may_mail(core: &Core, address: &str) -> Result<(), Failure> {
///     let key = format!("letters|{}", core.fingerprint("address", address));
///     let ask = Ask::new(key, Limit::sliding(3, Duration::from_secs(3600)));
///     match core.limiter().hit(&[ask], core.now().unix_millis()).await? {
///         Verdict::Allowed { .. } => Ok(()),
///         Verdict::Refused { retry_after, .. } => {
///             let failure =
///                 Failure::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_LETTERS", "Try again later");
///             Err(failure.with_header(auth_core::http::header::RETRY_AFTER, retry_after.into()))
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Limiter: Send + Sync + 'static {
    /// Counts one request on all of these. Fails where the store of the counters does not answer; the one
    /// that [`Core::limiter`](crate::Core::limiter) gives then does as each counter's `fail` says.
    async fn hit(&self, asked: &[Ask], now_millis: i64) -> Result<Verdict, Failure>;

    /// Makes a counter start afresh.
    async fn forget(&self, ask: &Ask, now_millis: i64) -> Result<(), Failure>;
}
