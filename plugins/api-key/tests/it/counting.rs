//! Limits that hold whoever comes at once, and across nodes.

use auth_testkit::{TestApp, json, race};

use crate::support::{app, column, grant, is_stored, make, millis, verdict, verify};

async fn at_once(apps: &[TestApp], key: &str, times: usize) -> Vec<String> {
    race(times, |at| {
        let (app, key) = (apps[at % apps.len()].clone(), key.to_owned());
        async move { verdict(&app, &key).await }
    })
    .await
}

fn passed(verdicts: &[String]) -> usize {
    verdicts.iter().filter(|verdict| *verdict == "ok").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_at_once_a_hundred_pass() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    for round in 0..50 {
        let made = grant(&app, &ada, json!({ "remaining": 100, "rateLimitEnabled": false })).await;
        let verdicts = at_once(std::slice::from_ref(&app), &made.key, 200).await;
        assert_eq!(passed(&verdicts), 100, "round {round}");
        let refused = |verdict: &&String| ["USAGE_EXCEEDED", "INVALID_API_KEY"].contains(&verdict.as_str());
        assert_eq!(verdicts.iter().filter(refused).count(), 100, "round {round}: {verdicts:?}");
        assert!(!is_stored(&app, &made.id).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_is_exact_across_nodes() {
    let one = app().start().await;
    let two = app().start_beside(&one).await;
    let ada = one.user("ada").await;
    for round in 0..5 {
        let made = grant(&one, &ada, json!({ "remaining": 30, "rateLimitEnabled": false })).await;
        let verdicts = at_once(&[one.clone(), two.clone()], &made.key, 60).await;
        assert_eq!(passed(&verdicts), 30, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_at_once_ten_pass_a_limit_of_ten() {
    // Case 146.
    let app = app().start().await;
    let ada = app.user("ada").await;
    for round in 0..20 {
        let made = grant(&app, &ada, json!({ "rateLimitMax": 10, "rateLimitTimeWindow": 60_000 })).await;
        let answers = race(50, |_| {
            let (app, key) = (app.clone(), made.key.clone());
            async move { verify(&app, &key).await }
        })
        .await;
        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer["valid"] == true);
        assert_eq!((good.len(), bad.len()), (10, 40), "round {round}");
        for answer in bad {
            assert_eq!(answer["error"]["code"], "RATE_LIMITED");
            assert_eq!(answer["error"]["details"]["tryAgainIn"], 60_000);
        }
    }
}

#[tokio::test]
async fn a_window_ends_when_the_key_rests() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "rateLimitMax": 2, "rateLimitTimeWindow": 1000 })).await;
    for count in [1, 2] {
        assert_eq!(verify(&app, &made.key).await["key"]["requestCount"], count);
        app.clock().advance(millis(600));
    }
    // The second use was 600 ms ago, so the window is open for 400 more.
    let refused = verify(&app, &made.key).await;
    assert_eq!(refused["error"]["details"]["tryAgainIn"], 400);
    app.clock().advance(millis(400));
    assert_eq!(verdict(&app, &made.key).await, "RATE_LIMITED", "not at the very moment");
    app.clock().advance(millis(1));
    assert_eq!(verify(&app, &made.key).await["key"]["requestCount"], 1);
}

#[tokio::test]
async fn a_use_that_the_limit_refuses_is_charged() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let body = json!({ "remaining": 5, "rateLimitMax": 1, "rateLimitTimeWindow": 60_000 });
    let made = grant(&app, &ada, body).await;
    assert_eq!(verdict(&app, &made.key).await, "ok");
    assert_eq!(verdict(&app, &made.key).await, "RATE_LIMITED");
    assert_eq!(column(&app, &made.id, "remaining").await.as_deref(), Some("3"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_uses_and_a_change_at_once_none_passes_after_it() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    for _ in 0..20 {
        let made = grant(&app, &ada, json!({ "remaining": 1000, "rateLimitEnabled": false })).await;
        let users = race(8, |_| {
            let (app, key) = (app.clone(), made.key.clone());
            async move { verdict(&app, &key).await }
        });
        let change = ada.post("/api-key/update", json!({ "keyId": made.id, "enabled": false }));
        let (_, changed) = tokio::join!(users, change);
        changed.expect(200);
        assert_eq!(verdict(&app, &made.key).await, "KEY_DISABLED");
    }
}

#[tokio::test]
async fn when_a_key_was_used_last_is_written_in_batches() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "rateLimitEnabled": false })).await;
    verify(&app, &made.key).await;
    let (answer, statements) = app.statements(verify(&app, &made.key)).await;
    assert_eq!((&answer["valid"], statements), (&json!(true), 0));
    let path = format!("/api-key/get?id={}", made.id);
    assert_eq!(ada.get(&path).await.body["lastRequest"], json!(app.core().now()));
    let used = app.core().now();
    app.run_tasks().await;
    app.clock().advance(millis(5000));
    assert_eq!(ada.get(&path).await.body["lastRequest"], json!(used));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_is_counted_in_blocks_is_exact_on_one_node() {
    // Case 146.
    let app = app().start().await;
    let ada = app.user("ada").await;
    for round in 0..20 {
        let made = grant(&app, &ada, json!({ "rateLimitMax": 100, "rateLimitTimeWindow": 60_000 })).await;
        let verdicts = at_once(std::slice::from_ref(&app), &made.key, 200).await;
        assert_eq!(passed(&verdicts), 100, "round {round}");
        assert_eq!(verdicts.iter().filter(|verdict| *verdict == "RATE_LIMITED").count(), 100);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_nodes_let_no_more_pass_than_the_limit() {
    let one = app().start().await;
    let two = app().start_beside(&one).await;
    let ada = one.user("ada").await;
    for round in 0..10 {
        let made = grant(&one, &ada, json!({ "rateLimitMax": 80, "rateLimitTimeWindow": 60_000 })).await;
        let nodes = [one.clone(), two.clone()];
        let passed = passed(&at_once(&nodes, &made.key, 200).await);
        assert!((70..=80).contains(&passed), "round {round}: {passed}");
    }
}

#[tokio::test]
async fn blocks_are_one_statement_each_and_what_is_left_goes_back() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({})).await;
    verify(&app, &made.key).await;
    assert_eq!(column(&app, &made.id, "requestCount").await.as_deref(), Some("125"));
    let ((), statements) = app
        .statements(async {
            for _ in 0..124 {
                verify(&app, &made.key).await;
            }
        })
        .await;
    assert_eq!(statements, 0);
    assert_eq!(verify(&app, &made.key).await["key"]["requestCount"], 126);
    let shown = ada.get(&format!("/api-key/get?id={}", made.id)).await.expect(200).body;
    assert_eq!(shown["requestCount"], 126);
    app.clock().advance(millis(10_000));
    app.run_tasks().await;
    assert_eq!(column(&app, &made.id, "requestCount").await.as_deref(), Some("126"));
    assert_eq!(verify(&app, &made.key).await["key"]["requestCount"], 127);
}

