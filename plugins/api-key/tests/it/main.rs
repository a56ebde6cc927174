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
mod leaks;
mod managing;
mod nodes;
mod organizations;
mod owners;
mod rotating;
mod sessions;
mod support;
mod usage;
mod verifying;

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<auth_plugin_api_key::ApiKey>(support::app()).await;
}
