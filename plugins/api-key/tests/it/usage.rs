//! `GET /api-key/usage`, and how uses come into the table.

use auth_testkit::{auth_core::Preset, json};

use crate::support::{DAY, app, boundless, make, millis, verdict, verify, with};

#[tokio::test]
async fn uses_are_counted_by_day_and_endpoint() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let mut robot = with(&app, &made.key);
    for _ in 0..3 {
        robot.get("/get-session").await.expect(200);
    }
    verify(&app, &made.key).await;
    let first = app.core().now().to_string()[..10].to_owned();
    app.clock().advance(millis(DAY * 1000));
    let second = app.core().now().to_string()[..10].to_owned();
    robot.get("/get-session").await.expect(200);
    ada.post("/api-key/update", json!({ "keyId": made.id, "enabled": false })).await.expect(200);
    assert_eq!(verdict(&app, &made.key).await, "KEY_DISABLED");

    let path = format!("/api-key/usage?id={}", made.id);
    let line = |day: &str, endpoint, uses, refused| json!({ "day": day, "endpoint": endpoint, "uses": uses, "refused": refused });
    let all = json!({
        "uses": 5, "refused": 1,
        "lines": [
            line(&second, "getSession", 1, 0), line(&second, "verifyApiKey", 0, 1),
            line(&first, "getSession", 3, 0), line(&first, "verifyApiKey", 1, 0),
        ],
    });
    for _ in 0..2 {
        assert_eq!(ada.get(&path).await.expect(200).body, all);
    }
    let only = ada.get(&format!("{path}&from={second}")).await.expect(200).body;
    assert_eq!((&only["uses"], only["lines"].as_array().unwrap().len()), (&json!(1), 2));
    let only = ada.get(&format!("{path}&to={first}")).await.expect(200).body;
    assert_eq!((&only["uses"], &only["refused"]), (&json!(4), &json!(0)));

    app.clock().advance(millis(DAY * 90 * 1000));
    app.run_tasks().await;
    assert_eq!(ada.get(&path).await.expect(401).code(), Some("UNAUTHORIZED"), "the session is over too");
    let mut ada = app.signed_in(ada.user()).await;
    assert_eq!(ada.get(&path).await.expect(200).body["uses"], 1, "the older day is forgotten");
}

#[tokio::test]
async fn a_use_writes_nothing_and_a_batch_comes_every_ten_seconds() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    verify(&app, &made.key).await;
    let ((), statements) = app
        .statements(async {
            for _ in 0..100 {
                verify(&app, &made.key).await;
            }
        })
        .await;
    assert_eq!(statements, 0);
    app.clock().advance(millis(9_000));
    let (_, statements) = app.statements(verify(&app, &made.key)).await;
    assert_eq!(statements, 0);
    app.clock().advance(millis(1_000));
    verify(&app, &made.key).await;
    // Another node sees what was written.
    let other = crate::support::app().start_beside(&app).await;
    let mut there = other.signed_in(ada.user()).await;
    let body = there.get(&format!("/api-key/usage?id={}", made.id)).await.expect(200).body;
    assert_eq!(body["uses"], 103);
}

#[tokio::test]
async fn nodes_add_up() {
    let one = app().start().await;
    let two = app().start_beside(&one).await;
    let mut ada = one.user("ada").await;
    let made = boundless(&one, &ada).await;
    for app in [&one, &two] {
        verify(app, &made.key).await;
        app.run_tasks().await;
    }
    let path = format!("/api-key/usage?id={}", made.id);
    let mut there = two.signed_in(ada.user()).await;
    there.get(&path).await.expect(200);
    assert_eq!(ada.get(&path).await.expect(200).body["uses"], 2);
}

#[tokio::test]
async fn it_is_the_owners_to_see() {
    let app = app().start().await;
    let (mut ada, mut bob) = (app.user("ada").await, app.user("bob").await);
    let made = make(&mut ada, json!({})).await;
    let path = format!("/api-key/usage?id={}", made.id);
    bob.get(&path).await.refused(404, "KEY_NOT_FOUND");
    app.anon().get(&path).await.refused(401, "UNAUTHORIZED");
    ada.get("/api-key/usage").await.refused(400, "VALIDATION_ERROR");
    for day in ["x", "2026-1-1", "2026-01-01T00:00:00", "'", "9999999999"] {
        ada.get(&format!("{path}&from={day}")).await.refused(400, "VALIDATION_ERROR");
        ada.get(&format!("{path}&to={day}")).await.refused(400, "VALIDATION_ERROR");
    }
    assert_eq!(ada.get(&path).await.expect(200).body, json!({ "uses": 0, "refused": 0, "lines": [] }));
}

#[tokio::test]
async fn it_may_be_switched_off() {
    let apps = [
        app().set("plugins.api-key.usage.enabled", false).start().await,
        app().preset(Preset::BetterAuth).start().await,
    ];
    for app in apps {
        let mut ada = app.user("ada").await;
        let made = boundless(&app, &ada).await;
        assert_eq!(verdict(&app, &made.key).await, "ok");
        app.run_tasks().await;
        ada.get(&format!("/api-key/usage?id={}", made.id)).await.expect(404);
    }
}
