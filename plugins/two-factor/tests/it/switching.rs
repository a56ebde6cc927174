//! Turning second factors on and off, and who may not.

use auth_testkit::json;

use crate::support::{
    PASSWORD, app, challenged, code_of, email, enrolled, factor, next_step, seconds, set_up, sign_in,
    signed_up, upstream, verify_backup, verify_totp, who, wrong_code,
};

#[tokio::test]
async fn the_factor_counts_once_a_code_was_verified() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let (uri, _) = set_up(&mut ada).await;
    assert!(sign_in(&mut app.anon(), "ada").await.expect(200).body["token"].is_string());
    verify_totp(&mut ada, &wrong_code(&app, &uri)).await.refused(401, "INVALID_CODE");
    let (_, old) = ada.cookie_pair("session_token").unwrap();
    let mut thief = ada.clone();
    let answer = verify_totp(&mut ada, &code_of(&uri, app.core().now())).await.expect(200);
    assert_eq!(answer.body["user"]["twoFactorEnabled"], false, "as it was before");
    assert_ne!(ada.cookie_pair("session_token").unwrap().1, old);
    let strictly = thief.get("/get-session?disableCookieCache=true").await.expect(200);
    assert_eq!(strictly.body, json!(null), "the old token is nobody's");
    assert_eq!(ada.get("/get-session").await.body["user"]["twoFactorEnabled"], true);
    assert_eq!(app.mailbox().last("two-factor-enabled", "ada@example.com").unwrap().name, "ada");
    ada.post("/two-factor/enable", json!({ "password": PASSWORD }))
        .await
        .refused(400, "TOTP_ALREADY_ENABLED");
}

#[tokio::test]
async fn setting_up_again_replaces_what_nobody_confirmed() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let ((first, _), (second, _)) = (set_up(&mut ada).await, set_up(&mut ada).await);
    assert_ne!(first, second);
    verify_totp(&mut ada, &code_of(&first, app.core().now())).await.refused(401, "INVALID_CODE");
    verify_totp(&mut ada, &code_of(&second, app.core().now())).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn setting_up_ten_times_at_once_leaves_one_row() {
    let app = app().start().await;
    let ada = signed_up(&app, "ada").await;
    let answers = auth_testkit::race(10, |_| {
        let mut ada = ada.clone();
        async move { ada.post("/two-factor/enable", json!({ "password": PASSWORD })).await }
    })
    .await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(factor(&app).await.len(), 1);
}

#[tokio::test]
async fn a_stolen_session_changes_and_shows_nothing() {
    // Cases 136 and 137.
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let before = factor(&app).await;
    let mut thief = ada.actor.clone();
    for path in ["enable", "disable", "get-totp-uri", "generate-backup-codes", "qr"] {
        let path = format!("/two-factor/{path}");
        thief.post(&path, json!({ "password": "Wrong-Horse-42" })).await.refused(400, "INVALID_PASSWORD");
        thief.post(&path, json!({ "password": "x".repeat(200) })).await.refused(400, "PASSWORD_TOO_LONG");
        for body in [json!({}), json!({ "password": null }), json!({ "password": 1 })] {
            thief.post(&path, body).await.refused(400, "VALIDATION_ERROR");
        }
        app.anon().post(&path, json!({ "password": PASSWORD })).await.refused(401, "UNAUTHORIZED");
    }
    thief
        .post("/two-factor/enable", json!({ "password": PASSWORD }))
        .await
        .refused(400, "TOTP_ALREADY_ENABLED");
    assert_eq!(factor(&app).await, before);
    assert_eq!(thief.get("/get-session").await.body["user"]["twoFactorEnabled"], true);
    let mut browser = challenged(&app, "ada").await;
    verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
}

#[tokio::test]
async fn nobody_writes_the_flag() {
    let app = app().start().await;
    let mut ada = enrolled(&app, "ada").await;
    let answer = ada.actor.post("/update-user", json!({ "name": "ada", "twoFactorEnabled": false })).await;
    assert_eq!(answer.status / 100, 4, "{}", answer.text);
    assert_eq!(sign_in(&mut app.anon(), "ada").await.body["twoFactorRedirect"], true);
}

