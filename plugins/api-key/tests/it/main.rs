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
    let ambiguous = [("USER_NOT_FOUND", "404, as of Better Auth's plugins; its core answers 400 and 401")];
    auth_testkit::check::plugin_but::<auth_plugin_api_key::ApiKey>(
        support::app().set("plugins.api-key.sessions", true),
        &ambiguous,
    )
    .await;
}
