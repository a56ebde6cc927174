//! Devices that are trusted.

use auth_testkit::{Actor, TestApp, Value, json};

use crate::support::{
    PASSWORD, Person, app, challenged, email, enrolled, next_step, seconds, sign_in, verify_totp, who,
};

/// A browser that ada trusts, signed out again.
async fn trusted(app: &TestApp, ada: &Person) -> Actor {
    let mut browser = challenged(app, &ada.name).await.header("user-agent", "Firefox on Linux");
    let body = json!({ "code": ada.code(app), "trustDevice": true });
    let answer = browser.post("/two-factor/verify-totp", body).await.expect(200);
    assert!(answer.set_cookie("trust_device").unwrap().contains("Max-Age=2592000"));
    browser.post("/sign-out", json!({})).await.expect(200);
    next_step(app);
    browser
}

async fn is_asked(browser: &mut Actor, name: &str) -> bool {
    let answer = sign_in(browser, name).await.expect(200);
    answer.body["twoFactorRedirect"] == true
}

async fn devices(actor: &mut Actor) -> Vec<Value> {
    actor.get("/two-factor/devices").await.expect(200).body["devices"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_trusted_device_is_not_asked_and_gets_another_cookie_each_time() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = trusted(&app, &ada).await;
    let stolen = browser.clone();
    for _ in 0..3 {
        assert!(!is_asked(&mut browser, "ada").await);
        assert_eq!(who(&mut browser).await.as_deref(), Some("ada"));
        browser.post("/sign-out", json!({})).await.expect(200);
    }
    assert!(is_asked(&mut stolen.clone(), "ada").await, "the cookie of before is spent");
    assert!(is_asked(&mut app.anon(), "ada").await);
}

#[tokio::test]
async fn trust_ends_thirty_days_after_the_last_sign_in() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = trusted(&app, &ada).await;
    app.clock().advance(seconds(29 * 86_400));
    assert!(!is_asked(&mut browser, "ada").await);
    app.clock().advance(seconds(30 * 86_400));
    assert!(is_asked(&mut browser, "ada").await);
    app.run_tasks().await;
    assert_eq!(crate::support::number(&app, "SELECT COUNT(*) FROM \"trustedDevice\"").await, 0);
}

#[tokio::test]
async fn anothers_trust_is_none() {
    let app = app().start().await;
    let (ada, _) = (enrolled(&app, "ada").await, enrolled(&app, "bob").await);
    let mut browser = trusted(&app, &ada).await;
    assert!(is_asked(&mut browser.clone(), "bob").await);
    // Nor with a cookie made of parts, or of another kind.
    let (name, value) = browser.cookie_pair("trust_device").unwrap();
    let signed = |text: &str| app.core().signer().sign(text);
    let decoded = auth_core::crypto::decode_component(&value).into_owned();
    let token = decoded.rsplit_once('.').unwrap().0.split_once('!').unwrap().1.to_owned();
    for forged in
        [signed(&token), signed(&format!("!{token}")), signed(&format!("x!{token}")), "x".to_owned()]
    {
        let mut forger = app.anon();
        forger.set_cookie(&name, &forged);
        assert!(is_asked(&mut forger, "ada").await, "{forged}");
    }
    assert!(!is_asked(&mut browser, "ada").await);
}

