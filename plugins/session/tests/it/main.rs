//! The plugin on a whole host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod cookie_cache;
mod cookies;
mod devices;
mod endpoints;
mod hit_rate;
mod limits;
mod memory;
mod nodes;
mod refresh;
mod rules;

use auth_plugin_session::SessionPlugin;
use auth_testkit::{Builder, TestApp};

pub(crate) fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>()
}

/// Without the cookie cache, so that memory and store answer.
pub(crate) fn bare() -> Builder {
    app().set("plugins.session.cookie_cache.enabled", false)
}

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<SessionPlugin>(app()).await;
}
