//! Codes that somebody guesses.

use auth_testkit::{Actor, TestApp, json, race};

use crate::support::{
    Person, app, challenged, enrolled, mailed, next_step, number, seconds, sessions, tally, upstream,
    verify_backup, verify_otp, verify_totp, wrong_code,
};

const TOO_MANY: &str = "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE";
const LOCKED: &str = "ACCOUNT_TEMPORARILY_LOCKED";

#[tokio::test]
async fn the_sixth_wrong_code_of_any_kind_ends_the_sign_in() {
    // Case 131.
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let (wrong, otp) = (wrong_code(&app, &ada.uri), mailed(&app, &mut browser, "ada").await);
    let wrong_otp = if otp == "000000" { "111111" } else { "000000" };
    verify_totp(&mut browser, &wrong).await.refused(401, "INVALID_CODE");
    verify_backup(&mut browser, "aaaaa-bbbbb").await.refused(401, "INVALID_BACKUP_CODE");
    verify_otp(&mut browser, wrong_otp).await.refused(401, "INVALID_CODE");
    verify_totp(&mut browser, &wrong).await.refused(401, "INVALID_CODE");
    verify_otp(&mut browser, wrong_otp).await.refused(401, "INVALID_CODE");
    verify_backup(&mut browser, "aaaaa-bbbbb").await.refused(400, TOO_MANY);
    for answer in [
        verify_totp(&mut browser, &ada.code(&app)).await,
        verify_otp(&mut browser, &otp).await,
        verify_backup(&mut browser, &ada.backup[0]).await,
    ] {
        answer.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    }
}

#[tokio::test]
async fn after_five_wrong_codes_the_right_one_is_too_late() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let wrong = wrong_code(&app, &ada.uri);
    for _ in 0..5 {
        verify_totp(&mut browser, &wrong).await.refused(401, "INVALID_CODE");
    }
    let answer = verify_totp(&mut browser, &ada.code(&app)).await.refusal(400, TOO_MANY);
    assert!(answer.set_cookie("two_factor").unwrap().contains("Max-Age=0"));
    verify_totp(&mut browser, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_wrong_codes_at_once_are_counted_exactly() {
    // Case 110.
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let (browser, wrong) = (challenged(&app, "ada").await, wrong_code(&app, &ada.uri));
    let answers = race(50, |_| {
        let (mut browser, wrong) = (browser.clone(), wrong.clone());
        async move { verify_totp(&mut browser, &wrong).await }
    })
    .await;
    let counts = tally(&answers);
    assert_eq!(counts["INVALID_CODE"], 5, "{counts}");
    let failures = number(&app, "SELECT \"failedVerificationCount\" FROM \"twoFactor\"").await;
    assert_eq!(failures, 5, "each counts for the account once");
    assert_eq!(
        number(&app, "SELECT COUNT(*) FROM \"twoFactorChallenge\" WHERE \"id\" LIKE '2fa-%'").await,
        0
    );
}

/// Wrong codes on sign-ins of one after the other, until the account is locked.
async fn lock(app: &TestApp, ada: &Person) -> usize {
    for guess in 0..100 {
        let mut browser = challenged(app, &ada.name).await;
        let answer = verify_totp(&mut browser, &wrong_code(app, &ada.uri)).await;
        if answer.code() == Some(LOCKED) {
            return guess;
        }
        answer.refused(401, "INVALID_CODE");
    }
    panic!("nothing was locked");
}

#[tokio::test]
async fn ten_wrong_codes_over_ten_sign_ins_lock_the_account() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    assert_eq!(lock(&app, &ada).await, 10);
    let mut browser = challenged(&app, "ada").await;
    // A right one too, of every kind.
    verify_totp(&mut browser, &ada.code(&app)).await.refused(429, LOCKED);
    verify_backup(&mut browser, &ada.backup[0]).await.refused(429, LOCKED);
    let otp = mailed(&app, &mut browser, "ada").await;
    verify_otp(&mut browser, &otp).await.refused(429, LOCKED);
    app.clock().advance(seconds(899));
    let mut browser = challenged(&app, "ada").await;
    verify_totp(&mut browser, &ada.code(&app)).await.refused(429, LOCKED);
    app.clock().advance(seconds(1));
    verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    next_step(&app);
    assert_eq!(lock(&app, &ada).await, 10, "the right code began the count anew");
}

