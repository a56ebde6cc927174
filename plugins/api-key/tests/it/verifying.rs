//! `verifyApiKey`.

use auth_testkit::{json, race};

use crate::support::{
    DAY, app, boundless, call, column, grant, is_stored, make, millis, verdict, verify, verify_with,
};

#[tokio::test]
async fn each_way_to_be_no_good_has_its_code() {
    // Case 148.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({ "prefix": "ci_", "expiresIn": DAY })).await;
    let disabled = boundless(&app, &ada).await;
    ada.post("/api-key/update", json!({ "keyId": disabled.id, "enabled": false })).await.expect(200);
    assert_eq!(verdict(&app, &disabled.key).await, "KEY_DISABLED");

    let mut off_by_one = made.key.clone();
    off_by_one.replace_range(40..41, if &made.key[40..41] == "a" { "b" } else { "a" });
    let wrong_rest = format!("ci_{}", "a".repeat(64));
    for key in ["", "x", "ci_", &wrong_rest, &off_by_one, &made.key[..66], &"x".repeat(64)] {
        assert_eq!(verdict(&app, key).await, "INVALID_API_KEY", "{key}");
    }

    app.clock().advance(millis(DAY * 1000));
    assert_eq!(verdict(&app, &made.key).await, "ok", "good at its last millisecond");
    app.clock().advance(millis(1));
    assert_eq!(verdict(&app, &made.key).await, "KEY_EXPIRED");
    assert!(!is_stored(&app, &made.id).await);
    assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY");
}

#[tokio::test]
async fn guesses_cost_one_query_whatever_they_have_in_common() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let near = format!("{}A", &made.key[..63]);
    let near = if near == made.key { format!("{}B", &made.key[..63]) } else { near };
    for guess in [near, "x".repeat(64)] {
        let (_, first) = app.statements(verify(&app, &guess)).await;
        let (_, again) = app.statements(verify(&app, &guess)).await;
        assert_eq!((first, again), (1, 0), "{guess}");
    }
}

#[tokio::test]
async fn a_good_key_comes_with_what_is_known_of_it() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "permissions": { "a": ["b"] }, "metadata": { "x": 1 } })).await;
    let answer = verify(&app, &made.key).await;
    assert_eq!((&answer["valid"], &answer["error"]), (&json!(true), &json!(null)));
    let key = &answer["key"];
    assert_eq!((&key["id"], key.get("key")), (&json!(made.id), None));
    assert_eq!((&key["permissions"], &key["metadata"]), (&json!({ "a": ["b"] }), &json!({ "x": 1 })));
    assert_eq!((&key["requestCount"], &key["lastRequest"]), (&json!(1), &json!(app.core().now())));
}

#[tokio::test]
async fn permissions_have_to_be_granted_all_of_them() {
    // Case 151.
    let app = app().start().await;
    let ada = app.user("ada").await;
    let body = json!({ "rateLimitEnabled": false, "permissions": { "files": ["read", "write"], "users": ["read"] } });
    let made = grant(&app, &ada, body).await;
    let bare = boundless(&app, &ada).await;
    let asks = async |key: &str, permissions| {
        let answer = verify_with(&app, json!({ "key": key, "permissions": permissions })).await;
        if answer["valid"] == true {
            "ok".to_owned()
        } else {
            answer["error"]["code"].as_str().unwrap().to_owned()
        }
    };
    assert_eq!(asks(&made.key, json!({ "files": ["read"] })).await, "ok");
    assert_eq!(asks(&made.key, json!({ "files": ["read", "write"], "users": ["read"] })).await, "ok");
    for asked in [
        json!({}),
        json!({ "files": [] }),
        json!({ "r": [] }),
        json!({ "files": ["delete"] }),
        json!({ "files": ["read", "delete"] }),
        json!({ "files": ["read"], "other": ["read"] }),
        json!({ "__proto__": ["read"] }),
        json!({ "constructor": ["name"] }),
        json!({ "Files": ["read"] }),
    ] {
        assert_eq!(asks(&made.key, asked.clone()).await, "KEY_NOT_FOUND", "{asked}");
        assert_eq!(asks(&bare.key, asked.clone()).await, "KEY_NOT_FOUND", "{asked}");
    }
    let broken = json!({ "key": made.key, "permissions": { "files": "read" } });
    assert!(call(&app, "verifyApiKey", broken).await.is_err());
}

#[tokio::test]
async fn a_quota_is_used_up_and_its_key_goes() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "remaining": 2, "rateLimitEnabled": false })).await;
    for left in [1, 0] {
        assert_eq!(verify(&app, &made.key).await["key"]["remaining"], left);
    }
    assert_eq!(verdict(&app, &made.key).await, "USAGE_EXCEEDED");
    assert!(!is_stored(&app, &made.id).await);
    assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY");
}

#[tokio::test]
async fn a_quota_comes_back_after_its_interval() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let body = json!({
        "remaining": 1, "refillAmount": 2, "refillInterval": 1000, "rateLimitEnabled": false
    });
    let made = grant(&app, &ada, body).await;
    assert_eq!(verdict(&app, &made.key).await, "ok");
    app.clock().advance(millis(1000));
    assert_eq!(verdict(&app, &made.key).await, "USAGE_EXCEEDED", "not due at the very moment");
    assert!(is_stored(&app, &made.id).await);
    app.clock().advance(millis(1));
    assert_eq!(verify(&app, &made.key).await["key"]["remaining"], 1);
    assert_eq!(verdict(&app, &made.key).await, "ok");
    assert_eq!(verdict(&app, &made.key).await, "USAGE_EXCEEDED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refill_happens_once() {
    // Case 145.
    let app = app().start().await;
    let ada = app.user("ada").await;
    let body = json!({
        "remaining": 0, "refillAmount": 20, "refillInterval": 1000, "rateLimitEnabled": false
    });
    let made = grant(&app, &ada, body).await;
    app.clock().advance(millis(1001));
    let verdicts = race(50, |_| {
        let (app, key) = (app.clone(), made.key.clone());
        async move { verdict(&app, &key).await }
    })
    .await;
    let passed = verdicts.iter().filter(|verdict| *verdict == "ok").count();
    assert_eq!(passed, 20, "{verdicts:?}");
    assert!(verdicts.iter().all(|verdict| verdict == "ok" || verdict == "USAGE_EXCEEDED"));
    assert_eq!(column(&app, &made.id, "remaining").await.as_deref(), Some("0"));
}

#[tokio::test]
async fn expired_keys_are_swept() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let (old, new) = (make(&mut ada, json!({ "expiresIn": DAY })).await, make(&mut ada, json!({})).await);
    app.clock().advance(millis(DAY * 1000 + 1));
    app.run_tasks().await;
    assert!(!is_stored(&app, &old.id).await && is_stored(&app, &new.id).await);
    let other = make(&mut ada, json!({ "expiresIn": DAY })).await;
    app.clock().advance(millis(DAY * 1000 + 1));
    let answer = call(&app, "deleteAllExpiredApiKeys", json!({})).await.unwrap();
    assert_eq!(answer, json!({ "success": true, "error": null }));
    assert!(!is_stored(&app, &other.id).await);
}