#[tokio::test]
async fn the_password_alone_signs_in_after_disabling() {
    let app = app().start().await;
    let mut ada = enrolled(&app, "ada").await;
    let mut waiting = challenged(&app, "ada").await;
    let (_, old) = ada.actor.cookie_pair("session_token").unwrap();
    ada.actor.post("/two-factor/disable", json!({ "password": PASSWORD })).await.expect(200);
    assert_ne!(ada.actor.cookie_pair("session_token").unwrap().1, old);
    assert_eq!(who(&mut ada.actor).await.as_deref(), Some("ada"));
    assert!(factor(&app).await.is_empty());
    // A sign-in that waited is over: its code is of a factor that is gone.
    verify_totp(&mut waiting, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    verify_backup(&mut waiting, &ada.backup[0]).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    assert!(sign_in(&mut app.anon(), "ada").await.expect(200).body["token"].is_string());
    assert!(app.mailbox().last("two-factor-disabled", "ada@example.com").is_some());
    let answer = ada.actor.post("/two-factor/get-totp-uri", json!({ "password": PASSWORD })).await;
    answer.refused(400, "TOTP_NOT_ENABLED");
}

#[tokio::test]
async fn a_sign_in_with_the_old_password_is_over() {
    let app = app().start().await;
    let mut ada = enrolled(&app, "ada").await;
    let mut waiting = challenged(&app, "ada").await;
    let body = json!({ "currentPassword": PASSWORD, "newPassword": "Another-Horse-43" });
    ada.actor.post("/change-password", body).await.expect(200);
    verify_totp(&mut waiting, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    // A reset too.
    let body = json!({ "email": email("ada"), "password": "Another-Horse-43" });
    waiting.post("/sign-in/email", body).await.expect(200);
    app.anon().post("/request-password-reset", json!({ "email": email("ada") })).await.expect(200);
    let letter = app.mailbox().last("reset-password", "ada@example.com").unwrap();
    let body = json!({ "token": letter.data["token"], "newPassword": "Third-Horse-44" });
    app.anon().post("/reset-password", body).await.expect(200);
    verify_totp(&mut waiting, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
}

#[tokio::test]
async fn turning_on_and_off_needs_a_fresh_session() {
    let app = app().start().await;
    let (mut ada, mut bob) = (enrolled(&app, "ada").await, signed_up(&app, "bob").await);
    app.clock().advance(seconds(3600));
    let body = json!({ "password": PASSWORD });
    bob.post("/two-factor/enable", body.clone()).await.refused(403, "SESSION_NOT_FRESH");
    ada.actor.post("/two-factor/disable", body.clone()).await.refused(403, "SESSION_NOT_FRESH");
    // A code is a recent proof.
    let code = ada.code(&app);
    verify_totp(&mut ada.actor, &code).await.expect(200);
    ada.actor.post("/two-factor/disable", body.clone()).await.expect(200);
    // So is the password.
    bob.post("/verify-password", body.clone()).await.expect(200);
    bob.post("/two-factor/enable", body.clone()).await.expect(200);
    let app = upstream().start().await;
    let mut ada = enrolled(&app, "ada").await;
    app.clock().advance(seconds(2 * 86_400));
    ada.actor.post("/two-factor/disable", body).await.expect(200);
}

#[tokio::test]
async fn who_has_no_password_needs_none_where_it_is_allowed() {
    let app = app().set("plugins.two-factor.allow_passwordless", true).start().await;
    let mut ada = app.user("ada").await;
    let uri = ada.post("/two-factor/enable", json!({})).await.expect(200).body["totpURI"].clone();
    verify_totp(&mut ada, &code_of(uri.as_str().unwrap(), app.core().now())).await.expect(200);
    next_step(&app);
    ada.post("/two-factor/disable", json!({})).await.expect(200);
    let mut bob = signed_up(&app, "bob").await;
    bob.post("/two-factor/enable", json!({})).await.refused(400, "INVALID_PASSWORD");
}
