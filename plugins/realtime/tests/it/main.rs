//! The plugin on a whole host, behind a real port, with a client of another make.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod bounds;
mod ended;
mod events;
mod support;
mod topics;
mod ways;

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<auth_plugin_realtime::Realtime>(support::app()).await;
}
