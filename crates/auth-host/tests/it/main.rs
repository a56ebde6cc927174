//! The host with toy plugins. It knows no plugin by name, so neither do its tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    unused_crate_dependencies,
    reason = "tests"
)]

mod access;
mod cache;
mod config;
mod documents;
mod freeze;
mod leader;
mod limits;
mod observed;
mod pipeline;
mod relations;
mod rows;
mod toys;
