//! The access token's end, and what use of it does not do.

use auth_testkit::{
    TestApp,
    auth_core::{ports::VerifiedToken, serde_json},
    json,
};

use crate::{DAY, Pair, app, just_before, name, paired, refresh, seconds, signed, stored, with};

fn in_a_cookie(token: &str) -> String {
    token.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

async fn is_over(app: &TestApp, token: &str) {
    for path in ["/get-session", "/get-session?disableCookieCache=1", "/get-session"] {
        let answer = with(app, token).get(path).await.expect(200);
        assert_eq!(answer.text, "null", "{path}");
        assert!(answer.set_cookies().is_empty(), "{path}: {answer:?}");
    }
    with(app, token).post("/revoke-sessions", json!({})).await.refused(401, "UNAUTHORIZED");
    with(app, token).get("/list-sessions").await.refused(401, "UNAUTHORIZED");
    // In a cookie it counts for as little.
    let mut browser = app.anon();
    let name = app.core().settings().cookies.name("session_token");
    browser.set_cookie(&name, &in_a_cookie(token));
    let answer = browser.get("/get-session").await.expect(200);
    assert_eq!(answer.text, "null");
    assert!(answer.set_cookies().is_empty(), "{answer:?}");
}

#[tokio::test]
async fn it_ends_at_its_moment_in_memory_and_in_the_store() {
    for capacity in [100, 0] {
        let app = app().set("plugins.session.memory.capacity", capacity).start().await;
        let ada = app.user("ada").await;
        let pair = paired(&app, &ada, json!({})).await;
        app.clock().advance(seconds(895));
        assert_eq!(name(with(&app, &pair.token)).await.as_deref(), Some("Ada"));
        app.clock().advance(just_before(5));
        assert_eq!(name(with(&app, &pair.token)).await.as_deref(), Some("Ada"));
        app.clock().advance(std::time::Duration::from_millis(1));
        is_over(&app, &pair.token).await;
        app.run_tasks().await;
        assert!(stored(&app, pair.session_id()).await.is_some(), "the session itself goes on");
        let next = Pair::of(refresh(&app, &pair.refresh).await);
        assert_eq!(name(with(&app, &next.token)).await.as_deref(), Some("Ada"));
        assert_eq!(name(with(&app, &pair.token)).await, None);
    }
}

#[tokio::test]
async fn a_session_whose_access_token_is_over_is_listed_and_revocable() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let pair = paired(&app, &ada, json!({})).await;
    app.clock().advance(seconds(900));
    let mut laptop = app.signed_in(ada.user()).await;
    let list = laptop.get("/list-sessions").await.expect(200).body;
    let listed = list.as_array().unwrap().iter().find(|s| s["id"] == *pair.session_id());
    let token = listed.expect("a session that can be refreshed is listed")["token"].clone();
    laptop.post("/revoke-session", json!({ "token": token })).await.expect(200);
    refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    assert!(stored(&app, pair.session_id()).await.is_none());
}

#[tokio::test]
async fn a_session_that_was_refreshed_since_it_was_listed_is_revoked_by_its_id() {
    let app = app().start().await;
    let (ada, mut eve) = (app.user("ada").await, app.user("eve").await);
    let pair = paired(&app, &ada, json!({})).await;
    let listed = stored(&app, pair.session_id()).await.unwrap();
    let pair = Pair::of(refresh(&app, &pair.refresh).await);
    let mut laptop = app.signed_in(ada.user()).await;
    laptop.post("/revoke-session", json!({ "token": listed.token })).await.expect(200);
    assert!(stored(&app, &listed.id).await.is_some(), "that token is nobody's any more");
    eve.post("/revoke-session", json!({ "token": listed.id })).await.expect(200);
    assert!(stored(&app, &listed.id).await.is_some(), "somebody else revoked it");
    laptop.post("/revoke-session", json!({ "token": listed.id })).await.expect(200);
    assert_eq!(name(with(&app, &pair.token)).await, None);
    refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
}

