//! The plugin on a whole host.
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
mod forged;
mod parallel;
mod several;
mod toys;

use auth_plugin_email_password::EmailPassword;
use auth_plugin_multi_session::MultiSession;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Actor, Answer, Builder, TestApp, json};

pub(crate) const PASSWORD: &str = "A long enough 1 for tests";

pub(crate) fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<EmailPassword>().plugin::<MultiSession>()
}

/// Signs a new user up in a browser, and gives their token.
pub(crate) async fn sign_up(browser: &mut Actor, name: &str) -> String {
    let body = json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD });
    let answer = browser.post("/sign-up/email", body).await.expect(200);
    answer.body["token"].as_str().unwrap().to_owned()
}

pub(crate) async fn sign_in(browser: &mut Actor, name: &str) -> Answer {
    let body = json!({ "email": format!("{name}@example.com"), "password": PASSWORD });
    browser.post("/sign-in/email", body).await.expect(200)
}

pub(crate) fn token(answer: &Answer) -> String {
    answer.body["token"].as_str().unwrap().to_owned()
}

/// Who is signed in, where the store is asked.
pub(crate) async fn active(browser: &mut Actor) -> Option<String> {
    let body = browser.get("/get-session?disableCookieCache=1").await.expect(200).body;
    body["user"]["name"].as_str().map(str::to_owned)
}

/// The names of the browser's accounts, sorted.
pub(crate) async fn accounts(browser: &mut Actor) -> Vec<String> {
    let list = browser.get("/multi-session/list-device-sessions").await.expect(200).body;
    let names = list.as_array().unwrap().iter().map(|one| one["user"]["name"].as_str().unwrap().to_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

pub(crate) async fn set_active(browser: &mut Actor, token: &str) -> Answer {
    browser.post("/multi-session/set-active", json!({ "sessionToken": token })).await
}

pub(crate) async fn revoke(browser: &mut Actor, token: &str) -> Answer {
    browser.post("/multi-session/revoke", json!({ "sessionToken": token })).await
}

/// The end of the name of a session's cookie.
pub(crate) fn cookie_name(token: &str) -> String {
    format!("session_token_multi-{}", token.to_lowercase())
}

/// Gives a browser the cookie of a session, signed by this server.
pub(crate) fn plant(app: &TestApp, browser: &mut Actor, token: &str) {
    let prefix = &app.core().settings().cookies;
    browser.set_cookie(&prefix.name(&cookie_name(token)), &app.core().signer().sign(token));
}

/// Whether a session is stored.
pub(crate) async fn is_stored(app: &TestApp, token: &str) -> bool {
    app.core().sessions().find_by_token(app.core().db(), token).await.unwrap().is_some()
}

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<MultiSession>(app()).await;
}
