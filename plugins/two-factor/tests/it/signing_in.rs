//! Signing in with a code of an authenticator app.

use auth_testkit::{auth_core::Timestamp, json, race};

use crate::support::{
    PASSWORD, STEP, app, challenged, email, enrolled, next_step, seconds, sessions, sign_in, tally, upstream,
    verify_totp, who,
};

#[tokio::test]
async fn the_password_alone_gives_nothing() {
    // Case 127.
    let app = app().set("plugins.session.cookie_cache.enabled", true).start().await;
    enrolled(&app, "ada").await;
    let before = sessions(&app).await;
    let mut browser = app.anon();
    let answer = sign_in(&mut browser, "ada").await.expect(200);
    assert_eq!(answer.body, json!({ "twoFactorRedirect": true, "twoFactorMethods": ["totp", "otp"] }));
    for name in ["session_token", "session_data"] {
        assert!(answer.set_cookie(name).is_none_or(|line| line.contains("Max-Age=0")), "{name}");
    }
    assert!(answer.set_cookie("two_factor").unwrap().contains("Max-Age=600"));
    assert_eq!(sessions(&app).await, before, "no row was made");
    assert_eq!(who(&mut browser).await, None);
    browser.post("/update-user", json!({ "name": "Eve" })).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_code_gives_the_session() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = challenged(&app, "ada").await;
    let answer = verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    assert_eq!(answer.body["user"]["twoFactorEnabled"], true);
    assert!(answer.set_cookie("two_factor").unwrap().contains("Max-Age=0"));
    assert_eq!(who(&mut browser).await.as_deref(), Some("ada"));
    let session = browser.get("/get-session").await.expect(200).body["session"]["token"].clone();
    assert_eq!(session, answer.body["token"]);
}

#[tokio::test]
async fn who_was_not_to_be_remembered_is_not() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browser = app.anon();
    let body = json!({ "email": email("ada"), "password": PASSWORD, "rememberMe": false });
    browser.post("/sign-in/email", body).await.expect(200);
    let answer = verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    assert!(!answer.set_cookie("session_token").unwrap().contains("Max-Age"));
    assert!(browser.cookie("dont_remember").is_some());
}

#[tokio::test]
async fn only_codes_of_the_window_pass() {
    // Case 130.
    let app = upstream().set("plugins.two-factor.challenge_attempts", 100).start().await;
    let ada = enrolled(&app, "ada").await;
    let now = app.core().now();
    let at = |steps: i64| Timestamp::from_unix_millis(now.unix_millis() + steps * 30_000);
    for (steps, passes) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let mut browser = challenged(&app, "ada").await;
        let answer = verify_totp(&mut browser, &ada.code_at(at(steps))).await;
        assert_eq!(answer.status, if passes { 200 } else { 401 }, "{steps} steps away");
    }
    let (code, mut browser) = (ada.code(&app), challenged(&app, "ada").await);
    let full_width: String = code.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    for text in [&code[..5], &format!("{code}0"), &format!(" {code}"), &full_width, ""] {
        verify_totp(&mut browser, text).await.refused(401, "INVALID_CODE");
    }
    verify_totp(&mut browser, &code).await.expect(200);
}

#[tokio::test]
async fn a_code_passes_once() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let code = ada.code(&app);
    let mut first = challenged(&app, "ada").await;
    verify_totp(&mut first, &code).await.expect(200);
    let mut second = challenged(&app, "ada").await;
    verify_totp(&mut second, &code).await.refused(401, "INVALID_CODE");
    // Nor an older one that the window would take.
    let earlier = ada.code_at(app.core().now().minus(seconds(STEP)));
    verify_totp(&mut second, &earlier).await.refused(401, "INVALID_CODE");
    next_step(&app);
    verify_totp(&mut second, &ada.code(&app)).await.expect(200);
}

