//! Codes that are sent.

use std::sync::{Arc, Mutex};

use auth_core::{
    Core, Failure, Manifest, Plugin, Problem, Registrar, User, async_trait,
    config::NoConfig,
    crypto::Secret,
    model::{FieldValue, UserPatch},
    ports::SmsSender,
    schema::{Column, CoreTable},
};
use auth_testkit::{json, race};

use crate::support::{
    PASSWORD, app, challenged, enrolled, mailed, seconds, sessions, signed_up, tally, verify_otp,
    verify_totp, who,
};

#[tokio::test]
async fn a_mailed_code_gives_the_session_once() {
    let app = app().start().await;
    enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    verify_otp(&mut browser, "000000").await.refused(400, "OTP_HAS_EXPIRED");
    let code = mailed(&app, &mut browser, "ada").await;
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
    let mut same = browser.clone();
    verify_otp(&mut browser, &code).await.expect(200);
    assert_eq!(who(&mut browser).await.as_deref(), Some("ada"));
    verify_otp(&mut same, &code).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    app.anon().post("/two-factor/send-otp", json!({})).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
}

#[tokio::test]
async fn a_code_lives_for_three_minutes_and_until_the_next() {
    // Case 112.
    let app = app().start().await;
    enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let first = mailed(&app, &mut browser, "ada").await;
    let second = mailed(&app, &mut browser, "ada").await;
    verify_otp(&mut browser, &first).await.refused(401, "INVALID_CODE");
    app.clock().advance(seconds(180));
    verify_otp(&mut browser, &second).await.refused(400, "OTP_HAS_EXPIRED");
    let third = mailed(&app, &mut browser, "ada").await;
    app.clock().advance(std::time::Duration::from_millis(179_999));
    verify_otp(&mut browser, &third).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_right_code_fifty_times_at_once_gives_one_session() {
    // Case 109.
    let app = app().start().await;
    enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let (code, before) = (mailed(&app, &mut browser, "ada").await, sessions(&app).await);
    let answers = race(50, |_| {
        let (mut browser, code) = (browser.clone(), code.clone());
        async move { verify_otp(&mut browser, &code).await }
    })
    .await;
    let counts = tally(&answers);
    assert_eq!(counts["200"], 1, "{counts}");
    assert_eq!(sessions(&app).await, before + 1);
}

#[tokio::test]
async fn codes_alone_may_be_the_second_factor() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let (_, old) = ada.cookie_pair("session_token").unwrap();
    let answer = ada.post("/two-factor/enable", json!({ "password": PASSWORD, "method": "otp" })).await;
    assert_eq!(answer.expect(200).body, json!({ "method": "otp" }));
    assert_ne!(ada.cookie_pair("session_token").unwrap().1, old, "the session has another token");
    let mut browser = app.anon();
    let answer = crate::support::sign_in(&mut browser, "ada").await.expect(200);
    assert_eq!(answer.body["twoFactorMethods"], json!(["otp"]));
    verify_totp(&mut browser, "123456").await.refused(400, "TOTP_NOT_ENABLED");
    let code = mailed(&app, &mut browser, "ada").await;
    verify_otp(&mut browser, &code).await.expect(200);
}

#[tokio::test]
async fn a_session_turns_codes_on_by_proving_one() {
    let app = app().start().await;
    let mut ada = signed_up(&app, "ada").await;
    let code = mailed(&app, &mut ada, "ada").await;
    let other = if code == "000000" { "111111" } else { "000000" };
    verify_otp(&mut ada, other).await.refused(401, "INVALID_CODE");
    verify_otp(&mut ada, &code).await.expect(200);
    let body = ada.get("/get-session").await.expect(200).body;
    assert_eq!(body["user"]["twoFactorEnabled"], true);
    verify_otp(&mut ada, &code).await.refused(400, "OTP_HAS_EXPIRED");
}

