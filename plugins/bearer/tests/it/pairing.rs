//! `POST /token/pair`.

use auth_testkit::{
    auth_core::{Preset, schema::CoreTable},
    json, race,
};

use crate::{DAY, Pair, app, name, paired, refresh, seconds, signed, stored, toys::Warden, with};

#[tokio::test]
async fn it_gives_a_short_token_and_the_one_before_is_dead() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let before = signed(&app, ada.token());
    app.clock().advance(seconds(100));
    assert_eq!(name(with(&app, &before)).await.as_deref(), Some("Ada"), "in memory from here on");
    let answer = with(&app, &before).post("/token/pair", json!({})).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("set-auth-token").is_none());
    let pair = Pair::of(answer);
    assert_eq!(name(with(&app, &before)).await, None);
    let mut client = with(&app, &pair.token);
    let seen = client.get("/get-session").await.expect(200).body;
    let now = app.core().now();
    assert_eq!(
        pair.body,
        json!({
            "token": pair.token,
            "tokenType": "Bearer",
            "expiresAt": now.plus_seconds(900).to_string(),
            "expiresIn": 900,
            "refreshToken": pair.refresh,
            "refreshExpiresAt": now.plus_seconds(30 * DAY).to_string(),
            "client": "default",
        })
    );
    let session = stored(&app, pair.session_id()).await.unwrap();
    assert_eq!(session.created_at, now.minus(seconds(100)), "the sign-in is as long ago as it was");
    assert_eq!(seen["session"]["id"], *pair.session_id());
    assert_eq!(pair.token, signed(&app, &session.token));
    for hidden in ["refreshClient", "refreshGeneration", "tokenIssuedAt", "tokenExpiresAt"] {
        assert!(seen["session"].get(hidden).is_none(), "{hidden} is shown");
    }
    let list = client.get("/list-sessions").await.expect(200).body;
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_browser_is_told_that_its_cookies_are_over() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let mut tab = ada.clone();
    // Due to live on: the session is moved on its way to the handler, and that cookie is of no use either.
    app.clock().advance(seconds(2 * DAY));
    let answer = ada.post("/token/pair", json!({})).await;
    assert!(answer.header("set-auth-token").is_none());
    assert!(answer.set_cookies().iter().all(|line| line.contains("Max-Age=0")), "{answer:?}");
    assert!(answer.set_cookie("session_token").is_some() && answer.set_cookie("session_data").is_some());
    let pair = Pair::of(answer);
    assert_eq!(ada.cookie("session_token"), None);
    assert_eq!(name(ada).await, None);
    let answer = tab.get("/get-session").await.expect(200);
    assert_eq!(answer.text, "null");
    assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"));
    assert_eq!(name(with(&app, &pair.token)).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn a_bearer_that_is_due_is_not_told_its_dead_token() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    app.clock().advance(seconds(2 * DAY));
    let mut client = with(&app, &signed(&app, ada.token()));
    let answer = client.post("/token/pair", json!({})).await.expect(200);
    assert!(answer.header("set-auth-token").is_none());
    assert!(answer.set_cookies().iter().all(|line| line.contains("Max-Age=0")), "{answer:?}");
}

#[tokio::test]
async fn a_paired_session_is_not_paired_again() {
    let app = app().start().await;
    let pair = paired(&app, &app.user("ada").await, json!({})).await;
    with(&app, &pair.token).post("/token/pair", json!({})).await.refused(409, "ALREADY_PAIRED");
    app.clock().advance(seconds(900));
    with(&app, &pair.token).post("/token/pair", json!({})).await.refused(401, "UNAUTHORIZED");
    Pair::of(refresh(&app, &pair.refresh).await);
}

