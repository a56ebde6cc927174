//! Where a user is signed in, and when that was last used.

use std::time::Duration;

use auth_plugin_email_password::EmailPassword;
use auth_testkit::{
    Actor, TestApp, Value,
    auth_core::{Preset, model::FieldValue},
    json,
};

use crate::{app, bare};

const MINUTE: Duration = Duration::from_secs(60);
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A device of a new user, or of one that is there already.
async fn device(app: &TestApp, path: &str, agent: &str) -> Actor {
    let mut actor = app.anon().header("user-agent", agent);
    let body = json!({ "name": "Ada", "email": "ada@example.com", "password": "A long enough 1 for tests" });
    actor.post(path, body).await.expect(200);
    actor
}

async fn devices(actor: &mut Actor) -> Vec<Value> {
    actor.get("/devices").await.expect(200).body.as_array().unwrap().clone()
}

/// What the row says of a session's last use, in minutes after the beginning.
async fn written(app: &TestApp, actor: &Actor) -> Option<i64> {
    let token = actor.token();
    let (session, _) = app.core().sessions().find_by_token(app.core().db(), token).await.unwrap().unwrap();
    match session.extra.get("lastActiveAt") {
        FieldValue::Date(at) => Some(i64::try_from(at.since(session.created_at).as_secs()).unwrap() / 60),
        _ => None,
    }
}

#[tokio::test]
async fn each_device_has_a_name_and_an_address_and_no_token() {
    let app = app().plugin::<EmailPassword>().start().await;
    let mut laptop = device(&app, "/sign-up/email", FIREFOX).await;
    app.clock().advance(MINUTE * 5);
    let mut script = device(&app, "/sign-in/email", "curl/8.14.1").await;
    app.clock().advance(MINUTE * 5);
    let list = devices(&mut laptop).await;
    let of = |key: &str| list.iter().map(|one| one[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("name"), ["Firefox on Linux", "curl"]);
    assert_eq!(of("current"), [true, false]);
    assert_eq!(of("ipAddress"), ["127.0.0.1", "127.0.0.1"]);
    assert_eq!(of("createdAt"), ["2026-01-01T00:00:00.000Z", "2026-01-01T00:05:00.000Z"]);
    assert_eq!(of("lastActiveAt"), ["2026-01-01T00:10:00.000Z", "2026-01-01T00:05:00.000Z"]);
    let keys: Vec<_> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["id", "name", "ipAddress", "createdAt", "lastActiveAt", "expiresAt", "current"]);

    // Its id is what ends it.
    laptop.post("/revoke-session", json!({ "token": list[1]["id"] })).await.expect(200);
    assert_eq!(devices(&mut laptop).await.len(), 1);
    assert_eq!(script.get("/get-session?disableCookieCache=1").await.text, "null");
}

#[tokio::test]
async fn a_session_that_is_not_fresh_sees_the_devices_but_a_revoked_one_does_not() {
    let app = app().start().await;
    let mut laptop = app.user("ada").await;
    let mut phone = app.signed_in(laptop.user()).await;
    app.user("eve").await;
    app.clock().advance(MINUTE * 60);
    laptop.get("/list-sessions").await.refused(403, "SESSION_NOT_FRESH");
    assert_eq!(devices(&mut laptop).await.len(), 2, "one's own, and nobody else's");
    laptop.post("/revoke-other-sessions", json!({})).await.expect(200);
    // Case 5: its cookie cache still vouches for it.
    phone.get("/devices").await.refused(401, "UNAUTHORIZED");
    app.anon().get("/devices").await.refused(401, "UNAUTHORIZED");
    assert_eq!(laptop.get("/devices").await.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_last_use_is_noted_in_memory_and_written_once_a_minute_for_all() {
    for cached in [true, false] {
        let app = app().set("plugins.session.cookie_cache.enabled", cached).start().await;
        let mut ada = app.user("ada").await;
        let mut eve = app.user("eve").await;
        for actor in [&mut ada, &mut eve] {
            actor.get("/get-session").await.expect(200);
        }
        // Within the minute nothing is written, however often it is used.
        for _ in 0..5 {
            app.clock().advance(Duration::from_secs(1));
            let (_, cost) = app.statements(ada.get("/get-session")).await;
            assert_eq!(cost, 0, "cached: {cached}");
        }
        assert_eq!(written(&app, &ada).await, None);
        app.clock().advance(MINUTE);
        for actor in [&mut ada, &mut eve] {
            actor.get("/get-session").await.expect(200);
        }
        app.clock().advance(MINUTE);
        ada.get("/get-session").await.expect(200);
        assert_eq!(written(&app, &eve).await, Some(1), "one writes for all; cached: {cached}");
        app.run_tasks().await;
        assert_eq!(written(&app, &ada).await, Some(2), "and the task what is left; cached: {cached}");
        let list = devices(&mut ada).await;
        assert_eq!(list[0]["lastActiveAt"], "2026-01-01T00:02:05.000Z", "memory knows it to the moment");
    }
}

#[tokio::test]
async fn a_use_that_cannot_be_written_is_a_use_all_the_same_and_is_written_later() {
    let app = bare().in_touch().start().await;
    let mut ada = app.user("ada").await;
    ada.get("/get-session").await.expect(200);
    app.clock().advance(MINUTE);
    app.cable().cut_after(0);
    assert_eq!(ada.get("/get-session").await.expect(200).body["user"]["name"], "Ada");
    app.cable().mend();
    assert_eq!(written(&app, &ada).await, None);
    app.clock().advance(MINUTE);
    ada.get("/get-session").await.expect(200);
    assert_eq!(written(&app, &ada).await, Some(2));
}

#[tokio::test]
async fn thousands_of_sessions_are_written_in_few_statements() {
    let app = bare().set("plugins.session.memory.session_ttl", 600).start().await;
    let mut ada = app.user("ada").await;
    let mut others = Vec::new();
    for _ in 0..1200 {
        others.push(app.signed_in(ada.user()).await);
    }
    for other in &mut others {
        other.get("/get-session").await.expect(200);
    }
    app.clock().advance(MINUTE);
    for other in &mut others {
        other.get("/get-session").await.expect(200);
    }
    app.clock().advance(MINUTE);
    let mut costs = Vec::new();
    for _ in 0..4 {
        let (_, cost) = app.statements(ada.get("/get-session?disableRefresh=1")).await;
        costs.push(cost);
    }
    assert!(costs.iter().all(|cost| *cost <= 2), "{costs:?}: one lookup, and one batch a request");
    assert!(costs.iter().sum::<u64>() <= 5, "{costs:?}");
    assert_eq!(written(&app, &others[1199]).await, Some(1));
}

#[tokio::test]
async fn without_it_there_is_no_column_and_no_page() {
    let app = app().preset(Preset::BetterAuth).start().await;
    let mut ada = app.user("ada").await;
    assert_eq!(ada.get("/devices").await.expect(404).text, "");
    let columns = app.core().schema().extras(auth_testkit::auth_core::schema::CoreTable::Session);
    assert!(columns.iter().all(|column| column.name != "lastActiveAt"));
}
