//! Sign-in.

use auth_testkit::json;

use crate::{PASSWORD, app, sign_in, sign_up_body, signed_up};

#[tokio::test]
async fn with_the_right_password() {
    let app = app().start().await;
    let (_, up) = signed_up(&app, "ada").await;
    let (mut ada, answer) = sign_in(&app, "ada", PASSWORD).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["redirect"], false);
    assert_eq!(answer.body["user"]["id"], up.body["user"]["id"]);
    assert_eq!(ada.get("/get-session").await.body["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn refusals_cannot_be_told_apart() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let (_, wrong) = sign_in(&app, "ada", "Wrong-Horse-42").await;
    let (_, nobody) = sign_in(&app, "nobody", PASSWORD).await;
    assert_eq!((wrong.status, &wrong.body), (401, &nobody.body));
    assert_eq!(wrong.code(), Some("INVALID_EMAIL_OR_PASSWORD"));
    assert!(wrong.set_cookies().is_empty());
}

#[tokio::test]
async fn look_alike_addresses_are_nobody() {
    // Case 85.
    let app = app().start().await;
    let body = json!({ "name": "Mike", "email": "mike@example.com", "password": PASSWORD });
    app.anon().post("/sign-up/email", body).await.expect(200);
    for address in ["mıke@example.com", "ſmike@example.com", "mi\u{212a}e@example.com"] {
        let body = json!({ "email": address, "password": PASSWORD });
        app.anon().post("/sign-in/email", body).await.refused(400, "INVALID_EMAIL");
    }
}

#[tokio::test]
async fn passwords_are_compared_as_people_type_them() {
    // Cases 74, 76, 77.
    let app = app().start().await;
    let up = |email: &str, password: &str| json!({ "name": "x", "email": email, "password": password });
    app.anon().post("/sign-up/email", up("nfc@example.com", "Caf\u{e9}-Straße-42")).await.expect(200);
    let nfd = json!({ "email": "nfc@example.com", "password": "Cafe\u{301}-Straße-42" });
    app.anon().post("/sign-in/email", nfd).await.expect(200);
    app.anon().post("/sign-up/email", up("nul@example.com", "Horse-42\u{0}Battery")).await.expect(200);
    let cut = json!({ "email": "nul@example.com", "password": "Horse-42" });
    app.anon().post("/sign-in/email", cut).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    app.anon().post("/sign-up/email", up("space@example.com", "  Horse Battery 42 ")).await.expect(200);
    let trimmed = json!({ "email": "space@example.com", "password": "Horse Battery 42" });
    app.anon().post("/sign-in/email", trimmed).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
}

#[tokio::test]
async fn a_planted_session_does_not_survive_signing_in() {
    // Case 1.
    let app = app().start().await;
    signed_up(&app, "victim").await;
    let mallory = app.user("mallory").await;
    let mut browser = mallory.clone();
    let body = json!({ "email": "victim@example.com", "password": PASSWORD });
    let answer = browser.post("/sign-in/email", body).await.expect(200);
    assert_ne!(answer.body["token"], mallory.token());
    assert_eq!(browser.get("/get-session").await.body["user"]["email"], "victim@example.com");
    let mut planted = mallory.clone();
    assert!(planted.get("/get-session?disableCookieCache=1").await.body.is_null());
}

#[tokio::test]
async fn redirect_targets_are_trusted_or_refused() {
    // Cases 37, 38, 40, 41, 44, 47.
    let app = app().set("trusted_origins", ["https://app.example.com"]).start().await;
    signed_up(&app, "ada").await;
    let body = |url: &str| json!({ "email": "ada@example.com", "password": PASSWORD, "callbackURL": url });
    let hostile = [
        "//evil.com",
        "/\\evil.com",
        "\\/\\/evil",
        "/%2fevil",
        "/%5Cevil",
        "/%09/evil.com",
        "/ /evil",
        "https://app.example.com@evil.com",
        "https://app.example.com:x@evil.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "JaVaScRiPt:x",
        "java\nscript:x",
        "https://evil.com\u{ff0f}.example.com",
        "https://\u{430}pp.example.com",
        "/x\r\nSet-Cookie: a=b",
        "https://app.example.com.evil.com",
        "http://app.example.com",
        "https://app.example.com:444",
    ];
    for url in hostile {
        app.anon().post("/sign-in/email", body(url)).await.refused(403, "INVALID_CALLBACK_URL");
    }
    for value in [json!(["/"]), json!({}), json!(5)] {
        let body = json!({ "email": "ada@example.com", "password": PASSWORD, "callbackURL": value });
        assert_eq!(app.anon().post("/sign-in/email", body).await.status, 400);
    }
    let answer =
        app.anon().post("/sign-in/email", body("https://app.example.com/in?x=1#y")).await.expect(200);
    assert_eq!(answer.header("location"), Some("https://app.example.com/in?x=1#y"));
    assert_eq!(answer.body["redirect"], true);
}

#[tokio::test]
async fn five_attempts_in_a_quarter_of_an_hour() {
    // Cases 97, 100 and rule K6.
    let app = app().set("rate_limit.enabled", true).start().await;
    let mut anon = app.anon();
    let body = json!({ "email": "nobody@example.com", "password": PASSWORD });
    for _ in 0..5 {
        anon.post("/sign-in/email", body.clone()).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    }
    let blocked = anon.post("/sign-in/email", body.clone()).await.expect(429);
    assert_eq!(blocked.text, "{\"message\":\"Too many requests. Please try again later.\"}");
    let wait = blocked.header("retry-after").unwrap();
    assert_eq!(blocked.header("x-retry-after"), Some(wait));
    let wait = wait.parse::<u64>().unwrap();
    assert!((900..=990).contains(&wait), "{wait}");
    // No other spelling of the path routes past it.
    for path in
        ["//sign-in/email", "/sign-in//email", "/sign-in/email/", "/Sign-In/email", "/sign-in/%65mail"]
    {
        let status = anon.post(path, body.clone()).await.status;
        assert!(matches!(status, 404 | 429), "{path}: {status}");
    }
    // Neither does the alias have a counter of its own, nor another spelling of the account.
    assert_eq!(anon.post("/login", body.clone()).await.status, 429);
    let spelled = json!({ "email": "NoBody@Example.com", "password": PASSWORD });
    assert_eq!(anon.post("/sign-in/email", spelled).await.status, 429);
    app.clock().advance(std::time::Duration::from_secs(wait - 1));
    anon.post("/sign-in/email", body.clone()).await.expect(429);
    app.clock().advance(std::time::Duration::from_secs(1));
    anon.post("/sign-in/email", body).await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
}

#[tokio::test]
async fn forgotten_sessions_end_with_the_browser() {
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let mut short = app.anon();
    let body = json!({ "email": "ada@example.com", "password": PASSWORD, "rememberMe": false });
    let answer = short.post("/sign-in/email", body).await.expect(200);
    assert!(!answer.set_cookie("session_token").unwrap().contains("Max-Age"));
    assert!(answer.set_cookie("dont_remember").is_some());
    // A later sign-in that remembers takes it back.
    let mut body = sign_up_body("ada");
    body["rememberMe"] = json!(true);
    let answer = short.post("/sign-in/email", body).await.expect(200);
    assert!(answer.set_cookie("dont_remember").unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn cookies_are_locked_down() {
    // Case 17.
    let app = app().start().await;
    let (_, answer) = signed_up(&app, "ada").await;
    let line = answer.set_cookie("session_token").unwrap();
    for part in [
        "__Secure-better-auth.session_token=",
        "; Path=/",
        "; HttpOnly",
        "; Secure",
        "; SameSite=Lax",
        "; Max-Age=2592000",
    ] {
        assert!(line.contains(part), "{line} has no {part}");
    }
}
