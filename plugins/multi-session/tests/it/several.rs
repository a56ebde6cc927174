//! Several accounts in one browser.

use auth_testkit::{auth_core::Preset, json};

use crate::{accounts, active, app, cookie_name, is_stored, revoke, set_active, sign_in, sign_up, token};

#[tokio::test]
async fn each_account_that_signs_in_is_kept_beside_the_others() {
    for cached in [true, false] {
        let app = app().set("plugins.session.cookie_cache.enabled", cached).start().await;
        let mut browser = app.anon();
        let ada = sign_up(&mut browser, "ada").await;
        let eve = sign_up(&mut browser, "eve").await;
        assert_ne!(ada, eve);
        assert_eq!(active(&mut browser).await.as_deref(), Some("eve"));
        assert_eq!(accounts(&mut browser).await, ["ada", "eve"]);
        assert!(is_stored(&app, &ada).await, "ada's session goes on");

        let answer = set_active(&mut browser, &ada).await.expect(200);
        assert_eq!(
            (&answer.body["user"]["name"], &answer.body["session"]["token"]),
            (&json!("ada"), &json!(ada))
        );
        assert!(answer.set_cookie("session_token").unwrap().contains(&ada));
        assert_eq!(answer.set_cookie("session_data").is_some(), cached);
        assert_eq!(browser.get("/get-session").await.body["user"]["name"], "ada");
        assert_eq!(accounts(&mut browser).await, ["ada", "eve"]);
    }
}

#[tokio::test]
async fn the_cookie_that_keeps_a_session_is_the_sessions_own_under_another_name() {
    let app = app().start().await;
    let mut browser = app.anon();
    let body = json!({ "name": "ada", "email": "ada@example.com", "password": crate::PASSWORD });
    let answer = browser.post("/sign-up/email", body).await.expect(200);
    let token = token(&answer);
    let (kept, own) =
        (answer.set_cookie(&cookie_name(&token)).unwrap(), answer.set_cookie("session_token").unwrap());
    assert_eq!(kept.split_once('=').unwrap().1, own.split_once('=').unwrap().1);
    assert!(kept.starts_with("__Secure-better-auth.session_token_multi-") && kept.contains("HttpOnly"));
    // It is said once.
    let again = browser.post("/update-user", json!({ "name": "Ada" })).await;
    assert!(again.set_cookie(&cookie_name(&token)).is_none());
}

#[tokio::test]
async fn a_session_that_is_not_to_be_remembered_is_kept_until_the_browser_is_closed() {
    for (preset, forgotten) in [(Preset::Tessera, true), (Preset::BetterAuth, false)] {
        let app = app().preset(preset).start().await;
        sign_up(&mut app.anon(), "ada").await;
        let body = json!({ "email": "ada@example.com", "password": crate::PASSWORD, "rememberMe": false });
        let answer = app.anon().post("/sign-in/email", body).await.expect(200);
        let kept = answer.set_cookie(&cookie_name(&token(&answer))).unwrap().to_owned();
        assert_eq!(!kept.contains("Max-Age"), forgotten, "{kept}");
    }
}

#[tokio::test]
async fn a_session_that_is_refreshed_is_kept_longer() {
    let app = app().start().await;
    let mut browser = app.anon();
    let ada = sign_up(&mut browser, "ada").await;
    assert!(browser.get("/get-session").await.set_cookie(&cookie_name(&ada)).is_none());
    app.clock().advance(std::time::Duration::from_secs(86_400));
    let answer = browser.get("/get-session").await.expect(200);
    let kept = answer.set_cookie(&cookie_name(&ada)).unwrap();
    assert!(kept.contains("Max-Age=2592000"), "{kept}");
    // Where it had been lost, it comes back.
    let (name, _) = browser.cookie_pair(&cookie_name(&ada)).unwrap();
    browser.set_cookie(&name, "");
    app.clock().advance(std::time::Duration::from_secs(86_400));
    assert!(browser.get("/get-session").await.set_cookie(&cookie_name(&ada)).is_some());
    assert_eq!(accounts(&mut browser).await, ["ada"]);
}