#[tokio::test]
async fn the_rest_of_a_block_is_room_although_the_row_is_full() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "rateLimitMax": 16, "rateLimitTimeWindow": 60_000 })).await;
    for _ in 0..15 {
        assert_eq!(verdict(&app, &made.key).await, "ok");
    }
    assert_eq!(column(&app, &made.id, "requestCount").await.as_deref(), Some("16"));
    // The row is read anew, and the block's term is over.
    app.clock().advance(millis(10_000));
    assert_eq!(verify(&app, &made.key).await["key"]["requestCount"], 16);
    let refused = verify(&app, &made.key).await;
    assert_eq!(refused["error"]["details"]["tryAgainIn"], 60_000);
}

#[tokio::test]
async fn a_window_counts_from_uses_that_the_row_does_not_know() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "rateLimitMax": 16, "rateLimitTimeWindow": 60_000 })).await;
    for _ in 0..15 {
        assert_eq!(verdict(&app, &made.key).await, "ok");
    }
    app.clock().advance(millis(9_000));
    assert_eq!(verdict(&app, &made.key).await, "ok");
    let refused = verify(&app, &made.key).await;
    assert_eq!(refused["error"]["details"]["tryAgainIn"], 60_000);
}

#[tokio::test]
async fn a_block_is_over_with_its_window() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "rateLimitMax": 16, "rateLimitTimeWindow": 60_000 })).await;
    for count in 1..=16 {
        assert_eq!(verify(&app, &made.key).await["key"]["requestCount"], count);
        app.clock().advance(millis(7_000));
    }
    assert_eq!(verdict(&app, &made.key).await, "RATE_LIMITED");
    app.clock().advance(millis(60_000));
    assert_eq!(verify(&app, &made.key).await["key"]["requestCount"], 1);
}

#[tokio::test]
async fn a_lowered_limit_counts_at_once() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "rateLimitMax": 80, "rateLimitTimeWindow": 60_000 })).await;
    assert_eq!(verdict(&app, &made.key).await, "ok");
    let body = json!({ "keyId": made.id, "userId": ada.user().id, "rateLimitMax": 5 });
    crate::support::call(&app, "updateApiKey", body).await.unwrap();
    assert_eq!(verdict(&app, &made.key).await, "RATE_LIMITED", "the block counts as used");
}
