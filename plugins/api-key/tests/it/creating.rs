//! `POST /api-key/create`.

use auth_testkit::{auth_core::Preset, json};

use crate::support::{DAY, app, call, grant, hash, make, row, verify};

#[tokio::test]
async fn the_answer_is_the_only_place_that_shows_the_key() {
    // Case 149.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let answer = ada.post("/api-key/create", json!({ "name": "ci", "prefix": "ci_" })).await.expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let key = answer.body["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("ci_") && key.len() == 67, "{key}");
    assert!(key[3..].bytes().all(|byte| byte.is_ascii_alphabetic()));
    let id = answer.body["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.body["start"], key[..6]);
    assert_eq!(answer.body["referenceId"], *ada.user().id);

    let stored = row(&app, &id).await;
    assert_eq!(stored[0], ("key".to_owned(), Some(hash(&key))));
    let secret = &key[6..];
    assert!(stored.iter().all(|(_, value)| value.as_deref().is_none_or(|value| !value.contains(secret))));
    for path in [format!("/api-key/get?id={id}"), "/api-key/list".to_owned()] {
        let shown = ada.get(&path).await.expect(200);
        assert!(!shown.text.contains(secret) && !shown.text.contains(&hash(&key)), "{path}: {}", shown.text);
        assert!(shown.text.contains(&key[..6]));
    }
    let update = ada.post("/api-key/update", json!({ "keyId": id, "name": "other" })).await.expect(200);
    assert!(!update.text.contains(secret) && !update.text.contains(&hash(&key)));
    assert!(!verify(&app, &key).await.to_string().contains(&hash(&key)));
}

#[tokio::test]
async fn a_client_may_name_it_and_say_how_long_it_lives() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let now = app.core().now();
    let body = json!({ "name": "full", "prefix": "acme_", "expiresIn": DAY * 7, "metadata": { "a": ["b"] } });
    let made = make(&mut ada, body).await;
    let expected = json!({
        "key": made.key, "id": made.id, "configId": "default", "name": "full", "prefix": "acme_",
        "start": made.key[..6], "referenceId": ada.user().id, "refillInterval": null, "refillAmount": null,
        "lastRefillAt": null, "enabled": true, "rateLimitEnabled": true, "rateLimitTimeWindow": 3_600_000,
        "rateLimitMax": 1000, "requestCount": 0, "remaining": null, "lastRequest": null,
        "expiresAt": now.plus_seconds(DAY * 7).to_string(), "createdAt": now.to_string(),
        "updatedAt": now.to_string(), "permissions": null, "metadata": { "a": ["b"] },
    });
    assert_eq!(made.body, expected);
    let bare = make(&mut ada, json!({ "expiresIn": null, "metadata": null, "remaining": null })).await;
    assert!(bare.body["name"].is_null() && bare.body["expiresAt"].is_null() && bare.body["prefix"].is_null());
    assert_ne!(bare.key, made.key);
}

#[tokio::test]
async fn the_short_address_makes_keys_too() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let answer = ada.post("/api-key", json!({ "name": "short" })).await.expect(200);
    assert!(answer.body["key"].is_string());
}

#[tokio::test]
async fn the_presets_have_figures_of_their_own() {
    let app = app().preset(Preset::BetterAuth).start().await;
    let made = make(&mut app.user("ada").await, json!({})).await;
    assert_eq!(made.body["rateLimitTimeWindow"], 86_400_000);
    assert_eq!(made.body["rateLimitMax"], 10);
    let answer = app.user("bob").await.post("/api-key/create", json!({ "metadata": { "a": 1 } })).await;
    answer.refused(400, "METADATA_DISABLED");
}

#[tokio::test]
async fn what_is_for_the_program_alone_is_refused_from_clients() {
    // Case 142.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({ "name": "mine" })).await;
    let before = row(&app, &made.id).await;
    for (name, value) in [
        ("remaining", json!(5)),
        ("refillAmount", json!(5)),
        ("refillInterval", json!(1000)),
        ("rateLimitMax", json!(5)),
        ("rateLimitTimeWindow", json!(1000)),
        ("rateLimitEnabled", json!(false)),
        ("permissions", json!({ "files": ["read"] })),
    ] {
        let answer = ada.post("/api-key/create", json!({ name: value })).await;
        answer.refused(400, "SERVER_ONLY_PROPERTY");
        let answer = ada.post("/api-key/update", json!({ "keyId": made.id, "name": "x", name: value })).await;
        answer.refused(400, "SERVER_ONLY_PROPERTY");
    }
    let answer = ada.post("/api-key/update", json!({ "keyId": made.id, "permissions": null })).await;
    answer.refused(400, "SERVER_ONLY_PROPERTY");
    ada.post("/api-key/create", json!({ "userId": "x" })).await.refused(401, "UNAUTHORIZED_SESSION");
    let own = json!({ "userId": ada.user().id });
    ada.post("/api-key/create", own).await.refused(401, "UNAUTHORIZED_SESSION");
    assert_eq!(row(&app, &made.id).await, before);
    assert_eq!(ada.get("/api-key/list").await.body["total"], 1);
}

