//! The plugin on a whole host. A real nginx in front of it is `cargo xtask gateway`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unused_crate_dependencies,
    reason = "tests"
)]

use std::sync::Arc;

use auth_plugin_bearer::Bearer;
use auth_plugin_forward_auth::ForwardAuth;
use auth_plugin_jwt::Jwt;
use auth_plugin_session::SessionPlugin;
use auth_testkit::{
    Actor, Builder, TestApp, Value,
    auth_core::{
        Call, Core, Failure, Manifest, Plugin, Problem, Registrar, async_trait,
        config::NoConfig,
        crypto::decode_component,
        http::Method,
        model::UserPatch,
        ports::TokenClaims,
        sea_orm::{ConnectionTrait, Statement},
        serde_json::Map,
        session::{Identity, RoleSource},
    },
    json,
};

fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<Bearer>().plugin::<ForwardAuth>()
}

#[tokio::test]
async fn cookies_and_bearer_tokens_pass_with_their_user() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let answer = ada.get("/verify").await.expect(200);
    assert_eq!(answer.header("x-auth-user"), Some(ada.user().id.as_str()));
    assert_eq!((answer.header("x-auth-roles"), answer.header("x-auth-email")), (Some(""), None));
    assert_eq!((answer.text.as_str(), answer.header("cache-control")), ("", Some("no-store")));
    let token = decode_component(&app.core().signer().sign(ada.token())).into_owned();
    let mut client = app.anon().header("authorization", &format!("Bearer {token}"));
    assert_eq!(client.get("/verify").await.expect(200).header("x-auth-user"), Some(ada.user().id.as_str()));
    assert_eq!(client.send(Method::HEAD, "/verify", None).await.status, 200);
}

#[tokio::test]
async fn refusals_say_nothing() {
    let app = app().set("plugins.forward-auth.require_verified_email", true).start().await;
    let mut ada = app.user("ada").await;
    let stranger = app.anon().get("/verify").await.expect(401);
    ada.get("/verify").await.expect(200);
    let mut unverified = app.user("eve").await;
    let id = unverified.user().id.clone();
    app.change_user(&id, UserPatch { email_verified: Some(false), ..UserPatch::default() }).await;
    // The cookie cache still says verified; the strict mode below does not ask it.
    let refused = unverified.get("/verify?disableCookieCache=1").await.expect(401);
    let mut forged = app.anon().header("authorization", "Bearer x.y").header("x-auth-user", "root");
    let forged = forged.get("/verify").await.expect(401);
    for answer in [&stranger, &refused, &forged] {
        assert_eq!(answer.text, "");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("x-auth")));
    }
}

#[tokio::test]
async fn strict_asks_the_store_each_time() {
    let app = app().set("plugins.forward-auth.strict", true).start().await;
    let mut laptop = app.user("ada").await;
    let mut phone = app.signed_in(laptop.user()).await;
    let (_, statements) = app.statements(phone.get("/verify")).await;
    assert_eq!(statements, 1);
    laptop.post("/revoke-other-sessions", json!({})).await.expect(200);
    // Its cache cookie is still good for get-session.
    phone.get("/verify").await.expect(401);
}

struct Roles;

#[async_trait]
impl RoleSource for Roles {
    async fn roles(&self, _: &Arc<Call>, identity: &Identity) -> Result<Vec<String>, Failure> {
        Ok(vec!["user".to_owned(), identity.user.name.to_lowercase()])
    }
}

struct RolePlugin;

impl Plugin for RolePlugin {
    const MANIFEST: Manifest = Manifest::new("roles", "1.0.0", "Gives roles");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn RoleSource>(Arc::new(Roles));
    }
}

#[tokio::test]
async fn other_plugins_give_roles() {
    let app = app().plugin::<RolePlugin>().set("plugins.forward-auth.email", true).start().await;
    let mut ada = app.user("ada").await;
    let answer = ada.get("/verify").await.expect(200);
    assert_eq!(answer.header("x-auth-roles"), Some("user,ada"));
    assert_eq!(answer.header("x-auth-email"), Some("ada@example.com"));
}

/// A signed token of somebody who is signed in.
async fn signed(actor: &mut Actor) -> String {
    actor.get("/token").await.expect(200).body["token"].as_str().unwrap().to_owned()
}

fn sends(app: &TestApp, token: &str) -> Actor {
    app.anon().header("authorization", &format!("Bearer {token}"))
}

