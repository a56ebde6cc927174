//! The verifier against a key server on the loopback, with a clock that stands still.

mod cache;
mod foreign;
mod layer;
mod refusals;
mod support;
