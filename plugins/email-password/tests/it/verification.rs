//! Proving an address.

use std::time::Duration;

use auth_testkit::json;

use crate::{PASSWORD, app, sign_in, signed_up};

fn token(app: &auth_testkit::TestApp, to: &str) -> String {
    app.mailbox().last("verify-email", to).expect("a letter").data["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn by_a_mailed_link() {
    let app = app().set("plugins.email-password.send_on_sign_up", true).start().await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    let link = format!("/verify-email?token={}", token(&app, "ada@example.com"));
    let answer = app.anon().get(&link).await.expect(200);
    assert_eq!(answer.body, json!({ "status": true, "user": null }));
    assert_eq!(ada.get("/get-session?disableCookieCache=1").await.body["user"]["emailVerified"], true);
    // Once more is no error.
    app.anon().get(&link).await.expect(200);
}

#[tokio::test]
async fn nobody_signs_in_unverified_where_it_is_required() {
    let app = app()
        .set("plugins.email-password.require_email_verification", true)
        .set("plugins.email-password.auto_sign_in_after_verification", true)
        .start()
        .await;
    let (_, answer) = signed_up(&app, "ada").await;
    assert!(answer.body["token"].is_null());
    let (_, refused) = sign_in(&app, "ada", PASSWORD).await;
    refused.refused(403, "EMAIL_NOT_VERIFIED");
    let (_, wrong) = sign_in(&app, "ada", "Wrong-Horse-42").await;
    wrong.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    let mut browser = app.anon();
    browser.get(&format!("/verify-email?token={}", token(&app, "ada@example.com"))).await.expect(200);
    assert_eq!(browser.get("/get-session").await.body["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn untrusted_callbacks_use_nothing_up() {
    // Case 43.
    let app = app().set("plugins.email-password.send_on_sign_up", true).start().await;
    let (mut ada, _) = signed_up(&app, "ada").await;
    let token = token(&app, "ada@example.com");
    let link = format!("/verify-email?token={token}&callbackURL=https%3A%2F%2Fevil.example");
    app.anon().get(&link).await.refused(403, "INVALID_CALLBACK_URL");
    assert_eq!(ada.get("/get-session?disableCookieCache=1").await.body["user"]["emailVerified"], false);
    let twice = format!("/verify-email?token={token}&token={token}");
    app.anon().get(&twice).await.refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn bad_links() {
    let app = app().set("plugins.email-password.send_on_sign_up", true).start().await;
    signed_up(&app, "ada").await;
    let good = token(&app, "ada@example.com");
    let mut forged = good.clone();
    forged.replace_range(good.len() - 2.., "AA");
    app.anon().get(&format!("/verify-email?token={forged}")).await.refused(401, "INVALID_TOKEN");
    let answer = app.anon().get("/verify-email?token=x&callbackURL=%2Fback%3Fa%3D1").await.expect(302);
    assert_eq!(answer.header("location"), Some("/back?a=1&error=INVALID_TOKEN"));
    app.clock().advance(Duration::from_secs(3601));
    app.anon().get(&format!("/verify-email?token={good}")).await.refused(401, "TOKEN_EXPIRED");
}

#[tokio::test]
async fn asking_for_a_link_tells_nothing() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let known =
        app.anon().post("/send-verification-email", json!({ "email": "ada@example.com" })).await.expect(200);
    let unknown =
        app.anon().post("/send-verification-email", json!({ "email": "no@example.com" })).await.expect(200);
    assert_eq!(known.body, unknown.body);
    assert_eq!(app.mailbox().count(), 1);
}

#[tokio::test]
async fn mailed_links_carry_the_callback_once_encoded() {
    // Case 46.
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let body = json!({ "email": "ada@example.com", "callbackURL": "/a&token=x#f" });
    app.anon().post("/send-verification-email", body).await.expect(200);
    let letter = app.mailbox().last("verify-email", "ada@example.com").unwrap();
    let url = letter.data["url"].as_str().unwrap();
    assert!(url.starts_with("https://auth.example.com/api/auth/verify-email?token="), "{url}");
    assert!(url.ends_with("&callbackURL=%2Fa%26token%3Dx%23f"), "{url}");
}
