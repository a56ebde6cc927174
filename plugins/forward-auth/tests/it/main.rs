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
use auth_plugin_session::SessionPlugin;
use auth_testkit::{
    Builder, TestApp,
    auth_core::{
        Call, Failure, Manifest, Plugin, Problem, Registrar, async_trait,
        config::NoConfig,
        crypto::decode_component,
        http::Method,
        model::UserPatch,
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
