//! A real Redis: the one of the test run, and others that are stopped and started.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod bus;
mod limiter;
mod link;
mod node;
mod presence;
mod server;
mod shelf;
mod topologies;

use std::{future::Future, time::Duration};

/// Waits for something that happens elsewhere.
async fn until<F: Future<Output = bool>>(what: &str, happened: impl Fn() -> F) {
    for _ in 0..1500 {
        if happened().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("did not happen: {what}");
}
