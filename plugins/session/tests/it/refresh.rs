//! Sessions that are used live on.

use std::time::Duration;

use auth_testkit::{Value, auth_core::sea_orm::ConnectionTrait, json, race};

use crate::bare;

const DAY: Duration = Duration::from_secs(86_400);

fn expiry(answer: &auth_testkit::Answer) -> Value {
    answer.body["session"]["expiresAt"].clone()
}

#[tokio::test]
async fn at_most_once_a_day() {
    let app = bare().start().await;
    let mut ada = app.user("ada").await;
    let first = ada.get("/get-session").await;
    app.clock().advance(DAY.checked_sub(Duration::from_millis(1)).unwrap());
    assert_eq!(expiry(&ada.get("/get-session").await), expiry(&first));
    app.clock().advance(Duration::from_millis(1));
    let renewed = ada.get("/get-session").await;
    assert_ne!(expiry(&renewed), expiry(&first));
    assert!(renewed.set_cookie("session_token").unwrap().contains("Max-Age=2592000"));
    assert_eq!(expiry(&ada.get("/get-session").await), expiry(&renewed));
}

#[tokio::test]
async fn many_at_once_write_once() {
    // Case 19.
    let app = bare().start().await;
    let ada = app.user("ada").await;
    app.clock().advance(DAY);
    let answers = race(50, |_| {
        let mut device = ada.clone();
        async move { device.get("/get-session").await }
    })
    .await;
    assert!(answers.iter().all(|a| a.status == 200 && a.body["user"]["name"] == "Ada"));
    let expiries: std::collections::BTreeSet<_> = answers.iter().map(|a| expiry(a).to_string()).collect();
    assert_eq!(expiries.len(), 1, "{expiries:?}");
}

#[tokio::test]
async fn queries_can_only_ask_for_more_care() {
    // Case 20.
    let app = bare().start().await;
    let mut ada = app.user("ada").await;
    let first = ada.get("/get-session").await;
    app.clock().advance(DAY);
    assert_eq!(expiry(&ada.get("/get-session?disableRefresh=false").await), expiry(&first));
    assert_ne!(expiry(&ada.get("/get-session?disableRefresh=").await), expiry(&first));
}

#[tokio::test]
async fn deferred_to_a_post() {
    let app = bare().set("plugins.session.defer_refresh", true).start().await;
    let mut ada = app.user("ada").await;
    assert_eq!(ada.get("/get-session").await.body["needsRefresh"], false);
    app.clock().advance(DAY);
    let due = ada.get("/get-session").await;
    assert_eq!(due.body["needsRefresh"], true);
    let renewed = ada.post("/get-session", json!({})).await.expect(200);
    assert_ne!(expiry(&renewed), expiry(&due));
    let plain = bare().start().await;
    let mut bob = plain.user("bob").await;
    bob.post("/get-session", json!({})).await.refused(405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED");
}

#[tokio::test]
async fn a_session_that_ended_unheard_is_not_renewed() {
    let app = bare().start().await;
    let mut ada = app.user("ada").await;
    app.clock().advance(DAY);
    // Remembered, and due.
    ada.get("/get-session?disableRefresh=1").await.expect(200);
    app.core().db().execute_unprepared("DELETE FROM session").await.unwrap();
    assert_eq!(ada.get("/get-session?disableRefresh=1").await.body["user"]["name"], "Ada");
    let answer = ada.get("/get-session").await.expect(200);
    assert_eq!(answer.text, "null");
    assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"));
}
