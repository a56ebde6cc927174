//! Bodies and headers that nobody honest sends.

use auth_testkit::{auth_core::http::Method, json};

use crate::support::{app, boundless, make, row, verify_with, with};

#[tokio::test]
async fn wrong_types_are_refused_everywhere() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({ "name": "mine" })).await;
    let before = row(&app, &made.id).await;
    let wrong = [json!(1), json!(true), json!([]), json!({}), json!(["x"])];
    for value in &wrong {
        for name in ["name", "prefix", "configId"] {
            let answer = ada.post("/api-key/create", json!({ name: value })).await;
            answer.refused(400, "VALIDATION_ERROR");
        }
        for name in ["name", "configId", "userId"] {
            let answer = ada.post("/api-key/update", json!({ "keyId": made.id, name: value })).await;
            answer.refused(400, "VALIDATION_ERROR");
        }
        for path in ["/api-key/update", "/api-key/delete"] {
            ada.post(path, json!({ "keyId": value, "name": "x" })).await.refused(400, "VALIDATION_ERROR");
        }
    }
    for value in [json!("1"), json!(true), json!([]), json!({})] {
        for name in [
            "expiresIn",
            "remaining",
            "refillAmount",
            "refillInterval",
            "rateLimitMax",
            "rateLimitTimeWindow",
        ] {
            ada.post("/api-key/create", json!({ name: value })).await.refused(400, "VALIDATION_ERROR");
            let answer = ada.post("/api-key/update", json!({ "keyId": made.id, name: value })).await;
            answer.refused(400, "VALIDATION_ERROR");
        }
    }
    for value in [json!(1), json!([]), json!({ "a": "b" }), json!({ "a": [1] }), json!({ "a": null })] {
        ada.post("/api-key/create", json!({ "permissions": value })).await.refused(400, "VALIDATION_ERROR");
    }
    for path in ["/api-key/update", "/api-key/delete"] {
        ada.post(path, json!({})).await.refused(400, "VALIDATION_ERROR");
    }
    for body in ["null", "[]", "\"x\"", "5"] {
        for path in ["/api-key/create", "/api-key/update", "/api-key/delete"] {
            let answer = ada.post_raw(path, body).await;
            assert_eq!(answer.status, 400, "{path} {body}: {}", answer.text);
        }
    }
    for body in ["{", "{\"expiresIn\":1e400}", "{\"expiresIn\":NaN}", "\u{feff}{", "{\"name\":\"\\ud800\"}"] {
        let answer = ada.post_raw("/api-key/create", body).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    }
    ada.get("/api-key/get").await.refused(400, "VALIDATION_ERROR");
    ada.get("/api-key/get?id=a&id=b").await.refused(400, "VALIDATION_ERROR");
    for (method, path) in [
        (Method::GET, "/api-key/create"),
        (Method::PUT, "/api-key/create"),
        (Method::DELETE, "/api-key/delete"),
        (Method::POST, "/api-key/list"),
        (Method::POST, "/api-key/verify"),
        (Method::POST, "/api-key/delete-all-expired-api-keys"),
    ] {
        ada.send(method, path, Some("{}".into())).await.expect(404);
    }
    assert_eq!(row(&app, &made.id).await, before);
    assert_eq!(ada.get("/api-key/list").await.body["total"], 1);
}

#[tokio::test]
async fn metadata_is_a_small_object() {
    // Case 154.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let mega = json!({ "a": "x".repeat(1_000_000) });
    let answer = ada.post("/api-key/create", json!({ "metadata": mega })).await;
    answer.refused(400, "METADATA_TOO_LARGE");
    let deep = format!("{{\"metadata\":{}1{}}}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let answer = ada.post_raw("/api-key/create", deep).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    for wrong in [json!("text"), json!(1), json!(true)] {
        let answer = ada.post("/api-key/create", json!({ "metadata": wrong })).await;
        answer.refused(400, "INVALID_METADATA_TYPE");
    }
    assert_eq!(ada.get("/api-key/list").await.body["total"], 0);
    let fits = json!({ "metadata": { "a": "x".repeat(8192 - 8) } });
    make(&mut ada, fits).await;
    let over = json!({ "metadata": { "a": "x".repeat(8192 - 7) } });
    ada.post("/api-key/create", over).await.refused(400, "METADATA_TOO_LARGE");
}

