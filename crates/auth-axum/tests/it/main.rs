//! The edge over a host with one toy plugin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod cors;
mod embed;
mod headers;
mod limits;
mod routing;
mod sockets;
mod support;
mod toy;
