//! The token in the header.

use std::time::Duration;

use auth_testkit::{auth_core, json};

use crate::{app, name, paired, signed, with};

#[tokio::test]
async fn an_answer_that_signs_in_tells_the_token() {
    let app = app().start().await;
    let body = json!({ "name": "Ada", "email": "ada@example.com", "password": "Correct-Horse-42" });
    let answer = app.anon().post("/sign-up/email", body).await.expect(200);
    let token = answer.header("set-auth-token").unwrap();
    assert_eq!(token, signed(&app, answer.body["token"].as_str().unwrap()));
    assert_eq!(answer.header("access-control-expose-headers"), Some("set-auth-token"));
    assert_eq!(name(with(&app, token)).await.as_deref(), Some("Ada"));
    let mut client = with(&app, token);
    let out = client.post("/sign-out", json!({})).await.expect(200);
    assert!(out.header("set-auth-token").is_none());
    assert_eq!(name(with(&app, token)).await, None);
}

#[tokio::test]
async fn unsigned_tokens_count_only_where_that_is_configured() {
    // Case 10.
    let strict = app().start().await;
    let ada = strict.user("ada").await;
    assert_eq!(name(with(&strict, ada.token())).await, None);
    let open = app().set("plugins.bearer.require_signature", false).start().await;
    let ada = open.user("ada").await;
    assert_eq!(name(with(&open, ada.token())).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn what_is_no_token_is_nobody() {
    // Case 58.
    let app = app().set("plugins.bearer.require_signature", false).start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let good = signed(&app, ada.token());
    let (_, signature) = good.split_once('.').unwrap();
    let foreign = format!("{}.{signature}", eve.token());
    let cut = &good[..good.len() - 1];
    let long = "x".repeat(100_000);
    let jwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.";
    for bad in [
        "nonsense",
        "a.b.c",
        ".",
        "..",
        "%zz",
        foreign.as_str(),
        cut,
        long.as_str(),
        jwt,
        "' OR 1=1--",
        "null",
    ] {
        assert_eq!(name(with(&app, bad)).await, None, "{bad:.40}");
        with(&app, bad).post("/revoke-sessions", json!({})).await.refused(401, "UNAUTHORIZED");
    }
    for header in ["Bearer", "Bearer ", "Basic dXNlcjpwYXNz", good.as_str(), "Bearer\u{a0}x"] {
        let Ok(_) = header.parse::<auth_core::http::HeaderValue>() else { continue };
        assert_eq!(name(app.anon().header("authorization", header)).await, None, "{header}");
    }
    assert_eq!(
        name(app.anon().header("authorization", &format!("bEaReR   {good}"))).await.as_deref(),
        Some("Ada")
    );
    assert_eq!(name(with(&app, &good.replace('=', "%3D"))).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn a_valid_token_comes_before_the_cookie_and_a_bad_one_after_it() {
    let app = app().start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let hers = ada.clone().header("authorization", &format!("Bearer {}", signed(&app, eve.token())));
    assert_eq!(name(hers).await.as_deref(), Some("Eve"));
    let bad = ada.clone().header("authorization", "Bearer nonsense.AAAA");
    assert_eq!(name(bad).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn it_changes_things_without_an_origin_and_lives_on_when_used() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let token = signed(&app, ada.token());
    with(&app, &token).post("/revoke-other-sessions", json!({})).await.expect(200);
    app.clock().advance(Duration::from_secs(86_400));
    let answer = with(&app, &token).get("/get-session").await.expect(200);
    assert_eq!(answer.header("set-auth-token"), Some(token.as_str()));
    app.clock().advance(Duration::from_secs(29 * 86_400 + 1));
    assert_eq!(name(with(&app, &token)).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn a_request_costs_what_the_cookies_costs() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let token = signed(&app, ada.token());
    let (_, miss) = app.statements(with(&app, &token).get("/get-session")).await;
    let (_, hit) = app.statements(with(&app, &token).get("/get-session")).await;
    assert_eq!((miss, hit), (1, 0));
}

#[tokio::test]
async fn a_refresh_token_in_the_header_is_nobody() {
    for signature in [true, false] {
        let app = app().set("plugins.bearer.require_signature", signature).start().await;
        let ada = app.user("ada").await;
        let pair = paired(&app, &ada, json!({})).await;
        assert_eq!(name(with(&app, &pair.refresh)).await, None);
        with(&app, &pair.refresh).post("/token/pair", json!({})).await.refused(401, "UNAUTHORIZED");
        // With the signature of a session token it is no session token either.
        assert_eq!(name(with(&app, &signed(&app, &pair.refresh))).await, None);
        assert_eq!(name(with(&app, &pair.token)).await.as_deref(), Some("Ada"));
    }
}