#[tokio::test]
async fn names_are_stored_as_they_are() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    for name in ["<script>alert(1)</script>", "'; DROP TABLE apikey; --", "\u{202e}evil", "\u{0}"] {
        let answer = ada.post("/api-key/create", json!({ "name": name })).await;
        if name.contains('\0') {
            assert!(answer.status == 200 || answer.status == 400, "{}", answer.text);
            continue;
        }
        assert_eq!(answer.expect(200).body["name"], name);
    }
}

#[tokio::test]
async fn whole_rows_in_a_body_change_nothing_else() {
    // Case 247.
    let app = app().start().await;
    let (mut ada, bob) = (app.user("ada").await, app.user("bob").await);
    let body = json!({
        "id": "mine", "key": "x".repeat(64), "referenceId": bob.user().id, "requestCount": -99,
        "lastRequest": null, "createdAt": "2000-01-01T00:00:00.000Z", "enabled": false, "start": "x",
        "lastRefillAt": null,
    });
    let made = make(&mut ada, body.clone()).await;
    assert_ne!(made.id, "mine");
    assert_eq!(made.body["referenceId"], *ada.user().id);
    assert_eq!((&made.body["requestCount"], &made.body["enabled"]), (&json!(0), &json!(true)));
    let before = row(&app, &made.id).await;
    let mut change = body;
    change["keyId"] = json!(made.id);
    change["enabled"] = json!(true);
    ada.post("/api-key/update", change).await.expect(200);
    assert_eq!(row(&app, &made.id).await, before);
}

#[tokio::test]
async fn odd_headers_are_refused_and_odd_keys_are_nobody() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let long = "x".repeat(5000);
    let spaced = format!("{} ", made.key);
    for key in ["short", long.as_str(), "x y", &made.key[..63]] {
        with(&app, key).get("/ok").await.refused(403, "INVALID_API_KEY");
    }
    for key in [format!("{}x", made.key), made.key.to_uppercase(), "é".repeat(64), spaced] {
        let answer = verify_with(&app, json!({ "key": key })).await;
        assert_eq!((&answer["valid"], &answer["error"]["code"]), (&json!(false), &json!("INVALID_API_KEY")));
    }
    for key in [String::new(), "\0".repeat(64), "x".repeat(1_000_000)] {
        let answer = verify_with(&app, json!({ "key": key })).await;
        assert_eq!(answer["valid"], json!(false));
    }
}

#[tokio::test]
async fn ids_that_are_none_are_nobodys() {
    // Case 260.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    for id in [
        "x".repeat(10_000),
        "'".to_owned(),
        "-1".to_owned(),
        "99999999999999999999".to_owned(),
        "%".to_owned(),
    ] {
        for path in ["/api-key/update", "/api-key/rotate", "/api-key/delete"] {
            let answer = ada.post(path, json!({ "keyId": id, "name": "x" })).await;
            answer.refused(404, "KEY_NOT_FOUND");
        }
        for path in ["/api-key/get", "/api-key/usage"] {
            let answer = ada.get(&format!("{path}?id={}", id.replace('%', "%25"))).await;
            answer.refused(404, "KEY_NOT_FOUND");
        }
    }
    let answer = ada.post("/api-key/delete", json!({ "keyId": "\u{0}" })).await;
    assert!(answer.status == 400 || answer.status == 404, "{}", answer.text);
}

#[tokio::test]
async fn a_database_that_is_away_is_a_503_and_changes_nothing() {
    // Case 290.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({ "name": "mine" })).await;
    let before = row(&app, &made.id).await;
    app.cable().cut_after(0);
    for (path, body) in [
        ("/api-key/create", json!({})),
        ("/api-key/update", json!({ "keyId": made.id, "name": "x" })),
        ("/api-key/rotate", json!({ "keyId": made.id })),
        ("/api-key/delete", json!({ "keyId": made.id })),
        ("/api-key/report-leak", json!({ "key": made.key })),
    ] {
        ada.post(path, body).await.refused(503, "SERVICE_UNAVAILABLE");
    }
    with(&app, &made.key).get("/get-session").await.refused(503, "SERVICE_UNAVAILABLE");
    app.cable().mend();
    assert_eq!(row(&app, &made.id).await, before);
    with(&app, &made.key).get("/get-session").await.expect(200);
}
