//! The plugin on a whole host, over a real database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod backup;
mod codes;
mod crossing;
mod devices;
mod doors;
mod enrolling;
mod guessing;
mod leaks;
mod pictures;
mod proving;
mod resetting;
mod signing_in;
mod support;
mod switching;

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<auth_plugin_two_factor::TwoFactor>(support::app()).await;
}
