//! Changing, verifying and setting a password.

use auth_plugin_email_password::endpoints::set_password::{SET_PASSWORD, SetPassword};
use auth_testkit::{
    auth_core::{call::Request, http::header},
    json,
};

use crate::{OTHER, PASSWORD, app, sign_in, signed_up};

#[tokio::test]
async fn revoking_the_others_gives_a_new_session() {
    let app = app().start().await;
    let (mut ada, up) = signed_up(&app, "ada").await;
    let (mut phone, _) = sign_in(&app, "ada", PASSWORD).await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": OTHER, "revokeOtherSessions": true });
    let answer = ada.post("/change-password", body).await.expect(200);
    assert_ne!(answer.body["token"], up.body["token"]);
    assert!(phone.get("/get-session?disableCookieCache=1").await.body.is_null());
    assert_eq!(ada.get("/list-sessions").await.expect(200).body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn refusals() {
    // Case 79.
    let app = app().start().await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    let wrong = json!({ "currentPassword": "Wrong-Horse-42", "newPassword": OTHER });
    ada.post("/change-password", wrong.clone()).await.refused(400, "INVALID_PASSWORD");
    app.anon().post("/change-password", wrong).await.refused(401, "UNAUTHORIZED");
    let long = json!({ "currentPassword": "x".repeat(1000), "newPassword": OTHER });
    ada.post("/change-password", long).await.refused(400, "PASSWORD_TOO_LONG");
    // A body that cannot be read is refused before the question of who sent it.
    app.anon()
        .post("/change-password", json!({ "newPassword": OTHER }))
        .await
        .refused(400, "VALIDATION_ERROR");
    sign_in(&app, "ada", PASSWORD).await.1.expect(200);
}

#[tokio::test]
async fn a_revoked_session_with_a_fresh_cache_cookie_changes_nothing() {
    // Case 5.
    let app = app().start().await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    let (mut phone, _) = sign_in(&app, "ada", PASSWORD).await;
    assert!(phone.cookie("session_data").is_some());
    ada.post("/revoke-other-sessions", json!({})).await.expect(200);
    let body = json!({ "currentPassword": PASSWORD, "newPassword": OTHER });
    phone.post("/change-password", body).await.refused(401, "UNAUTHORIZED");
    sign_in(&app, "ada", PASSWORD).await.1.expect(200);
}

#[tokio::test]
async fn only_the_program_sets_a_first_password() {
    let app = app().start().await;
    let bob = app.user("bob").await;
    let (name, value) = bob.cookie_pair("session_token").unwrap();
    let request = |password: &str| {
        let body = SetPassword { new_password: password.to_owned() };
        let cookie = format!("{name}={value}").parse().unwrap();
        Request::with_body(&body).unwrap().header(header::COOKIE, cookie)
    };
    app.core().call(&SET_PASSWORD, request(PASSWORD)).await.unwrap();
    sign_in(&app, "bob", PASSWORD).await.1.expect(200);
    let again = app.core().call(&SET_PASSWORD, request(OTHER)).await.unwrap_err();
    assert_eq!(again.code(), Some("PASSWORD_ALREADY_SET"));
    let mut over_http = bob.clone();
    assert_eq!(over_http.post("/set-password", json!({ "newPassword": OTHER })).await.status, 404);
}

#[tokio::test]
async fn asking_for_the_password_once_more() {
    let app = app().start().await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    ada.post("/verify-password", json!({ "password": PASSWORD })).await.expect(200);
    ada.post("/verify-password", json!({ "password": OTHER })).await.refused(400, "INVALID_PASSWORD");
}
