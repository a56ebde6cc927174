//! Going over to a session that signs nobody in.

use std::time::Duration;

use auth_plugin_bearer::Bearer;
use auth_testkit::{Actor, TestApp, json};

use crate::{
    accounts, active, app, cookie_name, is_stored, revoke, set_active, sign_up,
    toys::{Ban, banned},
};

/// A browser with two accounts, of which `eve` is active, and ada's token.
async fn two(app: &TestApp) -> (Actor, String) {
    let mut browser = app.anon();
    let ada = sign_up(&mut browser, "ada").await;
    sign_up(&mut browser, "eve").await;
    (browser, ada)
}

async fn user_id(app: &TestApp, token: &str) -> String {
    let found = app.core().sessions().find_by_token(app.core().db(), token).await.unwrap();
    found.unwrap().1.id
}

/// Nobody comes back, and eve stays.
async fn refuses(browser: &mut Actor, token: &str) {
    set_active(browser, token).await.refused(401, "INVALID_SESSION_TOKEN");
    assert_eq!(accounts(browser).await, ["eve"]);
    assert_eq!(active(browser).await.as_deref(), Some("eve"));
}

#[tokio::test]
async fn a_session_that_was_revoked_elsewhere_does_not_come_back() {
    for cached in [true, false] {
        let app = app().set("plugins.session.cookie_cache.enabled", cached).start().await;
        let (mut browser, ada) = two(&app).await;
        set_active(&mut browser, &ada).await.expect(200);
        // Eve's is revoked while memory, and the cookie cache, know it.
        let eve = browser.get("/multi-session/list-device-sessions").await.body;
        let eve = eve.as_array().unwrap().iter().find(|one| one["user"]["name"] == "eve").unwrap().clone();
        let (id, token) = (eve["user"]["id"].as_str().unwrap(), eve["session"]["token"].as_str().unwrap());
        let tx = app.core().begin().await.unwrap();
        app.core().sessions().revoke(&tx, id, auth_testkit::auth_core::store::Revoke::All).await.unwrap();
        tx.commit().await.unwrap();
        let answer = set_active(&mut browser, token).await.refusal(401, "INVALID_SESSION_TOKEN");
        assert!(
            answer.set_cookie(&cookie_name(token)).unwrap().contains("Max-Age=0"),
            "its cookie is of no use"
        );
        assert!(answer.set_cookie("session_token").is_none());
        assert_eq!(accounts(&mut browser).await, ["ada"]);
    }
}

#[tokio::test]
async fn an_expired_session_does_not_come_back() {
    let app = app().start().await;
    let mut browser = app.anon();
    let ada = sign_up(&mut browser, "ada").await;
    app.clock().advance(Duration::from_secs(10));
    sign_up(&mut browser, "eve").await;
    // Case 11: at the very millisecond.
    app.clock().advance(Duration::from_secs(30 * 86_400 - 10));
    let mut late = browser.clone();
    let answer = set_active(&mut late, &ada).await.refusal(401, "INVALID_SESSION_TOKEN");
    assert!(answer.set_cookie(&cookie_name(&ada)).unwrap().contains("Max-Age=0"));
    refuses(&mut browser, &ada).await;
}

#[tokio::test]
async fn a_user_who_is_banned_or_gone_does_not_come_back() {
    let app = app().plugin::<Ban>().start().await;
    let (mut browser, ada) = two(&app).await;
    let id = user_id(&app, &ada).await;
    banned().insert(id.clone());
    let mut shut_out = browser.clone();
    let answer = set_active(&mut shut_out, &ada).await.refusal(401, "INVALID_SESSION_TOKEN");
    assert!(answer.set_cookies().is_empty(), "the row is there, and may count again");
    refuses(&mut browser, &ada).await;
    banned().clear();
    set_active(&mut browser.clone(), &ada).await.expect(200);

    let tx = app.core().begin().await.unwrap();
    let user = app.stored_user(&id).await.unwrap();
    app.core().users().delete(&tx, &user).await.unwrap();
    tx.commit().await.unwrap();
    refuses(&mut browser, &ada).await;
}

#[tokio::test]
async fn revoking_goes_over_to_nobody_who_is_banned() {
    let app = app().plugin::<Ban>().start().await;
    let (mut browser, ada) = two(&app).await;
    let id = user_id(&app, &ada).await;
    banned().insert(id);
    let eve = browser.get("/multi-session/list-device-sessions").await.body[0]["session"]["token"].clone();
    let answer = revoke(&mut browser, eve.as_str().unwrap()).await.expect(200);
    assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"));
    assert_eq!(browser.get("/get-session").await.text, "null");
}

#[tokio::test]
async fn a_refused_sign_in_leaves_no_cookie_and_ends_nothing() {
    // The commit itself refuses: what was to make room for the session is rolled back with it.
    let app = app().plugin::<Ban>().start().await;
    let (mut browser, ada) = two(&app).await;
    let id = user_id(&app, &ada).await;
    banned().insert(id);
    let body = json!({ "email": "ada@example.com", "password": crate::PASSWORD });
    let answer = browser.post("/sign-in/email", body).await.refusal(403, "BANNED_USER");
    assert!(answer.set_cookies().iter().all(|line| !line.contains("_multi-")), "{answer:?}");
    banned().clear();
    assert!(is_stored(&app, &ada).await);
}

#[tokio::test]
async fn a_paired_session_has_another_token_and_its_old_cookie_is_of_no_use() {
    let app = app().plugin::<Bearer>().start().await;
    let (mut browser, ada) = two(&app).await;
    set_active(&mut browser, &ada).await.expect(200);
    browser.post("/token/pair", json!({})).await.expect(200);
    assert_eq!(accounts(&mut browser).await, ["eve"]);
    set_active(&mut browser, &ada).await.refused(401, "INVALID_SESSION_TOKEN");
}