#[tokio::test]
async fn signed_tokens_pass_while_their_session_lives() {
    let app = app().plugin::<Jwt>().start().await;
    let mut ada = app.user("ada").await;
    let token = signed(&mut ada).await;
    let answer = sends(&app, &token).get("/verify").await.expect(200);
    let session = ada.get("/get-session").await.expect(200).body["session"]["id"].clone();
    assert_eq!(answer.header("x-auth-user"), Some(ada.user().id.as_str()));
    assert_eq!(answer.header("x-auth-session"), session.as_str());
    // It comes before a cookie, and one that is not good leaves the cookie in place.
    let mut eve = app.user("eve").await.header("authorization", &format!("Bearer {token}"));
    assert_eq!(eve.get("/verify").await.expect(200).header("x-auth-user"), Some(ada.user().id.as_str()));
    let mut eve = app.user("eva").await.header("authorization", "Bearer a.b.c");
    assert_eq!(eve.get("/verify").await.expect(200).header("x-auth-user"), Some(eve.user().id.as_str()));

    for bad in [format!("{token}x"), token.replace('.', " ."), "a.b.c".to_owned(), "..".to_owned()] {
        assert_eq!(sends(&app, &bad).get("/verify").await.expect(401).text, "");
    }
    // Gone from the store behind everybody's back, as another node would do it: closed at once.
    let backend = app.core().db().get_database_backend();
    let sql = r#"DELETE FROM "session" WHERE "userId" = $1"#;
    let delete = Statement::from_sql_and_values(backend, sql, [ada.user().id.as_str().into()]);
    app.core().db().execute_raw(delete).await.unwrap();
    assert_eq!(sends(&app, &token).get("/verify").await.expect(401).text, "");
}

#[tokio::test]
async fn a_token_that_names_no_session_opens_nothing() {
    let app = app().plugin::<Jwt>().set("plugins.jwt.revocable", false).start().await;
    let mut ada = app.user("ada").await;
    let token = signed(&mut ada).await;
    sends(&app, &token).get("/verify").await.expect(401);
}

/// Tokens for reading alone.
struct Reader;

impl Plugin for Reader {
    const MANIFEST: Manifest = Manifest::new("reader", "1.0.0", "Lets tokens read");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn TokenClaims>(self);
    }
}

#[async_trait]
impl TokenClaims for Reader {
    async fn add(&self, _: &Arc<Core>, _: &Identity, claims: &mut Map<String, Value>) -> Result<(), Failure> {
        claims.insert("scope".to_owned(), "read list".into());
        Ok(())
    }
}

#[tokio::test]
async fn a_part_is_not_taken_for_the_whole() {
    let strict = app().plugin::<Jwt>().plugin::<Reader>().start().await;
    let token = signed(&mut strict.user("ada").await).await;
    sends(&strict, &token).get("/verify").await.expect(401);

    let aware =
        app().plugin::<Jwt>().plugin::<Reader>().set("plugins.forward-auth.scopes", true).start().await;
    let mut ada = aware.user("ada").await;
    let token = signed(&mut ada).await;
    assert_eq!(
        sends(&aware, &token).get("/verify").await.expect(200).header("x-auth-scopes"),
        Some("read list")
    );
    assert_eq!(ada.get("/verify").await.expect(200).header("x-auth-scopes"), Some("*"));
}

#[tokio::test]
async fn proxies_that_send_the_request_itself_are_answered() {
    let app = app().set("rate_limit.enabled", true).set("rate_limit.max", 3).start().await;
    let mut ada = app.user("ada").await.header("origin", "https://app.example.net");
    let mut anon = app.anon().header("x-auth-user", "root");
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .map(|m| Method::from_bytes(m.as_bytes()).unwrap());
    for path in ["/verify/", "/verify/orders/7", "/verify/a/../b//%2e%2e/%00", "/verify/verify"] {
        for method in &methods {
            let answer = ada.send(method.clone(), path, None).await.expect(200);
            assert_eq!(answer.header("x-auth-user"), Some(ada.user().id.as_str()), "{method} {path}");
            let refused = anon.send(method.clone(), path, None).await.expect(401);
            assert_eq!((refused.text.as_str(), refused.header("x-auth-user")), ("", None), "{method} {path}");
        }
    }
    anon.get("/verifyx").await.expect(404);
}

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<ForwardAuth>(app()).await;
}
