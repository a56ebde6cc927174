//! What was made for one purpose is of no use for another.

use auth_testkit::{Actor, auth_core::crypto::decode_component, json};

use crate::support::{
    PASSWORD, app, challenged, email, enrolled, mailed, next_step, sign_in, verify_totp, who,
};

/// What a signed cookie says.
fn payload(actor: &Actor, name: &str) -> String {
    let (_, value) = actor.cookie_pair(name).unwrap();
    decode_component(&value).rsplit_once('.').unwrap().0.to_owned()
}

#[tokio::test]
async fn ids_and_codes_of_second_factors_redeem_nothing_else() {
    // Case 116.
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut trusting = challenged(&app, "ada").await;
    let body = json!({ "code": ada.code(&app), "trustDevice": true });
    trusting.post("/two-factor/verify-totp", body).await.expect(200);
    next_step(&app);
    let mut waiting = challenged(&app, "ada").await;
    let otp = mailed(&app, &mut waiting, "ada").await;
    app.anon().post("/request-password-reset", json!({ "email": email("ada") })).await.expect(200);
    let letter = app.mailbox().last("reset-password", &email("ada")).unwrap();
    let reset = letter.data["token"].as_str().unwrap().to_owned();
    let challenge = payload(&waiting, "two_factor");
    let trust = payload(&trusting, "trust_device");
    let device = trust.split_once('!').unwrap().1.to_owned();
    let session = payload(&trusting, "session_token");
    let name = |short: &str| app.core().settings().cookies.name(short);
    // As a password reset, a link, a session.
    for secret in [&challenge, &trust, &device, &otp, &format!("reset-password:{challenge}")] {
        let body = json!({ "token": secret, "newPassword": "Another-Horse-43" });
        app.anon().post("/reset-password", body).await.refused(400, "INVALID_TOKEN");
        assert_eq!(app.anon().get(&format!("/verify-email?token={secret}")).await.status, 401);
        for cookie in ["session_token", "two_factor", "trust_device"] {
            if cookie == "two_factor" && *secret == challenge || cookie == "trust_device" && *secret == trust
            {
                continue;
            }
            let mut thief = app.anon();
            thief.set_cookie(&name(cookie), &app.core().signer().sign(secret));
            assert_eq!(who(&mut thief).await, None);
            verify_totp(&mut thief, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
            assert_eq!(sign_in(&mut thief, "ada").await.body["twoFactorRedirect"], true);
        }
    }
    // And the others as a second factor.
    for secret in [&reset, &format!("reset-password:{reset}"), &session, &format!("session:{session}")] {
        let mut thief = app.anon();
        thief.set_cookie(&name("two_factor"), &app.core().signer().sign(secret));
        verify_totp(&mut thief, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    }
    // Nothing of it was used up.
    let body = json!({ "code": otp });
    waiting.post("/two-factor/verify-otp", body).await.expect(200);
    trusting.post("/sign-out", json!({})).await.expect(200);
    assert!(sign_in(&mut trusting, "ada").await.expect(200).body["token"].is_string());
    let body = json!({ "token": reset, "newPassword": "Another-Horse-43" });
    app.anon().post("/reset-password", body).await.expect(200);
    assert_ne!(PASSWORD, "Another-Horse-43");
}

#[tokio::test]
async fn a_code_that_a_session_asked_for_ends_no_sign_in() {
    let app = app().start().await;
    let mut ada = enrolled(&app, "ada").await;
    let code = mailed(&app, &mut ada.actor, "ada").await;
    let mut waiting = challenged(&app, "ada").await;
    waiting.post("/two-factor/verify-otp", json!({ "code": code })).await.refused(400, "OTP_HAS_EXPIRED");
    let mut other = challenged(&app, "ada").await;
    let other_code = mailed(&app, &mut other, "ada").await;
    if other_code != code {
        ada.actor
            .post("/two-factor/verify-otp", json!({ "code": other_code }))
            .await
            .refused(401, "INVALID_CODE");
    }
    ada.actor.post("/two-factor/verify-otp", json!({ "code": code })).await.expect(200);
}
