//! Getting, listing, changing and deleting keys.

use auth_testkit::{auth_core::Event, json};

use crate::support::{DAY, app, call, grant, is_stored, make, millis, row, verdict, with};

#[tokio::test]
async fn keys_of_others_are_not_there() {
    // Case 143.
    let app = app().start().await;
    let (mut ada, mut bob) = (app.user("ada").await, app.user("bob").await);
    let made = make(&mut ada, json!({ "name": "mine" })).await;
    let before = row(&app, &made.id).await;
    for id in [made.id.as_str(), "nope", "", "' OR 1=1 --"] {
        let get = format!("/api-key/get?id={}", id.replace(' ', "%20"));
        bob.get(&get).await.refused(404, "KEY_NOT_FOUND");
        bob.post("/api-key/update", json!({ "keyId": id, "name": "stolen" }))
            .await
            .refused(404, "KEY_NOT_FOUND");
        bob.post("/api-key/delete", json!({ "keyId": id })).await.refused(404, "KEY_NOT_FOUND");
    }
    let as_ada = json!({ "keyId": made.id, "userId": ada.user().id, "name": "stolen" });
    bob.post("/api-key/update", as_ada).await.refused(401, "UNAUTHORIZED_SESSION");
    assert_eq!(bob.get("/api-key/list").await.body["total"], 0);
    assert_eq!(row(&app, &made.id).await, before);
    ada.get(&format!("/api-key/get?id={}", made.id)).await.expect(200);
}

#[tokio::test]
async fn nobody_without_a_session_manages_keys() {
    let app = app().start().await;
    app.anon().get("/api-key/get?id=x").await.refused(401, "UNAUTHORIZED");
    app.anon().get("/api-key/list").await.refused(401, "UNAUTHORIZED");
    app.anon().post("/api-key/delete", json!({ "keyId": "x" })).await.refused(401, "UNAUTHORIZED");
    let update = app.anon().post("/api-key/update", json!({ "keyId": "x", "name": "a" })).await;
    update.refused(401, "UNAUTHORIZED_SESSION");
}

#[tokio::test]
async fn a_change_shows_at_once() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({ "name": "first" })).await;
    assert_eq!(verdict(&app, &made.key).await, "ok", "in memory from here on");
    let renamed =
        ada.post("/api-key/update", json!({ "keyId": made.id, "name": "second" })).await.expect(200).body;
    assert_eq!((renamed["name"].as_str(), renamed.get("key")), (Some("second"), None));
    ada.post("/api-key/update", json!({ "keyId": made.id, "enabled": false })).await.expect(200);
    assert_eq!(verdict(&app, &made.key).await, "KEY_DISABLED");
    with(&app, &made.key).get("/get-session").await.refused(401, "KEY_DISABLED");
    ada.post("/api-key/update", json!({ "keyId": made.id, "enabled": true })).await.expect(200);
    assert_eq!(verdict(&app, &made.key).await, "ok");
    let body = json!({ "keyId": made.id, "expiresIn": DAY, "metadata": { "a": 1 } });
    let changed = ada.post("/api-key/update", body).await.expect(200).body;
    assert_eq!(changed["expiresAt"], app.core().now().plus_seconds(DAY).to_string());
    assert_eq!(changed["metadata"], json!({ "a": 1 }));
    let body = json!({ "keyId": made.id, "expiresIn": null, "metadata": null });
    let changed = ada.post("/api-key/update", body).await.expect(200).body;
    assert!(changed["expiresAt"].is_null() && changed["metadata"].is_null());
}

#[tokio::test]
async fn changes_have_the_same_bounds_as_new_keys() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({ "name": "first" })).await;
    let before = row(&app, &made.id).await;
    for (name, value, code) in [
        ("name", json!(""), "INVALID_NAME_LENGTH"),
        ("name", json!("x".repeat(33)), "INVALID_NAME_LENGTH"),
        ("expiresIn", json!(60), "EXPIRES_IN_IS_TOO_SMALL"),
        ("expiresIn", json!(DAY * 366), "EXPIRES_IN_IS_TOO_LARGE"),
        ("expiresIn", json!(0), "VALIDATION_ERROR"),
        ("metadata", json!("text"), "INVALID_METADATA_TYPE"),
        ("metadata", json!({ "a": "x".repeat(9000) }), "METADATA_TOO_LARGE"),
        ("enabled", json!("yes"), "VALIDATION_ERROR"),
        ("enabled", json!(null), "VALIDATION_ERROR"),
    ] {
        let answer = ada.post("/api-key/update", json!({ "keyId": made.id, name: value })).await;
        answer.refused(400, code);
    }
    ada.post("/api-key/update", json!({ "keyId": made.id })).await.refused(400, "NO_VALUES_TO_UPDATE");
    assert_eq!(row(&app, &made.id).await, before);
}