#[tokio::test]
async fn as_upstream_a_code_passes_while_it_is_shown() {
    let app = upstream().start().await;
    let ada = enrolled(&app, "ada").await;
    for _ in 0..3 {
        let mut browser = challenged(&app, "ada").await;
        verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_sign_ins_with_one_code_one_passes() {
    let app = app().set("plugins.two-factor.lockout.enabled", false).start().await;
    let ada = enrolled(&app, "ada").await;
    let mut browsers = Vec::new();
    for _ in 0..50 {
        browsers.push(challenged(&app, "ada").await);
    }
    let before = sessions(&app).await;
    let code = ada.code(&app);
    let answers = race(50, |at| {
        let (mut browser, code) = (browsers[at].clone(), code.clone());
        async move { verify_totp(&mut browser, &code).await }
    })
    .await;
    assert_eq!(tally(&answers), json!({ "200": 1, "INVALID_CODE": 49 }));
    assert_eq!(sessions(&app).await, before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_right_codes_for_one_sign_in_one_passes() {
    // Case 133. The codes of upstream's figures could be used again: it is the challenge that ends.
    for builder in [app(), upstream()] {
        let app = builder.start().await;
        let ada = enrolled(&app, "ada").await;
        let (browser, code) = (challenged(&app, "ada").await, ada.code(&app));
        let before = sessions(&app).await;
        let answers = race(50, |_| {
            let (mut browser, code) = (browser.clone(), code.clone());
            async move { verify_totp(&mut browser, &code).await }
        })
        .await;
        assert_eq!(tally(&answers), json!({ "200": 1, "INVALID_TWO_FACTOR_COOKIE": 49 }));
        assert_eq!(sessions(&app).await, before + 1);
    }
}

#[tokio::test]
async fn a_sign_in_waits_ten_minutes() {
    // Case 133.
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let mut late = challenged(&app, "ada").await;
    app.clock().advance(seconds(599));
    let mut last = late.clone();
    verify_totp(&mut last, &ada.code(&app)).await.expect(200);
    let mut again = challenged(&app, "ada").await;
    app.clock().advance(seconds(600));
    verify_totp(&mut again, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    verify_totp(&mut late, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    app.clock().advance(seconds(120));
    app.run_tasks().await;
    assert_eq!(crate::support::number(&app, "SELECT COUNT(*) FROM \"twoFactorChallenge\"").await, 0);
}

#[tokio::test]
async fn one_users_challenge_takes_no_other_users_code() {
    // Case 134.
    let app = app().start().await;
    let (ada, bob) = (enrolled(&app, "ada").await, enrolled(&app, "bob").await);
    let mut browser = challenged(&app, "ada").await;
    verify_totp(&mut browser, &bob.code(&app)).await.refused(401, "INVALID_CODE");
    crate::support::verify_backup(&mut browser, &bob.backup[0]).await.refused(401, "INVALID_BACKUP_CODE");
    let of_bob = challenged(&app, "bob").await;
    let code = { crate::support::mailed(&app, &mut of_bob.clone(), "bob").await };
    crate::support::mailed(&app, &mut browser, "ada").await;
    crate::support::verify_otp(&mut browser, &code).await.refused(401, "INVALID_CODE");
    // Two cookies of different sign-ins: somebody planted one, and none counts.
    let (name, value) = of_bob.cookie_pair("two_factor").unwrap();
    let (_, own) = browser.cookie_pair("two_factor").unwrap();
    let mut both = app.anon().header("cookie", &format!("{name}={own}; {name}={value}"));
    verify_totp(&mut both, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    verify_totp(&mut browser, &ada.code(&app)).await.expect(200);
    assert_eq!(who(&mut browser).await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn a_forged_challenge_is_none() {
    let app = app().start().await;
    let ada = enrolled(&app, "ada").await;
    let (name, value) = challenged(&app, "ada").await.cookie_pair("two_factor").unwrap();
    let id = value.split('.').next().unwrap();
    for forged in [id.to_owned(), format!("{id}."), value.replace('.', "x."), format!("x{value}")] {
        let mut browser = app.anon();
        browser.set_cookie(&name, &forged);
        verify_totp(&mut browser, &ada.code(&app)).await.refused(401, "INVALID_TWO_FACTOR_COOKIE");
    }
}
