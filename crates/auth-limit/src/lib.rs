//! Rate limiters: [`MemoryLimiter`] for one node, [`DatabaseLimiter`] for several.
//!
//! Both count as Better Auth does. The first request of a key makes a counter of one. Each allowed
//! request adds one and moves the counter's time, so a steady stream just below the window never
//! starts afresh. A refused request changes nothing. A counter whose last allowed request is a
//! window ago starts afresh.

mod breaker;
mod database;
mod memory;

pub use breaker::{Breaker, BreakerPolicy, Circuit};
pub use database::DatabaseLimiter;
pub use memory::MemoryLimiter;

use auth_core::rate::{Limit, Verdict};

fn window_millis(limit: Limit) -> i64 {
    i64::try_from(limit.window).unwrap_or(i64::MAX).saturating_mul(1000)
}

/// Refuses until a window after the last allowed request, in whole seconds.
fn refused(last: i64, window: i64, now: i64) -> Verdict {
    let left = last.saturating_add(window).saturating_sub(now).max(0);
    Verdict::Refused { retry_after: left.unsigned_abs().div_ceil(1000) }
}
