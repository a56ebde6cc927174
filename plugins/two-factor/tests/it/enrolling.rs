//! Users who have to have a second factor, and have none yet.

use std::sync::Arc;

use auth_core::{
    Call, Core, Failure, Manifest, Plugin, Problem, Registrar, User, async_trait,
    config::NoConfig,
    ports::FactorPolicy,
    session::{Identity, RoleSource},
};
use auth_testkit::{Actor, TestApp, json};

use crate::support::{
    PASSWORD, app, code_of, email, mailed, next_step, seconds, sessions, sign_in, signed_up, verify_backup,
    verify_otp, verify_totp, who, wrong_code,
};

/// Signs up on a host where everybody has to have a factor.
async fn arrives(app: &TestApp, name: &str) -> Actor {
    let mut browser = app.anon();
    let body = json!({ "name": name, "email": email(name), "password": PASSWORD });
    let answer = browser.post("/sign-up/email", body).await.expect(200);
    let expected = json!({
        "twoFactorRedirect": true, "twoFactorMethods": ["totp", "otp"], "enrollmentRequired": true
    });
    assert_eq!(answer.body, expected);
    browser
}

fn everyone() -> auth_testkit::Builder {
    app().set("plugins.two-factor.required.everyone", true)
}

async fn set_up(browser: &mut Actor) -> String {
    let body = browser.post("/two-factor/enable", json!({})).await.expect(200).body;
    body["totpURI"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_has_none_sets_one_up_within_the_sign_in() {
    let app = everyone().start().await;
    let mut ada = arrives(&app, "ada").await;
    assert_eq!((sessions(&app).await, who(&mut ada).await), (0, None));
    verify_totp(&mut ada, "000000").await.refused(400, "TOTP_NOT_ENABLED");
    let uri = set_up(&mut ada).await;
    let shown = ada.post("/two-factor/get-totp-uri", json!({})).await.expect(200);
    assert_eq!(shown.body["totpURI"], uri.as_str());
    ada.post("/two-factor/qr", json!({})).await.expect(200);
    verify_totp(&mut ada, &wrong_code(&app, &uri)).await.refused(401, "INVALID_CODE");
    assert_eq!(sessions(&app).await, 0);
    let answer = verify_totp(&mut ada, &code_of(&uri, app.core().now())).await.expect(200);
    assert_eq!(answer.body["user"]["twoFactorEnabled"], true);
    assert_eq!((sessions(&app).await, who(&mut ada).await.as_deref()), (1, Some("ada")));
    assert!(app.mailbox().last("two-factor-enabled", "ada@example.com").is_some());
    // From now on it is asked for.
    next_step(&app);
    let mut browser = app.anon();
    let answer = sign_in(&mut browser, "ada").await.expect(200);
    assert_eq!(answer.body, json!({ "twoFactorRedirect": true, "twoFactorMethods": ["totp", "otp"] }));
    verify_totp(&mut browser, &code_of(&uri, app.core().now())).await.expect(200);
}

#[tokio::test]
async fn a_mailed_code_will_do() {
    let app = everyone().start().await;
    let mut ada = arrives(&app, "ada").await;
    ada.post("/two-factor/enable", json!({ "method": "otp" })).await.expect(200);
    assert_eq!(sessions(&app).await, 0);
    let code = mailed(&app, &mut ada, "ada").await;
    verify_otp(&mut ada, &code).await.expect(200);
    assert_eq!(ada.get("/get-session").await.body["user"]["twoFactorEnabled"], true);
}

#[tokio::test]
async fn the_way_ends_with_the_challenge() {
    let app = everyone().start().await;
    let mut ada = arrives(&app, "ada").await;
    let uri = set_up(&mut ada).await;
    app.clock().advance(seconds(600));
    verify_totp(&mut ada, &code_of(&uri, app.core().now())).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    ada.post("/two-factor/enable", json!({})).await.refused(401, "UNAUTHORIZED");
    app.anon().post("/two-factor/enable", json!({})).await.refused(400, "VALIDATION_ERROR");
    // The next sign-in asks again, and what was not confirmed is replaced.
    let mut browser = app.anon();
    assert_eq!(sign_in(&mut browser, "ada").await.body["enrollmentRequired"], true);
    let again = set_up(&mut browser).await;
    assert_ne!(again, uri);
    verify_totp(&mut browser, &code_of(&uri, app.core().now())).await.refused(401, "INVALID_CODE");
    verify_totp(&mut browser, &code_of(&again, app.core().now())).await.expect(200);
}

#[tokio::test]
async fn a_backup_code_of_an_unconfirmed_app_is_no_way_in() {
    let app = everyone().start().await;
    let mut ada = arrives(&app, "ada").await;
    let body = ada.post("/two-factor/enable", json!({})).await.expect(200).body;
    let code = body["backupCodes"][0].as_str().unwrap();
    verify_backup(&mut ada, code).await.refused(400, "BACKUP_CODES_NOT_ENABLED");
    assert_eq!(sessions(&app).await, 0);
}

#[tokio::test]
async fn a_waiting_sign_in_of_who_has_a_factor_sets_up_and_shows_none() {
    let app = everyone().start().await;
    let mut ada = arrives(&app, "ada").await;
    let uri = set_up(&mut ada).await;
    // A second sign-in that has to enrol, from before the first one did.
    let mut second = app.anon();
    sign_in(&mut second, "ada").await.expect(200);
    verify_totp(&mut ada, &code_of(&uri, app.core().now())).await.expect(200);
    second.post("/two-factor/enable", json!({})).await.refused(400, "TOTP_ALREADY_ENABLED");
    for path in ["/two-factor/get-totp-uri", "/two-factor/qr"] {
        second.post(path, json!({})).await.refused(400, "TOTP_NOT_ENABLED");
    }
    let mut third = app.anon();
    sign_in(&mut third, "ada").await.expect(200);
    for path in ["/two-factor/enable", "/two-factor/get-totp-uri", "/two-factor/qr"] {
        third.post(path, json!({})).await.refused(401, "UNAUTHORIZED");
    }
}

/// Ada is an admin, and bob works with money.
struct Office;

impl Plugin for Office {
    const MANIFEST: Manifest = Manifest::new("office", "0.1.0", "Roles, and a rule");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn RoleSource>(self.clone());
        host.contribute::<dyn FactorPolicy>(self);
    }
}

#[async_trait]
impl RoleSource for Office {
    async fn roles(&self, _: &Arc<Call>, identity: &Identity) -> Result<Vec<String>, Failure> {
        Ok(vec![if identity.user.name == "ada" { "admin" } else { "user" }.to_owned()])
    }
}

#[async_trait]
impl FactorPolicy for Office {
    async fn demands(&self, _: &Arc<Core>, user: &User) -> Result<bool, Failure> {
        Ok(user.name == "bob")
    }
}

#[tokio::test]
async fn roles_and_other_plugins_say_who_has_to() {
    let app = app()
        .plugin::<Office>()
        .set("plugins.two-factor.required.roles", ["admin"])
        .set("plugins.two-factor.enforce", "credential")
        .start()
        .await;
    arrives(&app, "ada").await;
    let mut bob = arrives(&app, "bob").await;
    let mut eve = signed_up(&app, "eve").await;
    assert_eq!(who(&mut eve).await.as_deref(), Some("eve"));
    // Who has to is asked by every way in, whatever `enforce` says.
    let uri = set_up(&mut bob).await;
    verify_totp(&mut bob, &code_of(&uri, app.core().now())).await.expect(200);
    let mut browser = app.anon();
    assert_eq!(sign_in(&mut browser, "bob").await.body["twoFactorRedirect"], true);
}