#[tokio::test]
async fn nobody_without_a_session_makes_one() {
    let app = app().start().await;
    for body in [json!({}), json!({ "name": "a" }), json!({ "userId": "someone" })] {
        app.anon().post("/api-key/create", body).await.refused(401, "UNAUTHORIZED_SESSION");
    }
}

#[tokio::test]
async fn figures_and_lengths_have_bounds() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    for (body, code) in [
        (json!({ "name": "x".repeat(33) }), "INVALID_NAME_LENGTH"),
        (json!({ "prefix": "p".repeat(33) }), "INVALID_PREFIX_LENGTH"),
        (json!({ "prefix": "bad prefix" }), "VALIDATION_ERROR"),
        (json!({ "prefix": "" }), "VALIDATION_ERROR"),
        (json!({ "expiresIn": 0 }), "VALIDATION_ERROR"),
        (json!({ "expiresIn": -5 }), "VALIDATION_ERROR"),
        (json!({ "expiresIn": 60 }), "EXPIRES_IN_IS_TOO_SMALL"),
        (json!({ "expiresIn": DAY - 1 }), "EXPIRES_IN_IS_TOO_SMALL"),
        (json!({ "expiresIn": DAY * 365 + 1 }), "EXPIRES_IN_IS_TOO_LARGE"),
        (json!({ "expiresIn": 1e300 }), "EXPIRES_IN_IS_TOO_LARGE"),
        (json!({ "metadata": "text" }), "INVALID_METADATA_TYPE"),
        (json!({ "metadata": 5 }), "INVALID_METADATA_TYPE"),
    ] {
        ada.post("/api-key/create", body).await.refused(400, code);
    }
    for body in [
        json!({ "expiresIn": DAY }),
        json!({ "expiresIn": DAY * 365 }),
        json!({ "name": "x".repeat(32), "prefix": "p".repeat(32) }),
    ] {
        ada.post("/api-key/create", body).await.expect(200);
    }
    assert_eq!(ada.get("/api-key/list").await.body["total"], 3);
}

#[tokio::test]
async fn the_program_makes_keys_for_anybody_with_anything() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(
        &app,
        &ada,
        json!({
            "remaining": 7, "refillAmount": 9, "refillInterval": 1000, "rateLimitEnabled": false,
            "rateLimitMax": 3, "rateLimitTimeWindow": 500, "permissions": { "files": ["read"] },
        }),
    )
    .await;
    for (name, value) in [
        ("remaining", json!(7)),
        ("refillAmount", json!(9)),
        ("refillInterval", json!(1000)),
        ("rateLimitEnabled", json!(false)),
        ("rateLimitMax", json!(3)),
        ("rateLimitTimeWindow", json!(500)),
        ("permissions", json!({ "files": ["read"] })),
        ("referenceId", json!(ada.user().id)),
    ] {
        assert_eq!(made.body[name], value, "{name}");
    }
    for (body, code) in [
        (json!({ "userId": "nobody" }), "USER_NOT_FOUND"),
        (json!({}), "UNAUTHORIZED_SESSION"),
        (json!({ "userId": ada.user().id, "refillAmount": 5 }), "REFILL_AMOUNT_AND_INTERVAL_REQUIRED"),
        (json!({ "userId": ada.user().id, "refillInterval": 5 }), "REFILL_INTERVAL_AND_AMOUNT_REQUIRED"),
        (json!({ "userId": ada.user().id, "remaining": 1.5 }), "VALIDATION_ERROR"),
        (json!({ "userId": ada.user().id, "remaining": 1e300 }), "VALIDATION_ERROR"),
        (json!({ "userId": ada.user().id, "rateLimitMax": -1 }), "VALIDATION_ERROR"),
        (json!({ "userId": ada.user().id, "rateLimitTimeWindow": 9e15 }), "VALIDATION_ERROR"),
    ] {
        let failure = call(&app, "createApiKey", body.clone()).await.expect_err("a refusal");
        assert_eq!(failure.code(), Some(code), "{body}");
    }
    let refilled = grant(&app, &ada, json!({ "refillAmount": 9, "refillInterval": 1000, "name": "r" })).await;
    assert_eq!(refilled.body["remaining"], 9, "a quota that is refilled begins full");
}
