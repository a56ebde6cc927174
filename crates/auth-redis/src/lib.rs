//! What nodes share through Redis: rate limits, and word of what changed.
//!
//! Nothing that matters is kept in Redis alone. Where it is away, the limiter counts in memory and
//! nodes trust their memories for seconds only; when it is back, all goes on without a restart.
//!
//! [`Redis`] is the way to it: a few shared connections, a time limit on every command, and a circuit
//! breaker. [`RedisLimiter`] counts in one script. [`Bus`] tells nodes what others changed, and keeps what
//! they share.

mod bus;
mod config;
mod limiter;
mod link;
mod presence;
mod roll;
mod shelf;

pub use bus::Bus;
pub use config::{Mode, RedisConfig};
pub use limiter::RedisLimiter;
pub use link::{Away, Redis};
