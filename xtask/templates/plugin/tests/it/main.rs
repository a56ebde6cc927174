//! The plugin on a whole host, over a real database.

use auth_core::serde_json::json;
use auth_plugin_{{snake}}::{{Type}};
use auth_testkit::TestApp;

#[tokio::test]
async fn notes_are_kept_counted_and_listed() {
    let app = TestApp::builder().plugin::<{{Type}}>().start().await;
    let ada = app.user("ada").await;

    let added = ada.post("/{{id}}/add", json!({ "text": "hello" })).await;
    assert_eq!(added.status(), 200);
    assert_eq!(added.header("x-{{id}}"), Some("on"));

    let listed = ada.get("/{{id}}/list").await;
    assert_eq!(listed.status(), 200);
    assert_eq!(listed.json()[0]["text"], "hello");

    let user = ada.get("/get-session").await;
    assert_eq!(user.json()["user"]["{{camel}}Count"], 1);
}

#[tokio::test]
async fn a_note_needs_text_and_a_session() {
    let app = TestApp::builder().plugin::<{{Type}}>().start().await;
    let empty = app.user("ada").await.post("/{{id}}/add", json!({ "text": " " })).await;
    assert_eq!((empty.status(), &empty.json()["code"]), (400, &json!("NOTE_IS_EMPTY")));

    let anonymous = app.anon().post("/{{id}}/add", json!({ "text": "hello" })).await;
    assert_eq!(anonymous.status(), 401);
}
