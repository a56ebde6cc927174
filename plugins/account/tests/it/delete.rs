//! Deleting oneself.

use std::time::Duration;

use auth_testkit::{json, race};

use crate::{PASSWORD, app, signed_up};

#[tokio::test]
async fn with_the_password() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    ada.post("/delete-user", json!({ "password": "Wrong-Horse-42" })).await.refused(400, "INVALID_PASSWORD");
    let answer = ada.post("/delete-user", json!({ "password": PASSWORD })).await.expect(200);
    assert_eq!(answer.body, json!({ "success": true, "message": "User deleted" }));
    assert!(app.core().users().page(app.core().db(), None, 10).await.unwrap().is_empty());
    signed_up(&app, "ada").await;
}

#[tokio::test]
async fn an_old_session_is_not_enough() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    app.clock().advance(Duration::from_secs(3600));
    ada.post("/delete-user", json!({})).await.refused(400, "SESSION_EXPIRED");
    ada.post("/delete-user", json!({ "password": PASSWORD })).await.expect(200);
}

#[tokio::test]
async fn by_a_mailed_link_once_and_only_by_its_user() {
    // Case 122.
    let app = app().set("plugins.account.delete_user_by_mail", true).start().await;
    let mut ada = signed_up(&app, "ada").await;
    let mut bob = signed_up(&app, "bob").await;
    let answer = ada.post("/delete-user", json!({ "callbackURL": "/bye" })).await.expect(200);
    assert_eq!(answer.body["message"], "Verification email sent");
    let token = app.mailbox().last("delete-account", "ada@example.com").unwrap().data["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let link = format!("/delete-user/callback?token={token}");
    bob.get(&link).await.refused(404, "INVALID_TOKEN");
    app.anon().get(&link).await.refused(404, "FAILED_TO_GET_USER_INFO");
    ada.get(&format!("{link}&callbackURL=%2F%2Fevil")).await.refused(403, "INVALID_CALLBACK_URL");
    let answers = race(10, |_| {
        let (mut device, link) = (ada.clone(), link.clone());
        async move { device.get(&link).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|a| matches!(a.status, 200 | 404)));
    assert_eq!(app.core().users().page(app.core().db(), None, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn where_it_is_off_it_is_not_there() {
    let app = app().set("plugins.account.delete_user", false).start().await;
    let mut ada = signed_up(&app, "ada").await;
    assert_eq!(ada.post("/delete-user", json!({})).await.expect(404).text, "");
}
