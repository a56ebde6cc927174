//! The edge over a host with one toy plugin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod cors;
mod embed;
mod extractors;
mod headers;
mod layers;
mod limits;
mod members;
#[cfg(feature = "openapi")]
mod openapi;
mod overload;
mod routing;
mod sockets;
mod support;
mod toy;
mod ways;
