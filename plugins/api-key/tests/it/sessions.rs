//! A key in a header stands for its user.

use auth_core::{
    call::Request,
    http::{HeaderName, HeaderValue},
    session::Level,
};
use auth_plugin_jwt::Jwt;
use auth_testkit::{auth_core::Preset, json};

use crate::support::{app, boundless, column, grant, make, millis, verdict, with};

#[tokio::test]
async fn it_answers_get_session() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let answer = with(&app, &made.key).get("/get-session").await.expect(200);
    assert!(answer.set_cookies().is_empty() && answer.header("set-auth-jwt").is_none());
    let (session, user) = (&answer.body["session"], &answer.body["user"]);
    assert_eq!((&user["id"], &user["email"]), (&json!(ada.user().id), &json!("ada@example.com")));
    assert_eq!((&session["id"], &session["token"]), (&json!(made.id), &json!(made.key)));
    assert_eq!((&session["userId"], &session["userAgent"]), (&json!(ada.user().id), &json!("testkit")));
}

#[tokio::test]
async fn a_bad_key_refuses_whatever_else_the_request_has() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let unknown = "x".repeat(64);
    for path in ["/get-session", "/ok", "/list-sessions", "/list-accounts", "/api-key/list"] {
        with(&app, "too-short").get(path).await.refused(403, "INVALID_API_KEY");
        with(&app, &unknown).get(path).await.refused(401, "INVALID_API_KEY");
        ada.clone().header("x-api-key", &unknown).get(path).await.refused(401, "INVALID_API_KEY");
    }
    // An empty header is none.
    assert_eq!(ada.clone().header("x-api-key", "").get("/get-session").await.body["user"]["name"], "Ada");
}

#[tokio::test]
async fn each_request_is_one_use() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "remaining": 3, "rateLimitEnabled": false })).await;
    let mut robot = with(&app, &made.key);
    for left in ["2", "1", "0"] {
        robot.get("/list-accounts").await;
        assert_eq!(column(&app, &made.id, "remaining").await.as_deref(), Some(left));
    }
    robot.get("/get-session").await.refused(429, "USAGE_EXCEEDED");
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = grant(&app, &ada, json!({ "rateLimitMax": 1, "rateLimitTimeWindow": 5000 })).await;
    let mut robot = with(&app, &made.key);
    robot.get("/get-session").await.expect(200);
    app.clock().advance(millis(1000));
    let refused = robot.get("/get-session").await.refusal(429, "RATE_LIMITED");
    assert_eq!(refused.body["details"]["tryAgainIn"], 4000);
}

#[tokio::test]
async fn it_is_good_for_its_permissions_and_not_for_credentials() {
    // Case 152.
    let app = app().start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let mut robot = with(&app, &made.key);
    for (path, body) in [
        (
            "/change-password",
            json!({ "currentPassword": "a long enough one 1", "newPassword": "a long enough one 2" }),
        ),
        ("/change-email", json!({ "newEmail": "eve@example.com" })),
        ("/delete-user", json!({})),
        ("/revoke-sessions", json!({})),
        ("/api-key/create", json!({})),
        ("/api-key/update", json!({ "keyId": made.id, "name": "x" })),
        ("/api-key/delete", json!({ "keyId": made.id })),
    ] {
        robot.post(path, body).await.refused(403, "INSUFFICIENT_SCOPE");
    }
    for path in ["/api-key/list", &format!("/api-key/get?id={}", made.id)] {
        robot.get(path).await.refused(403, "INSUFFICIENT_SCOPE");
    }
    assert_eq!(app.user("bob").await.get("/api-key/list").await.body["total"], 0);
    assert_eq!(verdict(&app, &made.key).await, "ok");
}

#[tokio::test]
async fn whole_sessions_are_opted_into() {
    let app = app().set("plugins.api-key.whole_sessions", true).start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let mut robot = with(&app, &made.key);
    let further = make(&mut robot, json!({ "name": "further" })).await;
    assert_eq!(further.body["referenceId"], *ada.user().id);
    assert_eq!(robot.get("/api-key/list").await.expect(200).body["total"], 2);
}

