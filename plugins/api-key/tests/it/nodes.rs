//! Keys on several nodes: what one changes, the others know.

use auth_core::ports::NodeMemory;
use auth_testkit::{Actor, TestApp, json};

use crate::support::{Made, app, ban, boundless, verify, with};

async fn is_valid(app: &TestApp, key: &str) -> bool {
    verify(app, key).await["valid"] == true
}

/// Two nodes, a user with a key, and the key is in the memory of both.
async fn known_to_both() -> (TestApp, TestApp, Actor, Made) {
    let one = app().in_touch().start().await;
    let two = app().start_beside(&one).await;
    let ada = one.user("ada").await;
    let made = boundless(&one, &ada).await;
    assert!(is_valid(&one, &made.key).await && is_valid(&two, &made.key).await);
    (one, two, ada, made)
}

#[tokio::test]
async fn a_disabled_or_deleted_key_ends_on_every_node_at_once() {
    let (_one, two, mut ada, made) = known_to_both().await;
    ada.post("/api-key/update", json!({ "keyId": made.id, "name": "renamed" })).await.expect(200);
    assert!(is_valid(&two, &made.key).await);
    ada.post("/api-key/delete", json!({ "keyId": made.id })).await.expect(200);
    assert!(!is_valid(&two, &made.key).await);
}

#[tokio::test]
async fn a_rotated_key_is_known_on_every_node_at_once() {
    let (_one, two, mut ada, made) = known_to_both().await;
    let body = ada.post("/api-key/rotate", json!({ "keyId": made.id, "overlap": 0 })).await.expect(200).body;
    assert!(!is_valid(&two, &made.key).await);
    assert!(is_valid(&two, body["key"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_banned_owner_is_known_on_every_node_at_once() {
    let (one, two, ada, made) = known_to_both().await;
    with(&two, &made.key).get("/get-session").await.expect(200);
    ban(&one, &ada.user().id, None).await;
    let answer = with(&two, &made.key).get("/get-session").await;
    assert!(answer.status >= 400, "{answer:?}");
}

#[tokio::test]
async fn a_node_that_missed_something_reads_all_keys_again() {
    let one = app().start().await;
    let two = app().start_beside(&one).await;
    let mut ada = one.user("ada").await;
    let made = boundless(&one, &ada).await;
    assert!(is_valid(&two, &made.key).await);
    ada.post("/api-key/delete", json!({ "keyId": made.id })).await.expect(200);
    assert!(is_valid(&two, &made.key).await, "nobody has told it, and it was not long ago");
    for memory in two.core().services().slot::<dyn NodeMemory>() {
        memory.distrust(two.core());
    }
    assert!(!is_valid(&two, &made.key).await);
}
