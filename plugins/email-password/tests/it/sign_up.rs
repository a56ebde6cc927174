//! Sign-up: honest, hostile and racing. Case numbers are those of docs/security/cases.md.

use auth_testkit::{json, race};

use crate::{PASSWORD, app, sign_up_body, signed_up, upstream};

#[tokio::test]
async fn a_new_account_is_signed_in() {
    let app = app().start().await;
    let (mut ada, answer) = signed_up(&app, "ada").await;
    assert_eq!(answer.body["user"]["email"], "ada@example.com");
    assert_eq!(answer.body["user"]["emailVerified"], false);
    assert_eq!(answer.body["token"].as_str().unwrap().len(), 32);
    let session = ada.get("/get-session").await.expect(200);
    assert_eq!(session.body["user"]["id"], answer.body["user"]["id"]);
    assert_eq!(session.body["session"]["token"], answer.body["token"]);
}

#[tokio::test]
async fn addresses_are_one_in_any_case() {
    // Case 83.
    let app = app().start().await;
    signed_up(&app, "ada").await;
    let body = json!({ "name": "x", "email": "ADA@Example.COM", "password": PASSWORD });
    app.anon().post("/sign-up/email", body).await.refused(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
}

#[tokio::test]
async fn parallel_sign_ups_make_one_user() {
    // Case 293.
    let app = app().start().await;
    let answers = race(50, |_| {
        let mut actor = app.anon();
        async move { actor.post("/sign-up/email", sign_up_body("ada")).await }
    })
    .await;
    let won = answers.iter().filter(|a| a.status == 200).count();
    let lost = answers.iter().filter(|a| a.code() == Some("USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL")).count();
    assert_eq!((won, lost), (1, 49));
    let user = app.core().users().find_by_email(app.core().db(), "ada@example.com").await.unwrap().unwrap();
    assert_eq!(app.core().accounts().list(app.core().db(), &user.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_taken_address_looks_like_a_success_where_signing_up_does_not_sign_in() {
    // Cases 61 and 62.
    for setting in ["auto_sign_in", "require_email_verification"] {
        let value = setting != "auto_sign_in";
        let app = app().set(&format!("plugins.email-password.{setting}"), value).start().await;
        let (_, first) = signed_up(&app, "ada").await;
        let (_, second) = signed_up(&app, "ada").await;
        let keys = |a: &auth_testkit::Answer| {
            a.body["user"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(keys(&first), keys(&second));
        assert!(first.body["token"].is_null() && second.body["token"].is_null());
        assert_ne!(first.body["user"]["id"], second.body["user"]["id"]);
        assert!(second.set_cookies().is_empty());
        let users = app.core().users().page(app.core().db(), None, 10).await.unwrap();
        assert_eq!(users.len(), 1);
        assert!(app.mailbox().last("existing-user-sign-up", "ada@example.com").is_some());
    }
}

#[tokio::test]
async fn every_unmet_rule_is_told() {
    // Case 71 and rule K5.
    let app = app().start().await;
    let mut body = sign_up_body("ada");
    body["password"] = json!("short");
    let answer = app.anon().post("/sign-up/email", body.clone()).await.refusal(400, "PASSWORD_TOO_SHORT");
    let rules: Vec<_> =
        answer.body["rules"].as_array().unwrap().iter().map(|r| r["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["too_short", "uppercase", "number", "special"]);
    body["password"] = json!("x".repeat(1_000_000));
    app.anon().post("/sign-up/email", body).await.refused(400, "PASSWORD_TOO_LONG");
    assert_eq!(app.core().users().page(app.core().db(), None, 10).await.unwrap().len(), 0);
}

#[tokio::test]
async fn upstream_takes_eight_characters() {
    let app = upstream().start().await;
    for (password, code) in [("1234567", Some("PASSWORD_TOO_SHORT")), ("12345678", None)] {
        let body = json!({ "name": "x", "email": "x@example.com", "password": password });
        let answer = app.anon().post("/sign-up/email", body).await;
        assert_eq!(answer.code(), code);
        assert!(answer.body.get("rules").is_none(), "the wire has no rules here");
    }
}

#[tokio::test]
async fn clients_cannot_set_what_is_not_theirs() {
    // Case 245.
    let app = app().start().await;
    let mut body = sign_up_body("ada");
    for (key, value) in [("role", json!("admin")), ("emailVerified", json!(true)), ("id", json!("mine"))] {
        body[key] = value;
    }
    let answer = app.anon().post("/sign-up/email", body).await.expect(200);
    assert_eq!(answer.body["user"]["emailVerified"], false);
    assert_ne!(answer.body["user"]["id"], "mine");
    assert!(answer.body["user"].get("role").is_none());
}

#[tokio::test]
async fn malformed_bodies_are_refused_and_nothing_is_written() {
    // Cases 250, 251, 254, 256, 257.
    let app = app().start().await;
    let mut anon = app.anon();
    for raw in ["null", "[]", "\"x\"", "12", "{}", ""] {
        let answer = anon.post_raw("/sign-up/email", raw).await.refusal(400, "VALIDATION_ERROR");
        assert!(answer.text.contains("[body"), "{}", answer.text);
    }
    let deep = "[".repeat(100_000);
    anon.post_raw("/sign-up/email", deep).await.refused(400, "BAD_REQUEST");
    let nested = format!("{{\"name\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    anon.post_raw("/sign-up/email", nested).await.refused(400, "VALIDATION_ERROR");
    for bytes in
        [&b"{\"name\":\"\xff\"}"[..], b"\xff\xfe{\0}\0", b"{\"name\":\"\\ud800\"}", b"\xef\xbb\xbf{}"]
    {
        let answer = anon.post_raw("/sign-up/email", bytes.to_vec()).await;
        assert_eq!(answer.status, 400, "{bytes:?} {}", answer.text);
    }
    let long = json!({ "name": "n".repeat(1_000_000), "email": "a@b.co", "password": PASSWORD });
    anon.post("/sign-up/email", long).await.refused(400, "VALIDATION_ERROR");
    let null = json!({ "name": "a\u{0}b", "email": "a@b.co", "password": PASSWORD });
    anon.post("/sign-up/email", null).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(app.core().users().page(app.core().db(), None, 10).await.unwrap().len(), 0);
}

#[tokio::test]
async fn hostile_addresses_are_refused() {
    // Cases 86 and 88.
    let app = app().start().await;
    let long = format!("{}@example.com", "a".repeat(250));
    let addresses = [
        "a@x.com,evil@y.com",
        "a@x.com;b",
        "<a@x.com>",
        "a@x.com\r\nBcc: evil@y.com",
        "\"a b\"@x.com",
        "a@x.com.",
        "a@[127.0.0.1]",
        "a\u{200b}@x.com",
        " a@x.com",
        "a@x.com ",
        "mıke@x.com",
        long.as_str(),
    ];
    for address in addresses {
        let body = json!({ "name": "x", "email": address, "password": PASSWORD });
        app.anon().post("/sign-up/email", body).await.refused(400, "VALIDATION_ERROR");
    }
    assert_eq!(app.mailbox().count(), 0);
}

#[tokio::test]
async fn names_are_data() {
    // Case 259: stored as they are; what shows them escapes them.
    let app = app().start().await;
    for (at, name) in ["<b>x</b>", "\u{202e}abc", "{{7*7}}", "' OR 1=1--", "名前 🙂"].iter().enumerate() {
        let body = json!({ "name": name, "email": format!("u{at}@example.com"), "password": PASSWORD });
        let answer = app.anon().post("/sign-up/email", body).await.expect(200);
        assert_eq!(answer.body["user"]["name"], *name);
    }
    for image in ["javascript:alert(1)", " JavaScript:x", "vbscript:x"] {
        let body = json!({ "name": "x", "email": "x@example.com", "password": PASSWORD, "image": image });
        app.anon().post("/sign-up/email", body).await.refused(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn forms_and_cross_site_logins() {
    // Cases 22, 23, 25, 26.
    let app = app().start().await;
    let form = "name=F&email=f%40example.com&password=Correct-Horse-42";
    let mut browser = app.anon().header("content-type", "application/x-www-form-urlencoded");
    browser.post_raw("/sign-up/email", form).await.expect(200);
    let cross = app
        .anon()
        .header("origin", "")
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate");
    cross
        .clone()
        .post("/sign-up/email", sign_up_body("eve"))
        .await
        .refused(403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED");
    let null = app
        .anon()
        .header("origin", "null")
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "cors");
    null.clone().post("/sign-up/email", sign_up_body("eve")).await.refused(403, "MISSING_OR_NULL_ORIGIN");
    let evil = app.anon().header("origin", "https://evil.example");
    evil.clone().post("/sign-up/email", sign_up_body("eve")).await.refused(403, "INVALID_ORIGIN");
    let text = app.anon().header("content-type", "text/plain");
    text.clone().post("/sign-up/email", sign_up_body("eve")).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let curl = app.anon().header("origin", "");
    curl.clone().post("/sign-up/email", sign_up_body("eve")).await.expect(200);
}
