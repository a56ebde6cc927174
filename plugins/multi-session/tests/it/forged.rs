//! Cookies that the server did not give to this browser.

use auth_testkit::json;

use crate::{
    accounts, active, app, cookie_name, is_stored, plant, revoke, set_active, sign_in, sign_up, token,
};

#[tokio::test]
async fn only_a_good_signature_acts() {
    // Case 14.
    let app = app().start().await;
    let mut victim = app.anon();
    let hers = sign_up(&mut victim, "ada").await;
    let mut browser = app.anon();
    let mine = sign_up(&mut browser, "eve").await;
    let name = app.core().settings().cookies.name(&cookie_name(&hers));
    let (_, signed_for_me) = browser.cookie_pair("session_token").unwrap();
    let good = app.core().signer().sign(&hers);
    let mut flipped = good.clone();
    flipped.replace_range(0..1, if good.starts_with('a') { "b" } else { "a" });
    let forged = [
        String::new(),
        hers.clone(),
        format!("{hers}."),
        format!("{hers}.{}", "A".repeat(43) + "="),
        good.replacen('.', "..", 1),
        flipped,
        // A good signature, of another session's token.
        signed_for_me,
        app.core().signer().sign("true"),
        "x".repeat(10_000),
    ];
    for value in forged {
        let mut browser = browser.clone();
        browser.set_cookie(&name, &value);
        set_active(&mut browser, &hers).await.refused(401, "INVALID_SESSION_TOKEN");
        revoke(&mut browser, &hers).await.refused(401, "INVALID_SESSION_TOKEN");
        assert_eq!(accounts(&mut browser).await, ["eve"], "{value}");
        assert_eq!(active(&mut browser).await.as_deref(), Some("eve"));
    }
    let mut thief = browser.clone();
    thief.set_cookie(&name, &hers);
    thief.post("/sign-out", json!({})).await.expect(200);
    assert!(is_stored(&app, &hers).await && !is_stored(&app, &mine).await);
    assert_eq!(active(&mut victim).await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn a_token_without_its_cookie_is_worth_nothing() {
    // Case 14.
    let app = app().start().await;
    let mut victim = app.anon();
    let hers = sign_up(&mut victim, "ada").await;
    let mut browser = app.anon();
    sign_up(&mut browser, "eve").await;
    set_active(&mut browser, &hers).await.refused(401, "INVALID_SESSION_TOKEN");
    revoke(&mut browser, &hers).await.refused(401, "INVALID_SESSION_TOKEN");
    // The active session's own cookie is not the one that keeps it.
    let mut alone = app.anon();
    let (name, value) = victim.cookie_pair("session_token").unwrap();
    alone.set_cookie(&name, &value);
    assert!(accounts(&mut alone).await.is_empty());
    set_active(&mut alone, &hers).await.refused(401, "INVALID_SESSION_TOKEN");
    assert_eq!(active(&mut victim).await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn of_two_cookies_of_a_name_the_signed_one_counts() {
    // Case 8.
    let app = app().start().await;
    let mut browser = app.anon();
    let ada = sign_up(&mut browser, "ada").await;
    let eve = sign_up(&mut browser, "eve").await;
    let name = app.core().settings().cookies.name(&cookie_name(&ada));
    let (_, foreign) = browser.cookie_pair(&cookie_name(&eve)).unwrap();
    let (_, good) = browser.cookie_pair(&cookie_name(&ada)).unwrap();
    browser.set_cookie(&name, &format!("{foreign}; {name}={good}"));
    assert_eq!(accounts(&mut browser).await, ["ada", "eve"]);
    set_active(&mut browser, &ada).await.expect(200);
}

#[tokio::test]
async fn a_session_that_somebody_planted_ends_at_the_sign_in() {
    // Case 1: what the browser was not given to keep ends; the row never changes hands.
    let app = app().start().await;
    let mut attacker = app.anon();
    let planted = sign_up(&mut attacker, "eve").await;
    sign_up(&mut app.anon(), "ada").await;
    let mut browser = app.anon();
    let (name, value) = attacker.cookie_pair("session_token").unwrap();
    browser.set_cookie(&name, &value);
    let answer = sign_in(&mut browser, "ada").await;
    assert_ne!(token(&answer), planted);
    assert!(!is_stored(&app, &planted).await);
    assert_eq!(accounts(&mut browser).await, ["ada"]);
}

#[tokio::test]
async fn a_cookie_of_another_user_is_an_account_of_this_browser_and_nothing_else() {
    // Who holds a signed cookie holds that session: it acts for its own user only.
    let app = app().start().await;
    let mut phone = app.anon();
    let hers = sign_up(&mut phone, "ada").await;
    let mut browser = app.anon();
    let mine = sign_up(&mut browser, "eve").await;
    plant(&app, &mut browser, &hers);
    assert_eq!(accounts(&mut browser).await, ["ada", "eve"]);
    let answer = sign_in(&mut browser, "eve").await;
    assert!(is_stored(&app, &hers).await && !is_stored(&app, &mine).await, "eve's own has ended");
    assert!(answer.set_cookie(&cookie_name(&hers)).is_none());
    // Case 13: her token is not eve's to revoke by the endpoint for devices.
    browser.post("/revoke-session", json!({ "token": hers })).await.expect(200);
    assert!(is_stored(&app, &hers).await);
}
