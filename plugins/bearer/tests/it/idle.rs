//! Sessions that nobody uses for too long.

use auth_testkit::json;

use crate::{Pair, app, just_before, name, paired, refresh, seconds, signed, stored, with};

#[tokio::test]
async fn an_idle_session_takes_no_token() {
    let app = app().set("plugins.session.idle_timeout", 600).start().await;
    let ada = app.user("ada").await;
    let token = signed(&app, ada.token());
    for _ in 0..3 {
        app.clock().advance(just_before(600));
        assert_eq!(name(with(&app, &token)).await.as_deref(), Some("Ada"), "using it keeps it");
    }
    app.clock().advance(seconds(600));
    assert_eq!(name(with(&app, &token)).await, None);
}

#[tokio::test]
async fn a_paired_session_is_used_by_its_access_token_and_by_its_refresh_token() {
    let app = app().set("plugins.session.idle_timeout", 600).start().await;
    let ada = app.user("ada").await;
    let mut pair = paired(&app, &ada, json!({})).await;
    for _ in 0..3 {
        app.clock().advance(just_before(600));
        assert_eq!(name(with(&app, &pair.token)).await.as_deref(), Some("Ada"));
        app.clock().advance(just_before(600));
        pair = Pair::of(refresh(&app, &pair.refresh).await);
    }
    let mut late = with(&app, &pair.token);
    app.clock().advance(seconds(600));
    refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    assert!(stored(&app, pair.session_id()).await.is_some(), "it is no replay");
    assert_eq!(late.get("/get-session").await.expect(200).text, "null");
    assert!(stored(&app, pair.session_id()).await.is_none());
}

#[tokio::test]
async fn paired_sessions_count_for_how_many_there_may_be() {
    let app = app().set("plugins.session.max_sessions", 1).start().await;
    let body = json!({ "name": "ada", "email": "ada@example.com", "password": "A long enough 1 for tests" });
    let mut laptop = app.anon();
    laptop.post("/sign-up/email", body.clone()).await.expect(200);
    let pair = Pair::of(laptop.post("/token/pair", json!({})).await);
    app.clock().advance(seconds(1));
    app.anon().post("/sign-in/email", body).await.expect(200);
    assert_eq!(name(with(&app, &pair.token)).await, None);
    refresh(&app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
}