#[tokio::test]
async fn use_moves_nothing_and_no_cookie_vouches_for_it() {
    let app = app()
        .set("plugins.bearer.clients.default.token_expires_in", 5 * DAY)
        .set("plugins.session.activity", false)
        .config("[plugins.session.fields]\nnote = { type = \"string\" }")
        .start()
        .await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let pair = paired(&app, &ada, json!({})).await;
    let ordinary = signed(&app, eve.token());
    let before = stored(&app, pair.session_id()).await.unwrap();
    app.clock().advance(seconds(3 * DAY));
    let used = with(&app, &pair.token).get("/get-session").await.expect(200);
    assert_eq!(used.body["user"]["name"], "Ada");
    assert!(used.set_cookies().is_empty() && used.header("set-auth-token").is_none(), "{used:?}");
    assert_eq!(stored(&app, pair.session_id()).await.unwrap(), before);
    // An ordinary one lives on, and gets its cookies.
    let used = with(&app, &ordinary).get("/get-session").await.expect(200);
    assert!(used.set_cookie("session_data").is_some() && used.header("set-auth-token").is_some());
    // Nor where cookies are written again after a change.
    let changed = with(&app, &pair.token).post("/update-session", json!({ "note": "x" })).await.expect(200);
    assert!(changed.set_cookie("session_data").is_none(), "{changed:?}");
    let changed = with(&app, &ordinary).post("/update-session", json!({ "note": "x" })).await.expect(200);
    assert!(changed.set_cookie("session_data").is_some());
}

#[tokio::test]
async fn beside_a_living_cookie_a_token_that_is_over_is_no_second_person() {
    let app = app().start().await;
    let eves = paired(&app, &app.user("eve").await, json!({})).await;
    app.clock().advance(seconds(800));
    let ada = app.user("ada").await;
    let (name, hers) = ada.cookie_pair("session_token").unwrap();
    let theirs = in_a_cookie(&eves.token);
    let mut both = app.anon().header("cookie", &format!("{name}={hers}; {name}={theirs}"));
    assert_eq!(both.get("/get-session").await.text, "null", "two people are nobody");
    app.clock().advance(seconds(100));
    assert_eq!(both.get("/get-session").await.body["user"]["name"], "Ada");
}

#[tokio::test]
async fn fields_of_the_pair_are_nobodys_to_set() {
    let app = app().start().await;
    let pair = paired(&app, &app.user("ada").await, json!({})).await;
    for field in ["refreshClient", "refreshGeneration", "tokenIssuedAt", "tokenExpiresAt"] {
        let body = json!({ field: null });
        with(&app, &pair.token).post("/update-session", body).await.refused(400, "FIELD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn a_paired_session_in_memory_costs_no_query() {
    let app = app().start().await;
    let pair = paired(&app, &app.user("ada").await, json!({})).await;
    let (_, miss) = app.statements(with(&app, &pair.token).get("/get-session")).await;
    let (answer, hit) = app.statements(with(&app, &pair.token).get("/get-session")).await;
    assert_eq!((miss, hit), (1, 0));
    assert_eq!(answer.body["user"]["name"], "Ada");
}

#[tokio::test]
async fn a_signed_token_for_the_session_rests_with_its_access_token() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let pair = paired(&app, &ada, json!({})).await;
    let claims = json!({ "sub": ada.user().id, "sid": pair.session_id() });
    let serde_json::Value::Object(claims) = claims else { unreachable!() };
    let token = VerifiedToken::new(claims, "jwt").unwrap();
    assert!(token.identity(app.core()).await.unwrap().is_some());
    app.clock().advance(seconds(900));
    assert!(token.identity(app.core()).await.unwrap().is_none());
    refresh(&app, &pair.refresh).await.expect(200);
    assert!(token.identity(app.core()).await.unwrap().is_some());
}
