//! `POST /api-key/rotate`.

use auth_testkit::{json, race};

use crate::support::{DAY, app, boundless, grant, make, millis, row, verdict, verify, with};

#[tokio::test]
async fn both_texts_are_good_until_the_overlap_ends() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let body = json!({ "prefix": "ci_", "remaining": 10, "permissions": { "files": ["read"] }, "rateLimitEnabled": false });
    let made = grant(&app, &ada, body).await;
    assert_eq!(verify(&app, &made.key).await["key"]["remaining"], 9, "in memory from here on");
    let answer = ada.post("/api-key/rotate", json!({ "keyId": made.id, "overlap": 60 })).await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let rotated = answer.body;
    let key = rotated["key"].as_str().unwrap();
    assert!(key.starts_with("ci_") && key.len() == 67 && key != made.key);
    assert_eq!((&rotated["id"], &rotated["start"]), (&json!(made.id), &json!(key[..6])));
    assert_eq!(rotated["previousKeyUntil"], app.core().now().plus_seconds(60).to_string());
    assert!(rotated.get("previousKey").is_none());

    // One key: its rights and counts are shared.
    assert_eq!(verify(&app, key).await["key"]["remaining"], 8);
    let old = verify(&app, &made.key).await;
    assert_eq!(
        (&old["key"]["remaining"], &old["key"]["permissions"]),
        (&json!(7), &json!({ "files": ["read"] }))
    );
    app.clock().advance(millis(60_000));
    assert_eq!(verdict(&app, &made.key).await, "ok", "good at its last millisecond");
    app.clock().advance(millis(1));
    assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY");
    with(&app, &made.key).get("/get-session").await.refused(401, "INVALID_API_KEY");
    assert_eq!(verdict(&app, key).await, "ok");
}

#[tokio::test]
async fn without_an_overlap_the_old_text_is_dead_at_once() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    assert_eq!(verdict(&app, &made.key).await, "ok");
    let rotated =
        ada.post("/api-key/rotate", json!({ "keyId": made.id, "overlap": 0 })).await.expect(200).body;
    assert!(rotated["previousKeyUntil"].is_null());
    assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY");
    assert_eq!(verdict(&app, rotated["key"].as_str().unwrap()).await, "ok");
}

#[tokio::test]
async fn a_request_that_comes_twice_ends_nothing() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let body = json!({ "keyId": made.id, "overlap": 60 });
    let first = ada.post("/api-key/rotate", body.clone()).await.expect(200).body;
    ada.post("/api-key/rotate", body).await.refused(409, "ROTATION_RUNNING");
    let first = first["key"].as_str().unwrap();
    for key in [&made.key, first] {
        assert_eq!(verdict(&app, key).await, "ok");
    }
    // The answer was lost.
    app.clock().advance(millis(30_000));
    let body = json!({ "keyId": made.id, "overlap": 60, "again": true });
    let second = ada.post("/api-key/rotate", body).await.expect(200).body;
    assert_eq!(verdict(&app, first).await, "INVALID_API_KEY");
    for key in [&made.key, second["key"].as_str().unwrap()] {
        assert_eq!(verdict(&app, key).await, "ok");
    }
    app.clock().advance(millis(30_001));
    assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY", "no longer than it was to be");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_at_once_one_rotates() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let answers = race(20, |_| {
        let (mut ada, id) = (ada.clone(), made.id.clone());
        async move { ada.post("/api-key/rotate", json!({ "keyId": id, "overlap": 60 })).await }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    assert!(
        lost.iter().all(|answer| ["ROTATION_RUNNING", "ROTATED_MEANWHILE"].contains(&answer.code().unwrap()))
    );
    for key in [&made.key, won[0].body["key"].as_str().unwrap()] {
        assert_eq!(verdict(&app, key).await, "ok");
    }
}

#[tokio::test]
async fn only_the_owner_rotates_and_no_longer_than_allowed() {
    let app = app().start().await;
    let (mut ada, mut bob) = (app.user("ada").await, app.user("bob").await);
    let made = make(&mut ada, json!({})).await;
    verify(&app, &made.key).await;
    let before = row(&app, &made.id).await;
    bob.post("/api-key/rotate", json!({ "keyId": made.id })).await.refused(404, "KEY_NOT_FOUND");
    app.anon().post("/api-key/rotate", json!({ "keyId": made.id })).await.refused(401, "UNAUTHORIZED");
    let mut robot = with(&app, &made.key);
    robot.post("/api-key/rotate", json!({ "keyId": made.id })).await.refused(403, "INSUFFICIENT_SCOPE");
    let long = json!({ "keyId": made.id, "overlap": DAY * 31 });
    ada.post("/api-key/rotate", long).await.refused(400, "INVALID_OVERLAP");
    for body in [
        json!({}),
        json!({ "keyId": 1 }),
        json!({ "keyId": made.id, "overlap": -1 }),
        json!({ "keyId": made.id, "overlap": "60" }),
        json!({ "keyId": made.id, "overlap": 1.5 }),
        json!({ "keyId": made.id, "overlap": 1e300 }),
        json!({ "keyId": made.id, "again": "yes" }),
    ] {
        ada.post("/api-key/rotate", body).await.refused(400, "VALIDATION_ERROR");
    }
    assert_eq!(row(&app, &made.id).await, before);
    let rotated = ada.post("/api-key/rotate", json!({ "keyId": made.id })).await.expect(200).body;
    assert_eq!(rotated["previousKeyUntil"], app.core().now().plus_seconds(DAY).to_string());
}
