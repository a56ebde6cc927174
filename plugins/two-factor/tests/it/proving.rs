//! A code in a session is one more proof.

use auth_testkit::{
    TestApp,
    auth_core::{Means, model::Session},
    json,
};

use crate::support::{
    app, challenged, email, enrolled, next_step, seconds, upstream, verify_backup, verify_totp,
};

async fn stored(app: &TestApp, token: &str) -> Session {
    app.core().sessions().find_by_token(app.core().db(), token).await.unwrap().unwrap().0
}

fn amr(session: &Session) -> Vec<String> {
    session.proofs().amr().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_sign_in_has_proved_both() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let begun = app.core().now();
    app.clock().advance(seconds(60));
    let answer = verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    let session = stored(&app, answer.body["token"].as_str().unwrap()).await;
    let proofs: Vec<_> = session.proofs().iter().map(|proof| (proof.means.clone(), proof.at)).collect();
    assert_eq!(proofs, [(Means::PASSWORD, begun), (Means::OTP, begun.plus(seconds(60)))]);
    let mut browser = challenged(&app, "ada").await;
    let answer = verify_backup(&mut browser, &ada.backup[0]).await.expect(200);
    assert_eq!(amr(&stored(&app, answer.body["token"].as_str().unwrap()).await), ["pwd", "otp", "mfa"]);
}

#[tokio::test]
async fn a_session_from_before_proves_it_later() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let user = app.core().users().find_by_email(app.core().db(), &email("ada")).await.unwrap().unwrap();
    let mut phone = app.signed_in(&user).await;
    assert_eq!(amr(&stored(&app, phone.token()).await), ["pwd"]);
    app.clock().advance(seconds(5000));
    let answer = verify_totp(&mut phone, &ada.code(&app)).await.expect(200);
    assert_eq!(answer.body["token"], phone.token(), "the session goes on");
    let proofs = stored(&app, phone.token()).await.proofs();
    assert!(proofs.second_factor_within(seconds(0), app.core().now()));
    let code = ada.code(&app);
    verify_totp(&mut phone, &code).await.refused(401, "INVALID_CODE");
    next_step(&app);
    phone.post("/two-factor/verify-totp", json!({ "code": ada.code(&app) })).await.expect(200);
}

#[tokio::test]
async fn without_proofs_everything_goes_on() {
    let app = upstream().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let answer = verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    let token = answer.body["token"].as_str().unwrap().to_owned();
    let before = stored(&app, &token).await;
    assert!(before.proofs().is_empty());
    app.clock().advance(seconds(5000));
    verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    assert_eq!(stored(&app, &token).await.updated_at, before.updated_at, "nothing to remember");
}
