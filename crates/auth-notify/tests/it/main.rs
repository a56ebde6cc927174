//! Letters from the port to the wire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod config;
mod delivery;
mod letters;
mod outbox;
mod overrides;
mod smtp_server;
mod support;
