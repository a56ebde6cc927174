//! The verifier against a key server on the loopback, with a clock that stands still.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests stand outside of test functions"
)]

mod cache;
mod foreign;
mod layer;
mod refusals;
mod support;
