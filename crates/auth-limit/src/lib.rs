//! Rate limiters: [`MemoryLimiter`] for one node, [`DatabaseLimiter`] for several.
//!
//! What a counter does is written once, in `counter`, for each [`Algorithm`](auth_core::rate::Algorithm);
//! a store that counts by itself says the same in its own language and is held to it by the tests. A
//! request is counted on all counters that it is asked of or, where one refuses, on none.

mod counter;
mod database;
mod memory;

pub use database::DatabaseLimiter;
pub use memory::MemoryLimiter;