#[tokio::test]
async fn each_further_lock_is_twice_as_long_up_to_a_day() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    for minutes in [15, 30, 60, 120, 240, 480, 960, 960, 960] {
        assert_eq!(lock(&app, &ada).await, 10);
        app.clock().advance(seconds(minutes * 60 - 1));
        let mut browser = challenged(&app, "ada").await;
        verify_totp(&mut browser, &ada.code(&app)).await.refused(429, LOCKED);
        app.clock().advance(seconds(1));
    }
    let app = upstream().start().await;
    let ada = enrolled(&app, "ada").await;
    for _ in 0..3 {
        assert_eq!(lock(&app, &ada).await, 10);
        app.clock().advance(seconds(900));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_guesser_with_ten_sign_ins_at_once_gets_ten_tries() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browsers: Vec<Actor> = Vec::new();
    for _ in 0..10 {
        browsers.push(challenged(&app, "ada").await);
    }
    let (wrong, before) = (wrong_code(&app, &ada.uri), sessions(&app).await);
    let answers = race(50, |at| {
        let (mut browser, wrong) = (browsers[at % 10].clone(), wrong.clone());
        async move { verify_totp(&mut browser, &wrong).await }
    })
    .await;
    assert_eq!(tally(&answers), json!({ "INVALID_CODE": 10, LOCKED: 40 }));
    assert_eq!(sessions(&app).await, before);
}

#[tokio::test]
async fn codes_by_mail_are_guessed_five_times_and_lock_whoever_has_no_app() {
    let app = app().set("plugins.two-factor.otp.counts_for_challenge", false).start().await;
    let mut ada = crate::support::signed_up(&app, "ada").await;
    let body = json!({ "password": crate::support::PASSWORD, "method": "otp" });
    ada.post("/two-factor/enable", body).await.expect(200);
    let mut browser = challenged(&app, "ada").await;
    let mut right = mailed(&app, &mut browser, "ada").await;
    let wrong = |right: &str| if right == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        verify_otp(&mut browser, wrong(&right)).await.refused(401, "INVALID_CODE");
    }
    verify_otp(&mut browser, wrong(&right)).await.refused(400, TOO_MANY);
    verify_otp(&mut browser, &right).await.refused(400, "OTP_HAS_EXPIRED");
    // A new code gives new tries of the code, and none of the account.
    right = mailed(&app, &mut browser, "ada").await;
    for _ in 0..5 {
        verify_otp(&mut browser, wrong(&right)).await.refused(401, "INVALID_CODE");
    }
    right = mailed(&app, &mut browser, "ada").await;
    verify_otp(&mut browser, &right).await.refused(429, LOCKED);
}

#[tokio::test]
async fn a_session_guesses_five_times_in_ten_minutes() {
    // Case 139.
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let (mut thief, wrong) = (ada.actor.clone(), wrong_code(&app, &ada.uri));
    for _ in 0..5 {
        verify_totp(&mut thief, &wrong).await.refused(401, "INVALID_CODE");
    }
    for _ in 0..20 {
        verify_totp(&mut thief, &wrong).await.refused(400, TOO_MANY);
    }
    verify_totp(&mut thief, &ada.code(&app)).await.refused(400, TOO_MANY);
    // Others are not kept out by it.
    let mut browser = challenged(&app, "ada").await;
    verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    app.clock().advance(seconds(600));
    verify_totp(&mut thief, &ada.code(&app)).await.expect(200);
}

#[tokio::test]
async fn the_rate_of_tries_is_limited_too() {
    let app = app().set("rate_limit.enabled", true).start().await;
    let mut anybody = app.anon();
    for _ in 0..20 {
        verify_totp(&mut anybody, "000000").await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    }
    verify_totp(&mut anybody, "000000").await.expect(429);
}