#[tokio::test]
async fn the_program_changes_what_clients_may_not() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "permissions": { "files": ["read"] } })).await;
    let owner = &ada.user().id;
    let body = json!({ "keyId": made.id, "userId": owner, "remaining": 3, "permissions": null });
    let changed = call(&app, "updateApiKey", body).await.unwrap();
    assert_eq!((&changed["remaining"], &changed["permissions"]), (&json!(3), &json!(null)));
    let half = json!({ "keyId": made.id, "userId": owner, "refillAmount": 3 });
    let failure = call(&app, "updateApiKey", half).await.expect_err("a refusal");
    assert_eq!(failure.code(), Some("REFILL_AMOUNT_AND_INTERVAL_REQUIRED"));
    let foreign = json!({ "keyId": made.id, "userId": "someone", "remaining": 99 });
    let failure = call(&app, "updateApiKey", foreign).await.expect_err("a refusal");
    assert_eq!(failure.code(), Some("KEY_NOT_FOUND"));
}

#[tokio::test]
async fn a_deleted_key_is_no_good_at_once() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({})).await;
    assert_eq!(verdict(&app, &made.key).await, "ok");
    let answer = ada.post("/api-key/delete", json!({ "keyId": made.id })).await.expect(200);
    assert_eq!(answer.body, json!({ "success": true }));
    assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY");
    assert!(!is_stored(&app, &made.id).await);
    ada.post("/api-key/delete", json!({ "keyId": made.id })).await.refused(404, "KEY_NOT_FOUND");
}

#[tokio::test]
async fn lists_come_in_pages_and_orders() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    for name in ["b", "c", "a"] {
        make(&mut ada, json!({ "name": name })).await;
        app.clock().advance(millis(1));
    }
    let names = |body: &auth_testkit::Value| -> Vec<String> {
        let keys = body["apiKeys"].as_array().unwrap();
        keys.iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected) in [
        ("", vec!["b", "c", "a"]),
        ("?limit=2", vec!["b", "c"]),
        ("?limit=2&offset=2", vec!["a"]),
        ("?offset=1", vec!["c", "a"]),
        ("?limit=0", vec![]),
        ("?offset=99", vec![]),
        ("?sortBy=name", vec!["a", "b", "c"]),
        ("?sortBy=name&sortDirection=desc", vec!["c", "b", "a"]),
        ("?sortBy=createdAt&sortDirection=desc&limit=1", vec!["a"]),
    ] {
        let body = ada.get(&format!("/api-key/list{query}")).await.expect(200).body;
        assert_eq!(
            (names(&body), &body["total"]),
            (expected.iter().map(|n| (*n).into()).collect(), &json!(3))
        );
    }
    let body = ada.get("/api-key/list?limit=2&offset=1").await.expect(200).body;
    assert_eq!((&body["limit"], &body["offset"]), (&json!(2), &json!(1)));
    for query in ["limit=-1", "limit=x", "limit=1.5", "offset=-1", "sortDirection=up", "limit=1&limit=2"] {
        let answer = ada.get(&format!("/api-key/list?{query}")).await;
        answer.refused(400, "VALIDATION_ERROR");
    }
    for column in ["key", "nothing", "name;drop table apikey", "'", "__proto__"] {
        let answer = ada.get(&format!("/api-key/list?sortBy={}", column.replace(' ', "%20"))).await;
        answer.refused(400, "VALIDATION_ERROR");
    }
    assert_eq!(ada.get("/api-key/list?configId=other").await.body["total"], 0);
    assert_eq!(ada.get("/api-key/list?configId=default").await.body["total"], 3);
}

#[tokio::test]
async fn what_happens_to_keys_is_told_without_them() {
    let app = app().start().await;
    let mut events = app.core().events().subscribe();
    let mut ada = app.user("ada").await;
    let made = make(&mut ada, json!({})).await;
    ada.post("/api-key/update", json!({ "keyId": made.id, "name": "x" })).await.expect(200);
    ada.post("/api-key/delete", json!({ "keyId": made.id })).await.expect(200);
    let mut told = Vec::new();
    while let Some(event) = events.try_next() {
        if let Event::Plugin { plugin: "api-key", name, data } = event {
            assert!(!data.to_string().contains(&made.key[6..]));
            assert_eq!((&data["id"], &data["userId"]), (&json!(made.id), &json!(ada.user().id)));
            told.push(name);
        }
    }
    assert_eq!(told, ["api_key.created", "api_key.updated", "api_key.deleted"]);
}