#[tokio::test]
async fn either_kind_may_be_switched_off() {
    let app = app().set("plugins.two-factor.otp.enabled", false).start().await;
    enrolled(&app, "ada").await;
    let mut browser = app.anon();
    let answer = crate::support::sign_in(&mut browser, "ada").await.expect(200);
    assert_eq!(answer.body["twoFactorMethods"], json!(["totp"]));
    browser.post("/two-factor/send-otp", json!({})).await.refused(400, "OTP_NOT_CONFIGURED");
    let app = crate::support::app().set("plugins.two-factor.totp.enabled", false).start().await;
    let mut bob = signed_up(&app, "bob").await;
    bob.post("/two-factor/enable", json!({ "password": PASSWORD })).await.refused(400, "TOTP_NOT_CONFIGURED");
    verify_totp(&mut bob, "000000").await.refused(400, "TOTP_NOT_CONFIGURED");
    let none = crate::support::app()
        .set("plugins.two-factor.totp.enabled", false)
        .set("plugins.two-factor.otp.enabled", false);
    assert!(none.plan().is_err());
}

/// A gateway, and the numbers that users have proved.
struct Phones {
    sent: Mutex<Vec<(String, String)>>,
}

impl Plugin for Phones {
    const MANIFEST: Manifest = Manifest::new("phones", "0.1.0", "Numbers, and texts to them");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { sent: Mutex::default() })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.column(CoreTable::User, Column::text("phoneNumber"));
        host.column(CoreTable::User, Column::bool("phoneNumberVerified"));
        host.provide::<dyn SmsSender>(self);
    }
}

#[async_trait]
impl SmsSender for Phones {
    async fn send_code(
        &self,
        _: &Arc<Core>,
        _: &User,
        number: &str,
        kind: &'static str,
        code: &Secret,
    ) -> Result<(), Failure> {
        assert_eq!(kind, "two-factor-otp");
        self.sent.lock().unwrap().push((number.to_owned(), code.expose().to_owned()));
        Ok(())
    }
}

#[tokio::test]
async fn a_verified_number_gets_a_text_and_another_does_not() {
    let app = app().plugin::<Phones>().start().await;
    enrolled(&app, "ada").await;
    let phones = app.core().plugin::<Phones>().unwrap();
    let ada = app.core().users().find_by_email(app.core().db(), "ada@example.com").await.unwrap().unwrap();
    let number = |verified: bool| UserPatch {
        extra: vec![
            ("phoneNumber".to_owned(), FieldValue::from("+4412345")),
            ("phoneNumberVerified".to_owned(), FieldValue::Bool(verified)),
        ],
        ..UserPatch::default()
    };
    app.change_user(&ada.id, number(false)).await;
    let mut browser = challenged(&app, "ada").await;
    mailed(&app, &mut browser, "ada").await;
    assert!(phones.sent.lock().unwrap().is_empty());
    app.change_user(&ada.id, number(true)).await;
    let letters = app.mailbox().count();
    browser.post("/two-factor/send-otp", json!({})).await.expect(200);
    assert_eq!(app.mailbox().count(), letters);
    let (to, code) = phones.sent.lock().unwrap().pop().unwrap();
    assert_eq!(to, "+4412345");
    let answer = verify_otp(&mut browser, &code).await.expect(200);
    let token = answer.body["token"].as_str().unwrap();
    let (session, _) = app.core().sessions().find_by_token(app.core().db(), token).await.unwrap().unwrap();
    assert_eq!(session.proofs().amr().collect::<Vec<_>>(), ["pwd", "sms", "mfa"]);
}

#[tokio::test]
async fn who_came_by_mail_needs_more_than_a_code_by_mail() {
    for proofs_are_kept in [true, false] {
        let app = app()
            .set("plugins.session.proofs", proofs_are_kept)
            .set("plugins.email-password.auto_sign_in_after_verification", true)
            .start()
            .await;
        let ada = enrolled(&app, "ada").await;
        app.anon().post("/send-verification-email", json!({ "email": "ada@example.com" })).await.expect(200);
        let letter = app.mailbox().last("verify-email", "ada@example.com").unwrap();
        let mut browser = app.anon();
        let path = format!("/verify-email?token={}", letter.data["token"].as_str().unwrap());
        let answer = browser.get(&path).await.expect(200);
        assert_eq!(answer.body, json!({ "twoFactorRedirect": true, "twoFactorMethods": ["totp"] }));
        browser.post("/two-factor/send-otp", json!({})).await.refused(400, "OTP_NOT_CONFIGURED");
        verify_otp(&mut browser, "000000").await.refused(400, "OTP_HAS_EXPIRED");
        verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    }
}
