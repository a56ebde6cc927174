//! The plugin on a whole host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

mod ends;
mod forged;
mod header;
mod idle;
mod pairing;
mod policy;
mod races;
mod refreshing;
mod replay;
mod toys;

use auth_plugin_bearer::Bearer;
use auth_plugin_email_password::EmailPassword;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{
    Actor, Answer, Builder, TestApp, Value,
    auth_core::{crypto::decode_component, model::Session},
    json,
};

pub(crate) fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<EmailPassword>().plugin::<Bearer>()
}

/// A client that sends a token and no cookie.
pub(crate) fn with(app: &TestApp, token: &str) -> Actor {
    app.anon().header("origin", "").header("authorization", &format!("Bearer {token}"))
}

/// The signed token of a session.
pub(crate) fn signed(app: &TestApp, token: &str) -> String {
    decode_component(&app.core().signer().sign(token)).into_owned()
}

pub(crate) async fn name(mut actor: Actor) -> Option<String> {
    let body = actor.get("/get-session").await.expect(200).body;
    body["user"]["name"].as_str().map(str::to_owned)
}

/// What `/token/pair` and `/token/refresh` answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) token: String,
    pub(crate) refresh: String,
    pub(crate) body: Value,
}

impl Pair {
    pub(crate) fn of(answer: Answer) -> Self {
        let body = answer.expect(200).body;
        let text = |key: &str| body[key].as_str().unwrap().to_owned();
        Self { token: text("token"), refresh: text("refreshToken"), body }
    }

    /// The id of the session that the tokens belong to.
    pub(crate) fn session_id(&self) -> &str {
        self.refresh.split('.').next().unwrap()
    }

    pub(crate) fn generation(&self) -> i64 {
        self.refresh.split('.').nth(1).unwrap().parse().unwrap()
    }
}

/// A client of a user, paired.
pub(crate) async fn paired(app: &TestApp, device: &Actor, body: Value) -> Pair {
    Pair::of(with(app, &signed(app, device.token())).post("/token/pair", body).await)
}

pub(crate) async fn refresh(app: &TestApp, token: &str) -> Answer {
    app.anon().header("origin", "").post("/token/refresh", json!({ "refreshToken": token })).await
}

/// A session as the database has it.
pub(crate) async fn stored(app: &TestApp, id: &str) -> Option<Session> {
    let found = app.core().sessions().find_with_user(app.core().db(), id).await.unwrap();
    found.map(|(session, _)| session)
}

pub(crate) fn seconds(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_secs(seconds)
}

/// A millisecond less.
pub(crate) fn just_before(seconds: u64) -> std::time::Duration {
    std::time::Duration::from_millis(seconds * 1000 - 1)
}

pub(crate) const DAY: u64 = 86_400;

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<Bearer>(app()).await;
}
