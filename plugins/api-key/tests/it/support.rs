//! Keys, and what a program and a database say of them.

use std::{sync::Arc, time::Duration};

use auth_core::{
    Failure, Manifest, Plugin, Problem, Registrar, Timestamp,
    call::Request,
    config::NoConfig,
    crypto::sha256_b64url,
    model::{FieldValue, UserPatch},
    schema::{Column, CoreTable},
    sea_orm::{ConnectionTrait, Statement},
};
use auth_plugin_account::AccountPlugin;
use auth_plugin_api_key::ApiKey;
use auth_plugin_email_password::EmailPassword;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Actor, Builder, TestApp, Value, json};

pub(crate) const DAY: u64 = 86_400;

/// Columns of a plugin that bans users.
pub(crate) struct Bans;

impl Plugin for Bans {
    const MANIFEST: Manifest = Manifest::new("bans", "0.1.0", "Users can be banned");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.column(CoreTable::User, Column::bool("banned"));
        host.column(CoreTable::User, Column::date("banExpires"));
    }
}

pub(crate) fn app() -> Builder {
    TestApp::builder()
        .plugin::<SessionPlugin>()
        .plugin::<EmailPassword>()
        .plugin::<AccountPlugin>()
        .plugin::<Bans>()
        .plugin::<ApiKey>()
}

/// A key that was just made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) key: String,
    pub(crate) id: String,
    pub(crate) body: Value,
}

impl Made {
    fn of(body: Value) -> Self {
        let text = |name: &str| body[name].as_str().expect("a text").to_owned();
        Self { key: text("key"), id: text("id"), body }
    }
}

/// A key of somebody who is signed in.
pub(crate) async fn make(actor: &mut Actor, body: Value) -> Made {
    Made::of(actor.post("/api-key/create", body).await.expect(200).body)
}

/// Calls an endpoint as the program does.
pub(crate) async fn call(app: &TestApp, endpoint: &'static str, body: Value) -> Result<Value, Failure> {
    let request = Request { body: Some(body), ..Request::default() };
    Ok(app.core().call_raw(endpoint, request).await?.body_value().unwrap_or_default())
}

/// A key that the program makes for a user, with what clients may not ask for.
pub(crate) async fn grant(app: &TestApp, owner: &Actor, mut body: Value) -> Made {
    body["userId"] = json!(owner.user().id);
    Made::of(call(app, "createApiKey", body).await.expect("a key"))
}

/// A key that is good for anything, any number of times.
pub(crate) async fn boundless(app: &TestApp, owner: &Actor) -> Made {
    grant(app, owner, json!({ "rateLimitEnabled": false })).await
}

pub(crate) async fn verify_with(app: &TestApp, body: Value) -> Value {
    call(app, "verifyApiKey", body).await.expect("an answer")
}

pub(crate) async fn verify(app: &TestApp, key: &str) -> Value {
    verify_with(app, json!({ "key": key })).await
}

/// The code of a verification: `ok` for a key that is good.
pub(crate) async fn verdict(app: &TestApp, key: &str) -> String {
    let answer = verify(app, key).await;
    match answer["valid"].as_bool() {
        Some(true) => "ok".to_owned(),
        _ => answer["error"]["code"].as_str().expect("a code").to_owned(),
    }
}

/// Somebody with a key in the usual header.
pub(crate) fn with(app: &TestApp, key: &str) -> Actor {
    app.anon().header("x-api-key", key)
}

/// The row of a key as text, by column; empty where there is none.
pub(crate) async fn row(app: &TestApp, id: &str) -> Vec<(String, Option<String>)> {
    const COLUMNS: [&str; 9] = [
        "key",
        "start",
        "name",
        "permissions",
        "metadata",
        "remaining",
        "requestCount",
        "rateLimitMax",
        "lastRefillAt",
    ];
    let core = app.core();
    let list: Vec<_> = COLUMNS.iter().map(|column| format!("CAST(\"{column}\" AS TEXT)")).collect();
    let sql = format!("SELECT {} FROM \"apikey\" WHERE \"id\" = '{id}'", list.join(", "));
    let statement = Statement::from_string(core.db().get_database_backend(), sql);
    let found = core.db().query_one_raw(statement).await.unwrap();
    let Some(found) = found else { return Vec::new() };
    let text = |(at, name): (usize, &&str)| ((*name).to_owned(), found.try_get_by(at).unwrap());
    COLUMNS.iter().enumerate().map(text).collect()
}

pub(crate) async fn column(app: &TestApp, id: &str, name: &str) -> Option<String> {
    row(app, id).await.into_iter().find(|(column, _)| column == name).and_then(|(_, value)| value)
}

pub(crate) async fn is_stored(app: &TestApp, id: &str) -> bool {
    !row(app, id).await.is_empty()
}

pub(crate) fn hash(key: &str) -> String {
    sha256_b64url(key)
}

pub(crate) async fn ban(app: &TestApp, user: &str, until: Option<Timestamp>) {
    let expires = until.map_or(FieldValue::Null, FieldValue::Date);
    let extra = vec![("banned".to_owned(), FieldValue::Bool(true)), ("banExpires".to_owned(), expires)];
    app.change_user(user, UserPatch { extra, ..UserPatch::default() }).await;
}

pub(crate) fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}