#[tokio::test]
async fn a_user_has_one_session_in_a_browser() {
    let app = app().start().await;
    let mut browser = app.anon();
    let first = sign_up(&mut browser, "ada").await;
    let eve = sign_up(&mut browser, "eve").await;
    let answer = sign_in(&mut browser, "ada").await;
    let second = token(&answer);
    assert!(answer.set_cookie(&cookie_name(&first)).unwrap().contains("Max-Age=0"));
    assert!(!is_stored(&app, &first).await);
    assert!(is_stored(&app, &eve).await && is_stored(&app, &second).await);
    assert_eq!(accounts(&mut browser).await, ["ada", "eve"]);
}

#[tokio::test]
async fn there_is_a_maximum_and_whoever_is_above_it_is_signed_in_all_the_same() {
    for preset in [Preset::Tessera, Preset::BetterAuth] {
        let app = app().preset(preset).set("plugins.multi-session.maximum_sessions", 2).start().await;
        let mut browser = app.anon();
        let mut tokens = Vec::new();
        for name in ["ada", "bob"] {
            tokens.push(sign_up(&mut browser, name).await);
        }
        let eve = sign_up(&mut browser, "eve").await;
        assert_eq!(active(&mut browser).await.as_deref(), Some("eve"));
        assert!(browser.cookie(&cookie_name(&eve)).is_none());
        assert_eq!(accounts(&mut browser).await, ["ada", "bob"]);
        // There is room again once one has gone.
        revoke(&mut browser, &tokens[0]).await.expect(200);
        sign_in(&mut browser, "eve").await;
        assert_eq!(accounts(&mut browser).await, ["bob", "eve"]);
    }
}

#[tokio::test]
async fn cookies_of_sessions_that_have_ended_take_no_room() {
    let app = app().set("plugins.multi-session.maximum_sessions", 2).start().await;
    let mut browser = app.anon();
    for name in ["ada", "bob"] {
        sign_up(&mut browser, name).await;
    }
    let mut elsewhere = app.anon();
    sign_in(&mut elsewhere, "ada").await;
    elsewhere.post("/revoke-sessions", json!({})).await.expect(200);
    sign_up(&mut browser, "eve").await;
    assert_eq!(accounts(&mut browser).await, ["bob", "eve"]);
}