#[tokio::test]
async fn what_is_no_client_and_nobody_is_refused() {
    let app = app().set("plugins.bearer.clients.phone.token_expires_in", 60).start().await;
    let ada = app.user("ada").await;
    let token = signed(&app, ada.token());
    let long = "x".repeat(100_000);
    for unknown in ["", "Phone", "phone ", "tablet", "__proto__", long.as_str()] {
        let answer = with(&app, &token).post("/token/pair", json!({ "client": unknown })).await;
        answer.refused(400, "UNKNOWN_CLIENT");
    }
    for wrong in [
        json!({ "client": null }),
        json!({ "client": 1 }),
        json!({ "client": ["phone"] }),
        json!({ "client": {} }),
        json!([]),
    ] {
        with(&app, &token).post("/token/pair", wrong).await.refused(400, "VALIDATION_ERROR");
    }
    app.anon().post("/token/pair", json!({})).await.refused(401, "UNAUTHORIZED");
    assert_eq!(name(with(&app, &token)).await.as_deref(), Some("Ada"), "a refusal changes nothing");
    let pair = paired(&app, &ada, json!({ "client": "phone" })).await;
    assert_eq!((&pair.body["client"], &pair.body["expiresIn"]), (&json!("phone"), &json!(60)));
}

#[tokio::test]
async fn the_body_may_be_left_out() {
    let app = app().start().await;
    for body in [None, Some("{}")] {
        let user = format!("u{}", body.map_or(0, str::len));
        let mut client = with(&app, &signed(&app, app.user(&user).await.token()));
        let method = auth_testkit::auth_core::http::Method::POST;
        let answer = client.send(method, "/token/pair", body.map(Into::into)).await.expect(200);
        assert_eq!(answer.body["client"], "default", "{body:?}");
    }
}

#[tokio::test]
async fn what_is_good_for_less_than_the_session_does_not_become_it() {
    let app = app().plugin::<Warden>().start().await;
    let ada = app.user("ada").await;
    for (method, code) in [
        ("scoped", "INSUFFICIENT_SCOPE"),
        ("acted", "SESSION_TOKEN_REQUIRED"),
        ("jwt", "SESSION_TOKEN_REQUIRED"),
    ] {
        let mut client = app.anon().header("x-vouched", ada.token()).header("x-method", method);
        client.post("/token/pair", json!({})).await.refused(403, code);
    }
    assert_eq!(name(with(&app, &signed(&app, ada.token()))).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn a_session_that_is_too_old_is_not_paired() {
    let app = app().set("plugins.bearer.clients.default.longest", 40 * DAY).start().await;
    let token = signed(&app, app.user("ada").await.token());
    for _ in 0..2 {
        app.clock().advance(seconds(20 * DAY));
        assert_eq!(name(with(&app, &token)).await.as_deref(), Some("Ada"));
    }
    with(&app, &token).post("/token/pair", json!({})).await.refused(403, "SESSION_TOO_OLD");
    assert_eq!(name(with(&app, &token)).await.as_deref(), Some("Ada"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_at_once_one_pairs() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let token = signed(&app, ada.token());
    let answers = race(20, |_| {
        let mut client = with(&app, &token);
        async move { client.post("/token/pair", json!({})).await }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1);
    for answer in lost {
        answer.refused(401, "UNAUTHORIZED");
    }
    let pair = Pair::of(won.into_iter().next().unwrap());
    assert_eq!(pair.generation(), 1);
    assert_eq!(name(with(&app, &pair.token)).await.as_deref(), Some("Ada"));
    Pair::of(refresh(&app, &pair.refresh).await);
}

#[tokio::test]
async fn without_refresh_there_are_no_columns_and_no_endpoints() {
    let apps = [
        app().set("plugins.bearer.refresh", false).start().await,
        app().preset(Preset::BetterAuth).start().await,
    ];
    for app in apps {
        let columns = app.core().schema().extras(CoreTable::Session);
        assert!(
            columns.iter().all(|column| ["proofs", "lastActiveAt"].contains(&column.name.as_ref())),
            "{columns:?}"
        );
        let token = signed(&app, app.user("ada").await.token());
        with(&app, &token).post("/token/pair", json!({})).await.expect(404);
        refresh(&app, "x.1.y").await.expect(404);
        assert_eq!(name(with(&app, &token)).await.as_deref(), Some("Ada"));
    }
}
