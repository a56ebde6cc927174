//! The plugin on a whole host, over a real database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod configured;
mod counting;
mod creating;
mod hostile;
mod managing;
mod owners;
mod sessions;
mod support;
mod verifying;
