//! The plugin on a whole host, over a real database.

use auth_plugin_session::SessionPlugin;
use auth_plugin_{{snake}}::{{Type}};
use auth_testkit::{Builder, TestApp, json};

fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<{{Type}}>()
}

#[tokio::test]
async fn notes_are_kept_counted_and_listed() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;

    let added = ada.post("/{{id}}/add", json!({ "text": "hello" })).await.expect(200);
    assert_eq!(added.body["text"], "hello");
    assert_eq!(added.header("x-{{id}}"), Some("on"));

    let listed = ada.get("/{{id}}/list").await.expect(200);
    assert_eq!(listed.body[0]["id"], added.body["id"]);

    let session = ada.get("/get-session?disableCookieCache=true").await.expect(200);
    assert_eq!(session.body["user"]["{{camel}}Count"], 1);

    let mut grace = app.user("grace").await;
    assert_eq!(grace.get("/{{id}}/list").await.expect(200).body, json!([]));
}

#[tokio::test]
async fn a_note_needs_text_room_and_a_session() {
    let app = app().set("plugins.{{id}}.limit", 1).start().await;
    app.anon().post("/{{id}}/add", json!({ "text": "hello" })).await.refused(401, "UNAUTHORIZED");

    let mut ada = app.user("ada").await;
    ada.post("/{{id}}/add", json!({ "text": " " })).await.refused(400, "NOTE_IS_EMPTY");
    ada.post("/{{id}}/add", json!({ "text": 1 })).await.refused(400, "VALIDATION_ERROR");
    ada.post("/{{id}}/add", json!({ "text": "one" })).await.expect(200);
    ada.post("/{{id}}/add", json!({ "text": "two" })).await.refused(403, "TOO_MANY_NOTES");
}

#[test]
fn a_header_that_is_none_is_refused_before_the_start() {
    let problems = app().set("plugins.{{id}}.header", "two words").plan().err().unwrap_or_default();
    assert!(problems.iter().any(|problem| problem.place.contains("plugins.{{id}}.header")), "{problems:?}");
}

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<{{Type}}>(app()).await;
}
