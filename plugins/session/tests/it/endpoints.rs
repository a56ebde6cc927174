//! List, revoke, update.

use std::time::Duration;

use auth_testkit::json;

use crate::{app, bare};

#[tokio::test]
async fn nobody_is_null() {
    let app = app().start().await;
    let answer = app.anon().get("/get-session").await.expect(200);
    assert_eq!(answer.text, "null");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        (answer.header("cache-control"), answer.header("pragma")),
        (Some("no-store"), Some("no-cache"))
    );
    assert_eq!(app.anon().get("/session").await.expect(200).text, "null");
}

#[tokio::test]
async fn a_list_of_devices_for_a_fresh_session() {
    let app = bare().start().await;
    let mut laptop = app.user("ada").await;
    app.user("eve").await;
    app.clock().advance(Duration::from_secs(10));
    let phone = app.signed_in(laptop.user()).await;
    let list = laptop.get("/list-sessions").await.expect(200);
    let tokens: Vec<_> = list.body.as_array().unwrap().iter().map(|s| s["token"].as_str().unwrap()).collect();
    assert_eq!(tokens, [phone.token(), laptop.token()]);
    app.clock().advance(Duration::from_secs(3590));
    laptop.get("/list-sessions").await.refused(403, "SESSION_NOT_FRESH");
    app.anon().get("/list-sessions").await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn tokens_of_others_are_not_revoked() {
    // Case 13.
    let app = bare().start().await;
    let (mut ada, mut eve) = (app.user("ada").await, app.user("eve").await);
    let answer = eve.post("/revoke-session", json!({ "token": ada.token() })).await.expect(200);
    assert_eq!(answer.body, json!({ "status": true }));
    assert_ne!(ada.get("/get-session").await.text, "null");
    eve.post("/revoke-session", json!({ "token": 9 })).await.refused(400, "VALIDATION_ERROR");
    app.anon().post("/revoke-session", json!({ "token": ada.token() })).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn revoking_everything_signs_out_here_too() {
    let app = bare().start().await;
    let mut laptop = app.user("ada").await;
    let mut phone = app.signed_in(laptop.user()).await;
    let answer = laptop.post("/revoke-sessions", json!({})).await.expect(200);
    assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"));
    assert_eq!(phone.get("/get-session").await.text, "null");
    let mut own = app.signed_in(laptop.user()).await;
    let token = own.token().to_owned();
    let answer = own.post("/revoke-session", json!({ "token": token })).await.expect(200);
    assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn only_declared_fields_of_a_session_change() {
    // Case 248.
    let app = bare()
        .config("[plugins.session.fields]\ntheme = { type = \"string\" }\nlevel = { type = \"number\", input = false, default = 1 }")
        .start()
        .await;
    let mut ada = app.user("ada").await;
    let answer = ada
        .post("/update-session", json!({ "theme": "dark", "userId": "eve", "token": "mine" }))
        .await
        .expect(200);
    assert_eq!(answer.body["session"]["theme"], "dark");
    assert_eq!(answer.body["session"]["level"], 1);
    assert_eq!(answer.body["session"]["userId"], ada.user().id.as_str());
    ada.post("/update-session", json!({ "level": 9 })).await.refused(400, "FIELD_NOT_ALLOWED");
    ada.post("/update-session", json!({ "theme": 5 })).await.refused(400, "VALIDATION_ERROR");
    let nothing =
        ada.post("/update-session", json!({ "expiresAt": "2099-01-01T00:00:00.000Z" })).await.expect(400);
    assert_eq!(nothing.body, json!({ "message": "No fields to update" }));
}

#[tokio::test]
async fn disabled_paths_do_not_answer() {
    // Case 98.
    let app = bare().set("disabled_paths", ["/list-sessions"]).start().await;
    let mut ada = app.user("ada").await;
    let answer = ada.get("/list-sessions").await.expect(404);
    assert_eq!(answer.text, "Not Found");
    for path in ["/list-sessions/", "//list-sessions", "/list%2dsessions"] {
        assert_eq!(ada.get(path).await.expect(404).text, "");
    }
}
