//! The session cookie under attack.

use auth_testkit::race;

use crate::bare;

#[tokio::test]
async fn every_flipped_byte_is_nobody() {
    // Case 2.
    let app = bare().start().await;
    let ada = app.user("ada").await;
    let (name, value) = ada.cookie_pair("session_token").unwrap();
    for at in 0..value.len() {
        let mut bytes = value.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        let mut forged = app.anon();
        forged.set_cookie(&name, std::str::from_utf8(&bytes).unwrap());
        let (answer, statements) = app.statements(forged.get("/get-session")).await;
        assert_eq!(answer.expect(200).text, "null", "byte {at}");
        assert_eq!(statements, 0, "byte {at} reached the database");
    }
}

#[tokio::test]
async fn nonsense_is_nobody_and_reaches_no_database() {
    // Cases 2, 58, 287.
    let app = bare().start().await;
    let ada = app.user("ada").await;
    let (name, value) = ada.cookie_pair("session_token").unwrap();
    let long = "x".repeat(10_000);
    let twice = value.replace('%', "%25");
    for bad in ["", "a.b.c", ada.token(), long.as_str(), twice.as_str(), "%", "%zz", ".", "....", "\"\""] {
        let mut forged = app.anon();
        forged.set_cookie(&name, bad);
        let (answer, statements) = app.statements(forged.get("/get-session")).await;
        assert_eq!(answer.expect(200).text, "null", "{bad}");
        assert_eq!(statements, 0);
        forged.post("/update-session", serde_json::json!({ "a": 1 })).await.refused(401, "UNAUTHORIZED");
    }
    let pairs: Vec<_> = (0..10_000).map(|n| format!("c{n}=1")).collect();
    let mut many = ada.clone();
    let (name, value) = many.cookie_pair("session_token").unwrap();
    many.forget_cookies();
    many = many.header("cookie", &format!("{}; =; {name}={value}", pairs.join("; ")));
    assert_ne!(many.get("/get-session").await.text, "null");
}

#[tokio::test]
async fn a_signature_is_for_one_purpose() {
    let app = bare().start().await;
    let mut ada = app.user("ada").await;
    // The signed `true` of dont_remember is no session token, and a token is no consent.
    let signed = app.core().signer().sign("true");
    let (name, value) = ada.cookie_pair("session_token").unwrap();
    let mut forged = app.anon();
    forged.set_cookie(&name, &signed);
    assert_eq!(forged.get("/get-session").await.text, "null");
    ada.set_cookie(&name.replace("session_token", "dont_remember"), &value);
    assert_ne!(ada.get("/get-session").await.text, "null");
}

#[tokio::test]
async fn two_people_in_one_header_are_nobody() {
    // Case 8.
    let app = bare().start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let (name, hers) = ada.cookie_pair("session_token").unwrap();
    let (_, evil) = eve.cookie_pair("session_token").unwrap();
    for header in [format!("{name}={hers}; {name}={evil}"), format!("{name}={evil}; {name}={hers}")] {
        let mut both = app.anon().header("cookie", &header);
        assert_eq!(both.get("/get-session").await.expect(200).text, "null");
        both.post("/revoke-sessions", serde_json::json!({})).await.refused(401, "UNAUTHORIZED");
    }
    let mut same = app.anon().header("cookie", &format!("{name}={hers}; {name}={hers}"));
    assert_eq!(same.get("/get-session").await.body["user"]["name"], "Ada");
    let mut torn = app.anon().header("cookie", &format!("{name}=garbage; {name}={hers}"));
    assert_eq!(torn.get("/get-session").await.body["user"]["name"], "Ada");
}

#[tokio::test]
async fn a_replayed_cookie_is_dead() {
    // Case 4.
    for app in [bare().start().await, crate::app().start().await] {
        let mut ada = app.user("ada").await;
        let mut thief = ada.clone();
        thief.forget_cookies();
        let (name, value) = ada.cookie_pair("session_token").unwrap();
        thief.set_cookie(&name, &value);
        thief.get("/get-session").await.expect(200);
        let out = ada.post("/sign-out", serde_json::json!({})).await.expect(200);
        let names: std::collections::BTreeSet<_> =
            out.set_cookies().iter().map(|l| l.split('=').next().unwrap()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(out.set_cookies().iter().all(|line| line.contains("=; Max-Age=0;")));
        thief.forget_cookies();
        thief.set_cookie(&name, &value);
        assert_eq!(thief.get("/get-session").await.text, "null");
        thief.post("/update-session", serde_json::json!({ "a": 1 })).await.refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn origins_of_requests_with_cookies() {
    // Cases 22, 28, 29, 31, 32.
    let app = bare().set("trusted_origins", ["https://*.example.com"]).start().await;
    let ada = app.user("ada").await;
    let hostile = [
        "https://app.example.com.evil.com",
        "https://app.example.com@evil.com",
        "https://app.example.com:444",
        "http://app.example.com",
        "https://evil.com?.example.com",
        "https://evil.com/.example.com",
        "https://badexample.com",
        "garbage",
    ];
    for origin in hostile {
        let mut actor = ada.clone().header("origin", origin);
        actor.post("/sign-out", serde_json::json!({})).await.refused(403, "INVALID_ORIGIN");
    }
    for origin in ["", "null"] {
        let mut actor = ada.clone().header("origin", origin);
        actor.post("/sign-out", serde_json::json!({})).await.refused(403, "MISSING_OR_NULL_ORIGIN");
    }
    let mut overridden = ada.clone().header("x-http-method-override", "POST");
    assert_eq!(overridden.get("/sign-out").await.status, 404);
    let mut good = ada.clone().header("origin", "https://app.example.com");
    good.post("/sign-out", serde_json::json!({})).await.expect(200);
}

#[tokio::test]
async fn parallel_sign_outs_all_succeed() {
    let app = bare().start().await;
    let ada = app.user("ada").await;
    let answers = race(20, |_| {
        let mut device = ada.clone();
        async move { device.post("/sign-out", serde_json::json!({})).await }
    })
    .await;
    assert!(answers.iter().all(|a| a.status == 200), "{answers:?}");
}