#[tokio::test]
async fn devices_are_listed_and_revoked_by_their_owner() {
    let app = app().start().await;
    let (mut ada, mut bob) = (enrolled(&app, "ada").await, enrolled(&app, "bob").await);
    let mut first = trusted(&app, &ada).await;
    let mut second = trusted(&app, &ada).await;
    assert!(!is_asked(&mut second, "ada").await);
    let list = devices(&mut second).await;
    assert_eq!(list.len(), 2);
    assert_eq!(list[0]["userAgent"], "Firefox on Linux");
    assert_eq!(list.iter().map(|device| device["current"] == true).collect::<Vec<_>>(), [true, false]);
    let mut keys: Vec<_> = list[0].as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["createdAt", "current", "expiresAt", "id", "lastUsedAt", "userAgent"], "no hash");
    let of_first = json!({ "id": list[1]["id"] });
    bob.actor
        .post("/two-factor/devices/revoke", of_first.clone())
        .await
        .refused(404, "TRUSTED_DEVICE_NOT_FOUND");
    assert!(devices(&mut bob.actor).await.is_empty());
    ada.actor.post("/two-factor/devices/revoke", of_first.clone()).await.expect(200);
    ada.actor.post("/two-factor/devices/revoke", of_first).await.refused(404, "TRUSTED_DEVICE_NOT_FOUND");
    assert!(is_asked(&mut first, "ada").await);
    second.post("/sign-out", json!({})).await.expect(200);
    assert!(!is_asked(&mut second, "ada").await);
    ada.actor.post("/two-factor/devices/revoke-all", json!({})).await.expect(200);
    assert!(is_asked(&mut second, "ada").await);
    for path in ["/two-factor/devices/revoke", "/two-factor/devices/revoke-all"] {
        app.anon().post(path, json!({ "id": "x" })).await.refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn another_password_ends_all_trust() {
    let app = app().start().await;
    let mut ada = enrolled(&app, "ada").await;
    let mut browser = trusted(&app, &ada).await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "Another-Horse-43" });
    ada.actor.post("/change-password", body).await.expect(200);
    let body = json!({ "email": email("ada"), "password": "Another-Horse-43" });
    let answer = browser.post("/sign-in/email", body).await.expect(200);
    assert_eq!(answer.body["twoFactorRedirect"], true);
    assert!(devices(&mut ada.actor).await.is_empty());
}

#[tokio::test]
async fn turning_the_factor_off_and_on_ends_all_trust() {
    let app = app().start().await;
    let mut ada = enrolled(&app, "ada").await;
    let mut browser = trusted(&app, &ada).await;
    ada.actor.post("/two-factor/disable", json!({ "password": PASSWORD })).await.expect(200);
    let (uri, _) = crate::support::set_up(&mut ada.actor).await;
    let code = crate::support::code_of(&uri, app.core().now());
    verify_totp(&mut ada.actor, &code).await.expect(200);
    assert!(is_asked(&mut browser, "ada").await);
}

#[tokio::test]
async fn devices_that_better_auth_trusted_are_trusted_once_more() {
    let app = app().start().await;
    enrolled(&app, "ada").await;
    let core = app.core();
    let ada = core.users().find_by_email(core.db(), "ada@example.com").await.unwrap().unwrap();
    let token = format!("trust-device-{}", "a".repeat(32));
    let tx = core.begin().await.unwrap();
    core.verifications().create(&tx, token.as_str(), ada.id.as_str(), seconds(3600)).await.unwrap();
    tx.commit().await.unwrap();
    let mac =
        auth_core::crypto::hmac_b64url(core.settings().secrets.current(), &format!("{}!{token}", ada.id));
    let mut browser = app.anon();
    browser.set_cookie(
        &core.settings().cookies.name("trust_device"),
        &core.signer().sign(&format!("{mac}!{token}")),
    );
    let mut same = browser.clone();
    assert!(!is_asked(&mut browser, "ada").await);
    assert!(is_asked(&mut same, "ada").await);
    browser.post("/sign-out", json!({})).await.expect(200);
    assert!(!is_asked(&mut browser, "ada").await);
}

#[tokio::test]
async fn trust_may_be_switched_off() {
    let app = app().set("plugins.two-factor.trusted_devices.enabled", false).start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let body = json!({ "code": ada.code(&app), "trustDevice": true });
    let answer = browser.post("/two-factor/verify-totp", body).await.expect(200);
    assert!(answer.set_cookie("trust_device").is_none());
    browser.get("/two-factor/devices").await.expect(404);
}
