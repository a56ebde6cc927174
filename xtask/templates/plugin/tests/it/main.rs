//! The plugin on a whole host, over a real database.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::time::Duration;

use auth_plugin_session::SessionPlugin;
use auth_plugin_{{snake}}::{{Type}};
use auth_testkit::{Builder, TestApp, json};

const DAY: Duration = Duration::from_hours(24);

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

#[tokio::test]
async fn whoever_signs_up_finds_a_first_note() {
    let app = app().set("plugins.{{id}}.welcome", "Welcome").start().await;
    let listed = app.user("ada").await.get("/{{id}}/list").await.expect(200);
    assert_eq!(listed.body[0]["text"], "Welcome");
}

#[tokio::test]
async fn old_notes_go_away_in_the_background() {
    let app = app().set("plugins.{{id}}.keep_days", 2).start().await;
    let mut ada = app.user("ada").await;
    ada.post("/{{id}}/add", json!({ "text": "old" })).await.expect(200);
    app.clock().advance(2 * DAY);
    app.run_tasks().await;
    ada.post("/{{id}}/add", json!({ "text": "new" })).await.expect(200);
    assert_eq!(ada.get("/{{id}}/list").await.expect(200).body.as_array().map(Vec::len), Some(2));

    app.clock().advance(DAY);
    app.run_tasks().await;
    let left = ada.get("/{{id}}/list").await.expect(200);
    assert_eq!(left.body.as_array().map(Vec::len), Some(1));
    assert_eq!(left.body[0]["text"], "new");
}

#[test]
fn a_configuration_that_cannot_work_is_refused_before_the_start() {
    for (key, value) in [("header", "two words"), ("header", "")] {
        let key = format!("plugins.{{id}}.{key}");
        let problems = app().set(&key, value).plan().err().unwrap_or_default();
        assert!(problems.iter().any(|problem| problem.place.contains(&key)), "{problems:?}");
    }
    assert!(app().set("plugins.{{id}}.keep_days", 0).plan().is_err());
}

#[test]
fn openapi_json_says_what_it_answers() {
    app().assert_openapi("{{id}}", concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"));
}

#[tokio::test]
async fn conforms() {
    auth_testkit::check::plugin::<{{Type}}>(app()).await;
}
