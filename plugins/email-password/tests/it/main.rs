//! The plugin on a whole host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod change_password;
mod clients;
mod faults;
mod lockout;
mod reset;
mod sign_in;
mod sign_up;
mod verification;

use auth_plugin_email_password::EmailPassword;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Actor, Answer, Builder, TestApp, Value, json};

pub(crate) const PASSWORD: &str = "Correct-Horse-42";
pub(crate) const OTHER: &str = "Battery-Staple-43";

pub(crate) fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<EmailPassword>()
}

/// Better Auth's figures.
pub(crate) fn upstream() -> Builder {
    app().preset(auth_testkit::auth_core::Preset::BetterAuth).set("passwords.scheme", "argon2id")
}

pub(crate) fn sign_up_body(name: &str) -> Value {
    json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD })
}

/// Somebody who signed up through the API.
pub(crate) async fn signed_up(app: &TestApp, name: &str) -> (Actor, Answer) {
    let mut actor = app.anon();
    let answer = actor.post("/sign-up/email", sign_up_body(name)).await.expect(200);
    (actor, answer)
}

pub(crate) async fn sign_in(app: &TestApp, name: &str, password: &str) -> (Actor, Answer) {
    let mut actor = app.anon();
    let body = json!({ "email": format!("{name}@example.com"), "password": password });
    let answer = actor.post("/sign-in/email", body).await;
    (actor, answer)
}

#[tokio::test]
async fn conforms() {
    let ambiguous = [
        ("INVALID_TOKEN", "Better Auth answers 400 to a reset and 401 to a verification"),
        ("USER_NOT_FOUND", "Better Auth answers 400 to a reset and 401 to a verification"),
    ];
    auth_testkit::check::plugin_but::<EmailPassword>(app(), &ambiguous).await;
}
