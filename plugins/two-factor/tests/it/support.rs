//! People with a second factor, and what the database has of them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_core::{
    Timestamp,
    sea_orm::{ConnectionTrait, Statement},
};
use auth_plugin_account::AccountPlugin;
use auth_plugin_email_password::EmailPassword;
use auth_plugin_session::SessionPlugin;
use auth_plugin_two_factor::TwoFactor;
use auth_testkit::{Actor, Answer, Builder, TestApp, Value, json};
use totp_rs::Secret;

pub(crate) const PASSWORD: &str = "Correct-Horse-42";
/// Seconds of a step.
pub(crate) const STEP: u64 = 30;

pub(crate) fn app() -> Builder {
    TestApp::builder()
        .plugin::<SessionPlugin>()
        .plugin::<EmailPassword>()
        .plugin::<AccountPlugin>()
        .plugin::<TwoFactor>()
}

/// As [`app`], with the figures of the wire.
pub(crate) fn upstream() -> Builder {
    app().preset(auth_core::Preset::BetterAuth)
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn email(name: &str) -> String {
    format!("{name}@example.com")
}

/// Somebody who signed up.
pub(crate) async fn signed_up(app: &TestApp, name: &str) -> Actor {
    let mut actor = app.anon();
    let body = json!({ "name": name, "email": email(name), "password": PASSWORD });
    actor.post("/sign-up/email", body).await.expect(200);
    actor
}

/// Somebody whose authenticator app is confirmed.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    /// Signed in.
    pub(crate) actor: Actor,
    pub(crate) uri: String,
    pub(crate) backup: Vec<String>,
}

impl Person {
    /// The code that the app shows at a moment.
    pub(crate) fn code_at(&self, at: Timestamp) -> String {
        code_of(&self.uri, at)
    }

    /// The code that the app shows now.
    pub(crate) fn code(&self, app: &TestApp) -> String {
        self.code_at(app.core().now())
    }
}

/// A parameter of an address of authenticator apps.
pub(crate) fn parameter(uri: &str, name: &str) -> String {
    let query = uri.split_once('?').unwrap().1;
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.unwrap().to_owned()
}

pub(crate) fn code_of(uri: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(parameter(uri, "secret")).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(at.unix_seconds().try_into().unwrap()).to_string()
}

/// Another code than any that passes now.
pub(crate) fn wrong_code(app: &TestApp, uri: &str) -> String {
    let now = app.core().now();
    let good: Vec<_> =
        (0..5).map(|step| code_of(uri, now.minus(seconds(60)).plus_seconds(step * STEP))).collect();
    (0..100).map(|n| format!("{n:06}")).find(|code| !good.contains(code)).unwrap()
}

pub(crate) async fn set_up(actor: &mut Actor) -> (String, Vec<String>) {
    let body = actor.post("/two-factor/enable", json!({ "password": PASSWORD })).await.expect(200).body;
    assert_eq!(body["method"], "totp");
    let codes = body["backupCodes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (body["totpURI"].as_str().unwrap().to_owned(), codes.collect())
}

/// Somebody whose app is confirmed. The clock has moved on, so that the next code is a new one.
pub(crate) async fn enrolled(app: &TestApp, name: &str) -> Person {
    let mut actor = signed_up(app, name).await;
    let (uri, backup) = set_up(&mut actor).await;
    let code = code_of(&uri, app.core().now());
    actor.post("/two-factor/verify-totp", json!({ "code": code })).await.expect(200);
    next_step(app);
    Person { name: name.to_owned(), actor, uri, backup }
}

/// The app shows another code from now on.
pub(crate) fn next_step(app: &TestApp) {
    app.clock().advance(seconds(STEP));
}

pub(crate) async fn sign_in(actor: &mut Actor, name: &str) -> Answer {
    actor.post("/sign-in/email", json!({ "email": email(name), "password": PASSWORD })).await
}

/// A browser whose sign-in waits for the second factor.
pub(crate) async fn challenged(app: &TestApp, name: &str) -> Actor {
    let mut browser = app.anon();
    let answer = sign_in(&mut browser, name).await.expect(200);
    assert_eq!(answer.body["twoFactorRedirect"], true, "{}", answer.text);
    browser
}

pub(crate) async fn verify_totp(actor: &mut Actor, code: &str) -> Answer {
    actor.post("/two-factor/verify-totp", json!({ "code": code })).await
}

pub(crate) async fn verify_backup(actor: &mut Actor, code: &str) -> Answer {
    actor.post("/two-factor/verify-backup-code", json!({ "code": code })).await
}

pub(crate) async fn verify_otp(actor: &mut Actor, code: &str) -> Answer {
    actor.post("/two-factor/verify-otp", json!({ "code": code })).await
}

/// The code of a letter that was asked for.
pub(crate) async fn mailed(app: &TestApp, actor: &mut Actor, name: &str) -> String {
    actor.post("/two-factor/send-otp", json!({})).await.expect(200);
    app.mailbox().last("two-factor-otp", &email(name)).unwrap().data["otp"].as_str().unwrap().to_owned()
}

/// Who is signed in.
pub(crate) async fn who(actor: &mut Actor) -> Option<String> {
    let body = actor.get("/get-session").await.expect(200).body;
    body["user"]["name"].as_str().map(str::to_owned)
}

/// A number that the database gives.
pub(crate) async fn number(app: &TestApp, sql: &str) -> i64 {
    let statement = Statement::from_string(app.core().db().get_database_backend(), sql.to_owned());
    let row = app.core().db().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by::<i64, _>(0).or_else(|_| row.try_get_by::<i32, _>(0).map(i64::from)).unwrap()
}

pub(crate) async fn sessions(app: &TestApp) -> i64 {
    number(app, "SELECT COUNT(*) FROM \"session\"").await
}

/// What a user's row of secrets says, as text.
pub(crate) async fn factor(app: &TestApp) -> Vec<(String, String, bool)> {
    let sql = "SELECT \"secret\", \"backupCodes\", \"verified\" FROM \"twoFactor\" ORDER BY \"id\"";
    let statement = Statement::from_string(app.core().db().get_database_backend(), sql.to_owned());
    let rows = app.core().db().query_all_raw(statement).await.unwrap();
    let text = |row: &auth_core::sea_orm::QueryResult, at: usize| row.try_get_by::<String, _>(at).unwrap();
    rows.iter().map(|row| (text(row, 0), text(row, 1), row.try_get_by(2).unwrap())).collect()
}

/// The statuses and codes of answers, counted.
pub(crate) fn tally(answers: &[Answer]) -> Value {
    let mut counts = serde_json::Map::new();
    for answer in answers {
        let name = answer.code().map_or_else(|| answer.status.to_string(), str::to_owned);
        let count = counts.entry(name).or_insert(json!(0));
        *count = json!(count.as_i64().unwrap() + 1);
    }
    Value::Object(counts)
}

/// What is logged, for as long as the guard lives.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let writer = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}