#[tokio::test]
async fn it_may_be_switched_off() {
    let apps = [
        app().set("plugins.api-key.sessions", false).start().await,
        app().preset(Preset::BetterAuth).start().await,
    ];
    for app in apps {
        let made = boundless(&app, &app.user("ada").await).await;
        assert_eq!(with(&app, &made.key).get("/get-session").await.expect(200).text, "null");
        with(&app, "too-short").get("/ok").await.expect(200);
        assert_eq!(verdict(&app, &made.key).await, "ok");
    }
}

#[tokio::test]
async fn headers_are_configured_and_only_those_count() {
    let app = app().set("plugins.api-key.headers", ["x-token", "x-api-key"]).start().await;
    let made = boundless(&app, &app.user("ada").await).await;
    for header in ["x-token", "x-api-key"] {
        let answer = app.anon().header(header, &made.key).get("/get-session").await.expect(200);
        assert_eq!(answer.body["user"]["name"], "Ada", "{header}");
    }
    assert_eq!(app.anon().header("x-other", &made.key).get("/get-session").await.text, "null");
}

#[tokio::test]
async fn warm_requests_ask_no_database() {
    let app = app().start().await;
    let made = boundless(&app, &app.user("ada").await).await;
    let mut robot = with(&app, &made.key);
    let (_, cold) = app.statements(robot.get("/get-session")).await;
    let (_, warm) = app.statements(robot.get("/get-session")).await;
    assert_eq!((cold, warm), (2, 0), "a key and its owner");
}

#[tokio::test]
async fn kinds_share_a_header_or_have_their_own() {
    let app = app()
        .config(
            "[plugins.api-key.configurations.ci]\nprefix = \"ci_\"\n\
             [plugins.api-key.configurations.door]\nheaders = [\"x-door\"]\n\
             [plugins.api-key.configurations.mute]\nsessions = false",
        )
        .start()
        .await;
    let ada = app.user("ada").await;
    for (kind, header, good) in [
        ("default", "x-api-key", true),
        ("ci", "x-api-key", true),
        ("door", "x-door", true),
        ("door", "x-api-key", false),
        ("default", "x-door", false),
        ("mute", "x-api-key", false),
    ] {
        let made = grant(&app, &ada, json!({ "configId": kind })).await;
        let answer = app.anon().header(header, &made.key).get("/get-session").await;
        if good { drop(answer.expect(200)) } else { answer.refused(401, "INVALID_API_KEY") }
    }
}

#[tokio::test]
async fn an_application_around_the_server_learns_what_a_key_is_good_for() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let permissions = json!({ "files": ["read", "write"], "users": ["read"] });
    let made = grant(&app, &ada, json!({ "permissions": permissions })).await;
    let header = HeaderName::from_static("x-api-key");
    let request = |key: &str| Request::default().header(header.clone(), HeaderValue::try_from(key).unwrap());
    for level in [Level::Cached, Level::Strict] {
        let (identity, _) = app.host().identify(request(&made.key), level).await.unwrap();
        let identity = identity.unwrap();
        let scopes = ["files:read", "files:write", "users:read"].map(str::to_owned);
        assert_eq!(identity.scopes.as_deref(), Some(&scopes[..]));
        assert_eq!((identity.method, &identity.user.id), ("api-key", &ada.user().id));
    }
    let failure = app.host().identify(request(&"x".repeat(64)), Level::Cached).await.err().unwrap();
    assert_eq!((failure.status().as_u16(), failure.code()), (401, Some("INVALID_API_KEY")));
    let usage = ada.get(&format!("/api-key/usage?id={}", made.id)).await.expect(200).body;
    assert_eq!((&usage["uses"], &usage["lines"][0]["endpoint"]), (&json!(2), &json!("application")));
}

#[tokio::test]
async fn it_becomes_nothing_that_is_good_for_more() {
    // Case 152.
    let app = app().plugin::<Jwt>().start().await;
    let ada = app.user("ada").await;
    let made = boundless(&app, &ada).await;
    let mut robot = with(&app, &made.key);
    robot.get("/token").await.refused(403, "INSUFFICIENT_SCOPE");
    let provider = json!({ "accountId": "mine" });
    for path in ["/get-access-token", "/refresh-token"] {
        robot.post(path, provider.clone()).await.refused(403, "INSUFFICIENT_SCOPE");
    }
    assert_eq!(robot.get("/get-session").await.expect(200).header("set-auth-jwt"), None);
    ada.clone().get("/token").await.expect(200);
}