#[tokio::test]
async fn revoking_the_active_one_goes_over_to_the_next_and_then_to_nobody() {
    for cached in [true, false] {
        let app = app().set("plugins.session.cookie_cache.enabled", cached).start().await;
        let mut browser = app.anon();
        let (ada, eve) = (sign_up(&mut browser, "ada").await, sign_up(&mut browser, "eve").await);
        let answer = revoke(&mut browser, &eve).await.expect(200);
        assert_eq!(answer.body, json!({ "status": true }));
        assert!(answer.set_cookie(&cookie_name(&eve)).unwrap().contains("Max-Age=0"));
        assert_eq!(browser.get("/get-session").await.body["user"]["name"], "ada");
        assert!(!is_stored(&app, &eve).await);

        let answer = revoke(&mut browser, &ada).await.expect(200);
        assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"));
        assert_eq!(browser.get("/get-session").await.text, "null");
        assert!(browser.cookie("session_data").is_none() && accounts(&mut browser).await.is_empty());
        revoke(&mut browser, &ada).await.refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn revoking_another_one_leaves_the_active_one_alone() {
    let app = app().start().await;
    let mut browser = app.anon();
    let (ada, _) = (sign_up(&mut browser, "ada").await, sign_up(&mut browser, "eve").await);
    let answer = revoke(&mut browser, &ada).await.expect(200);
    assert!(answer.set_cookie("session_token").is_none());
    assert_eq!(active(&mut browser).await.as_deref(), Some("eve"));
    assert_eq!(accounts(&mut browser).await, ["eve"]);
    assert!(!is_stored(&app, &ada).await);
}

#[tokio::test]
async fn signing_out_ends_every_account_of_the_browser_and_no_other() {
    let app = app().start().await;
    let mut browser = app.anon();
    let (ada, eve) = (sign_up(&mut browser, "ada").await, sign_up(&mut browser, "eve").await);
    let mut phone = app.anon();
    let elsewhere = token(&sign_in(&mut phone, "ada").await);
    let answer = browser.post("/sign-out", json!({})).await.expect(200);
    for token in [&ada, &eve] {
        assert!(!is_stored(&app, token).await);
        assert!(answer.set_cookie(&cookie_name(token)).unwrap().contains("Max-Age=0"));
    }
    assert!(is_stored(&app, &elsewhere).await);
    assert!(accounts(&mut browser).await.is_empty());
    assert_eq!(browser.get("/multi-session/list-device-sessions").await.text, "[]");
    browser.post("/sign-out", json!({})).await.expect(200);
}

#[tokio::test]
async fn signing_out_everywhere_is_a_users_own_matter() {
    // The other account of the browser stays, and can be gone over to.
    let app = app().start().await;
    let mut browser = app.anon();
    let (ada, eve) = (sign_up(&mut browser, "ada").await, sign_up(&mut browser, "eve").await);
    browser.post("/revoke-sessions", json!({})).await.expect(200);
    assert_eq!(browser.get("/get-session").await.text, "null");
    assert!(!is_stored(&app, &eve).await);
    assert_eq!(accounts(&mut browser).await, ["ada"]);
    set_active(&mut browser, &ada).await.expect(200);
    assert_eq!(active(&mut browser).await.as_deref(), Some("ada"));

    let mut phone = app.anon();
    let other = token(&sign_in(&mut phone, "ada").await);
    browser.post("/revoke-other-sessions", json!({})).await.expect(200);
    assert!(is_stored(&app, &ada).await && !is_stored(&app, &other).await);
}

#[tokio::test]
async fn bodies_that_make_no_sense_are_refused() {
    let app = app().start().await;
    let mut browser = app.anon();
    sign_up(&mut browser, "ada").await;
    for path in ["/multi-session/set-active", "/multi-session/revoke"] {
        for body in
            [json!({}), json!({ "sessionToken": 5 }), json!({ "sessionToken": null }), json!([]), json!("x")]
        {
            browser.post(path, body).await.refused(400, "VALIDATION_ERROR");
        }
        browser.post_raw(path, "{").await.refused(400, "BAD_REQUEST");
        for token in ["", "nope", "a; b=c\r\n", "ключ", "\0", &"x".repeat(100_000)] {
            let answer = browser.post(path, json!({ "sessionToken": token })).await;
            answer.refused(401, "INVALID_SESSION_TOKEN");
        }
        assert_eq!(browser.get(path).await.expect(404).text, "");
    }
    app.anon()
        .post("/multi-session/revoke", json!({ "sessionToken": "x" }))
        .await
        .refused(401, "UNAUTHORIZED");
    let mut foreign = browser.clone().header("origin", "https://evil.example.net");
    for path in ["/multi-session/set-active", "/multi-session/revoke"] {
        foreign.post(path, json!({ "sessionToken": "x" })).await.refused(403, "INVALID_ORIGIN");
    }
}

#[test]
fn a_maximum_that_makes_no_sense_is_refused_at_start() {
    for maximum in [0, 51] {
        let plan = app().set("plugins.multi-session.maximum_sessions", maximum).plan();
        let problems = plan.err().unwrap();
        assert!(
            problems.iter().any(|problem| problem.to_string().contains("between 1 and 50")),
            "{problems:?}"
        );
    }
}
