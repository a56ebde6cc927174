//! The plugin on a whole host, over a real database.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod endpoints;
mod forged;
mod keys;
mod operations;
mod revoked;
mod support;

use auth_plugin_jwt::Jwt;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Builder, TestApp};

pub(crate) fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<Jwt>()
}

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<Jwt>(app()).await;
}
