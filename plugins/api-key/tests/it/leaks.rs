//! `POST /api-key/report-leak`.

use auth_testkit::{auth_core::Event, json};

use crate::support::{app, boundless, make, row, verdict};

#[tokio::test]
async fn a_reported_key_is_disabled_and_its_owner_told() {
    let app = app().start().await;
    let mut events = app.core().events().subscribe();
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({ "name": "<b>robot" })).await;
    assert_eq!(verdict(&app, &made.key).await, "ok", "in memory from here on");
    for _ in 0..2 {
        let answer = app.anon().post("/api-key/report-leak", json!({ "key": made.key })).await.expect(200);
        assert_eq!(answer.body, json!({ "success": true }));
    }
    assert_eq!(verdict(&app, &made.key).await, "KEY_DISABLED");
    assert_eq!(app.mailbox().count(), 1, "once");
    let letter = app.mailbox().last("api-key-leaked", "ada@example.com").unwrap();
    let text = serde_json::Value::Object(letter.data).to_string();
    assert!(text.contains(&made.key[..6]) && !text.contains(&made.key[6..]));
    let mut told = 0;
    while let Some(event) = events.try_next() {
        if let Event::Plugin { name: "api_key.leaked", data, .. } = event {
            assert_eq!(data, json!({ "id": made.id, "ownerId": ada.user().id }));
            told += 1;
        }
    }
    assert_eq!(told, 1);
}

#[tokio::test]
async fn the_answer_says_nothing() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let before = row(&app, &made.id).await;
    let near = format!("{}x", made.key);
    let (hash, long) = (before[0].1.clone().unwrap(), "x".repeat(1024));
    for key in ["", "x", &near, &made.key[..63], &hash, &made.id, &long] {
        let answer = app.anon().post("/api-key/report-leak", json!({ "key": key })).await.expect(200);
        assert_eq!(answer.text, "{\"success\":true}");
    }
    for body in [json!({}), json!({ "key": 1 }), json!({ "key": null }), json!({ "key": "x".repeat(1025) })] {
        app.anon().post("/api-key/report-leak", body).await.refused(400, "VALIDATION_ERROR");
    }
    assert_eq!(row(&app, &made.id).await, before);
    assert_eq!(app.mailbox().count(), 0);
    assert_eq!(verdict(&app, &made.key).await, "ok");
}

#[tokio::test]
async fn an_old_text_in_its_overlap_ends_alone() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let rotated = ada.post("/api-key/rotate", json!({ "keyId": made.id })).await.expect(200).body;
    assert_eq!(verdict(&app, &made.key).await, "ok");
    app.anon().post("/api-key/report-leak", json!({ "key": made.key })).await.expect(200);
    assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY");
    assert_eq!(verdict(&app, rotated["key"].as_str().unwrap()).await, "ok");
}

#[tokio::test]
async fn one_address_reports_ten_a_minute() {
    let app = app().set("rate_limit.enabled", true).start().await;
    let mut reporter = app.anon();
    for _ in 0..10 {
        reporter.post("/api-key/report-leak", json!({ "key": "x" })).await.expect(200);
    }
    reporter.post("/api-key/report-leak", json!({ "key": "x" })).await.expect(429);
}

#[tokio::test]
async fn it_may_be_switched_off() {
    let app = app().set("plugins.api-key.leak_reports", false).start().await;
    app.anon().post("/api-key/report-leak", json!({ "key": "x" })).await.expect(404);
}
