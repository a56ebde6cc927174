//! Owners that are banned or gone.

use auth_testkit::json;

use crate::support::{app, ban, boundless, is_stored, make, millis, verdict, with};

#[tokio::test]
async fn a_banned_owners_keys_stand_for_nobody() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let mut robot = with(&app, &made.key);
    robot.get("/get-session").await.expect(200);
    let until = app.core().now().plus_seconds(60);
    ban(&app, &ada.user().id, Some(until)).await;
    for path in ["/get-session", "/list-accounts", "/ok"] {
        robot.get(path).await.refused(401, "USER_BANNED");
    }
    ada.post("/api-key/delete", json!({ "keyId": made.id })).await.refused(401, "USER_BANNED");
    assert!(is_stored(&app, &made.id).await);
    app.clock().advance(millis(60_000));
    robot.get("/get-session").await.expect(200);
}

#[tokio::test]
async fn keys_go_with_their_owner() {
    let app = app().set("plugins.account.delete_user", true).start().await;
    let mut ada = app.user("ada").await;
    let (one, two) = (make(&mut ada, json!({})).await, boundless(&app, &ada).await);
    for made in [&one, &two] {
        assert_eq!(verdict(&app, &made.key).await, "ok");
    }
    ada.post("/delete-user", json!({})).await.expect(200);
    for made in [&one, &two] {
        assert!(!is_stored(&app, &made.id).await);
        assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY");
        with(&app, &made.key).get("/get-session").await.refused(401, "INVALID_API_KEY");
    }
}

#[tokio::test]
async fn a_name_that_changed_shows_at_once() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let mut robot = with(&app, &made.key);
    assert_eq!(robot.get("/get-session").await.body["user"]["name"], "Ada");
    ada.post("/update-user", json!({ "name": "Countess" })).await.expect(200);
    assert_eq!(robot.get("/get-session").await.body["user"]["name"], "Countess");
}
