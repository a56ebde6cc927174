//! Resetting a password.

use std::time::Duration;

use auth_testkit::{json, race};

use crate::{OTHER, PASSWORD, app, sign_in, signed_up};

async fn letter(app: &auth_testkit::TestApp) -> String {
    let body = json!({ "email": "ada@example.com", "redirectTo": "/new" });
    app.anon().post("/request-password-reset", body).await.expect(200);
    app.mailbox().last("reset-password", "ada@example.com").unwrap().data["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_whole_way() {
    // Case 50.
    let app = app().start().await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    let token = letter(&app).await;
    let page = app.anon().get(&format!("/reset-password/{token}?callbackURL=%2Fnew")).await.expect(302);
    assert_eq!(page.header("location"), Some(format!("https://auth.example.com/new?token={token}").as_str()));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    app.anon().post("/reset-password", json!({ "token": token, "newPassword": OTHER })).await.expect(200);
    sign_in(&app, "ada", OTHER).await.1.expect(200);
    sign_in(&app, "ada", PASSWORD).await.1.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    // Case 16: who knew the old password is out.
    assert!(ada.get("/get-session?disableCookieCache=1").await.body.is_null());
}

#[tokio::test]
async fn a_token_works_once_and_takes_its_siblings_along() {
    // Case 119.
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let older = letter(&app).await;
    let token = letter(&app).await;
    let answers = race(20, |_| {
        let (mut anon, token) = (app.anon(), token.clone());
        async move { anon.post("/reset-password", json!({ "token": token, "newPassword": OTHER })).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|a| a.code() == Some("INVALID_TOKEN")).count(), 19);
    let sibling = json!({ "token": older, "newPassword": OTHER });
    app.anon().post("/reset-password", sibling).await.refused(400, "INVALID_TOKEN");
}

#[tokio::test]
async fn tokens_expire() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let token = letter(&app).await;
    app.clock().advance(Duration::from_secs(3600));
    let body = json!({ "token": token, "newPassword": OTHER });
    app.anon().post("/reset-password", body).await.refused(400, "INVALID_TOKEN");
    let page = app.anon().get(&format!("/reset-password/{token}?callbackURL=%2Fnew")).await.expect(302);
    assert_eq!(page.header("location"), Some("https://auth.example.com/new?error=INVALID_TOKEN"));
}

#[tokio::test]
async fn asking_tells_nothing() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let ask = |email: &str| json!({ "email": email });
    let known = app.anon().post("/request-password-reset", ask("ada@example.com")).await.expect(200);
    let unknown = app.anon().post("/request-password-reset", ask("no@example.com")).await.expect(200);
    assert_eq!(known.body, unknown.body);
    assert_eq!(app.mailbox().count(), 1);
}

#[tokio::test]
async fn a_bad_password_does_not_use_the_token_up() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let token = letter(&app).await;
    let body = |password: &str| json!({ "token": token, "newPassword": password });
    app.anon().post("/reset-password", body("short")).await.refused(400, "PASSWORD_TOO_SHORT");
    app.anon().post("/reset-password", body(OTHER)).await.expect(200);
}
