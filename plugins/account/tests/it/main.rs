//! The plugin on a whole host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod delete;
mod email;
mod linked;
mod social;
mod update;

use auth_plugin_account::AccountPlugin;
use auth_plugin_email_password::EmailPassword;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Actor, Builder, TestApp, json};

pub(crate) const PASSWORD: &str = "Correct-Horse-42";

pub(crate) fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<EmailPassword>().plugin::<AccountPlugin>()
}

/// Somebody with a password.
pub(crate) async fn signed_up(app: &TestApp, name: &str) -> Actor {
    let mut actor = app.anon();
    let body = json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD });
    actor.post("/sign-up/email", body).await.expect(200);
    actor
}

#[tokio::test]
async fn conforms() {
    let ambiguous =
        [("INVALID_TOKEN", "Better Auth answers 404 here, 400 to a reset and 401 to a verification")];
    auth_testkit::check::plugin_but::<AccountPlugin>(app(), &ambiguous).await;
}
