//! Idle time-outs, and how many sessions a user has.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_plugin_email_password::EmailPassword;
use auth_testkit::{
    Actor, TestApp,
    auth_core::{
        Core, Failure, Manifest, Plugin, Problem, Registrar, async_trait,
        config::NoConfig,
        limits::{Limits, SessionLimits},
    },
    json, race,
};

use crate::app;

// A test has the process to itself.
static IDLE: AtomicU64 = AtomicU64::new(0);
static MOST: AtomicU64 = AtomicU64::new(0);

/// Knows of stricter limits than the configuration.
struct Strict;

#[async_trait]
impl SessionLimits for Strict {
    async fn limits(&self, _: &Core, _: &str) -> Result<Limits, Failure> {
        Ok(Limits::of(IDLE.load(Ordering::SeqCst), MOST.load(Ordering::SeqCst)))
    }
}

impl Plugin for Strict {
    const MANIFEST: Manifest = Manifest::new("strict", "1.0.0", "Limits sessions");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn SessionLimits>(self);
    }
}

const PASSWORD: &str = "A long enough 1 for tests";

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn sign_up(app: &TestApp) -> Actor {
    let mut actor = app.anon();
    let body = json!({ "name": "Ada", "email": "ada@example.com", "password": PASSWORD });
    actor.post("/sign-up/email", body).await.expect(200);
    actor
}

async fn sign_in(app: &TestApp) -> Actor {
    let mut actor = app.anon();
    let body = json!({ "email": "ada@example.com", "password": PASSWORD });
    actor.post("/sign-in/email", body).await.expect(200);
    actor
}

async fn is_in(actor: &mut Actor) -> bool {
    actor.get("/get-session?disableCookieCache=1").await.expect(200).text != "null"
}

#[tokio::test]
async fn an_idle_session_signs_nobody_in_wherever_it_is_kept() {
    for (cached, capacity) in [(true, 1000), (true, 0), (false, 1000), (false, 0)] {
        let app = app()
            .set("plugins.session.cookie_cache.enabled", cached)
            .set("plugins.session.cookie_cache.max_age", 100_000)
            .set("plugins.session.memory.capacity", capacity)
            .set("plugins.session.memory.session_ttl", 100_000)
            .set("plugins.session.idle_timeout", 600)
            .start()
            .await;
        let mut ada = app.user("ada").await;
        // As long as it is used it goes on, for much longer than the time-out.
        for _ in 0..10 {
            app.clock().advance(Duration::from_millis(599_999));
            assert_ne!(ada.get("/get-session").await.text, "null", "cached {cached}, capacity {capacity}");
        }
        let mut kept = ada.clone();
        app.clock().advance(seconds(600));
        let answer = ada.get("/get-session").await.expect(200);
        assert_eq!(answer.text, "null", "cached {cached}, capacity {capacity}");
        assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"));
        let stored = app.core().sessions().find_by_token(app.core().db(), kept.token()).await.unwrap();
        assert!(stored.is_none(), "the row has gone");
        kept.post("/revoke-sessions", json!({})).await.refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn whether_a_session_is_idle_costs_no_statement() {
    let app = app().set("plugins.session.idle_timeout", 600).start().await;
    let mut ada = app.user("ada").await;
    ada.get("/get-session").await.expect(200);
    for _ in 0..5 {
        app.clock().advance(seconds(1));
        let (_, cost) = app.statements(ada.get("/get-session")).await;
        assert_eq!(cost, 0);
    }
}

#[tokio::test]
async fn uses_are_written_once_a_minute_by_whoever_comes_first() {
    let app = crate::bare().set("plugins.session.idle_timeout", 600).start().await;
    let (mut ada, mut bob) = (app.user("ada").await, app.user("bob").await);
    for actor in [&mut ada, &mut bob] {
        actor.get("/get-session").await.expect(200);
    }
    app.clock().advance(seconds(61));
    let mut costs = Vec::new();
    costs.push(app.statements(ada.get("/get-session")).await.1);
    costs.push(app.statements(bob.get("/get-session")).await.1);
    costs.push(app.statements(ada.get("/get-session")).await.1);
    assert_eq!(costs, [2, 1, 0], "both are read again, and one of them writes");
}

#[tokio::test]
async fn what_another_node_saw_counts_once_it_is_written() {
    let nodes = || crate::bare().set("plugins.session.idle_timeout", 600);
    let here = nodes().start().await;
    let there = nodes().start_beside(&here).await;
    let mut ada = here.user("ada").await;
    ada.get("/get-session").await.expect(200);
    let mut abroad = there.anon();
    let (name, value) = ada.cookie_pair("session_token").unwrap();
    abroad.set_cookie(&name, &value);
    // Used over there only, for longer than the time-out.
    for _ in 0..8 {
        here.clock().advance(seconds(120));
        assert_ne!(abroad.get("/get-session").await.text, "null");
    }
    assert_ne!(ada.get("/get-session").await.text, "null");
    here.clock().advance(seconds(721));
    assert_eq!(ada.get("/get-session").await.text, "null");
}

#[tokio::test]
async fn a_restart_does_not_forget_when_a_session_was_used() {
    let node = || crate::bare().set("plugins.session.idle_timeout", 600);
    let before = node().start().await;
    let mut ada = before.user("ada").await;
    ada.get("/get-session").await.expect(200);
    for _ in 0..3 {
        before.clock().advance(seconds(300));
        ada.get("/get-session").await.expect(200);
    }
    let after = node().start_beside(&before).await;
    let mut again = after.anon();
    let (name, value) = ada.cookie_pair("session_token").unwrap();
    again.set_cookie(&name, &value);
    before.clock().advance(seconds(479));
    assert_ne!(again.get("/get-session").await.text, "null");
}

#[tokio::test]
async fn sessions_that_nobody_presents_any_more_are_swept() {
    let app = app().set("plugins.session.idle_timeout", 600).start().await;
    let mut ada = app.user("ada").await;
    let phone = app.signed_in(ada.user()).await;
    app.clock().advance(seconds(599));
    ada.get("/get-session?disableCookieCache=1").await.expect(200);
    // A row can be two minutes behind.
    app.clock().advance(seconds(120));
    app.run_tasks().await;
    let stored = async |token: &str| {
        app.core().sessions().find_by_token(app.core().db(), token).await.unwrap().is_some()
    };
    assert!(stored(phone.token()).await);
    app.clock().advance(seconds(2));
    app.run_tasks().await;
    assert!(!stored(phone.token()).await);
    assert!(stored(ada.token()).await);
    assert!(is_in(&mut ada).await);
}

#[tokio::test]
async fn the_strictest_limit_counts() {
    let app = app().plugin::<EmailPassword>().plugin::<Strict>();
    let app =
        app.set("plugins.session.idle_timeout", 900).set("plugins.session.max_sessions", 3).start().await;
    IDLE.store(300, Ordering::SeqCst);
    MOST.store(2, Ordering::SeqCst);
    let mut first = sign_up(&app).await;
    app.clock().advance(seconds(1));
    let mut second = sign_in(&app).await;
    app.clock().advance(seconds(1));
    let mut third = sign_in(&app).await;
    assert_eq!(
        [is_in(&mut first).await, is_in(&mut second).await, is_in(&mut third).await],
        [false, true, true]
    );
    app.clock().advance(seconds(300));
    assert!(!is_in(&mut second).await);
    // And it is one's own where the other is less strict.
    IDLE.store(5000, Ordering::SeqCst);
    MOST.store(0, Ordering::SeqCst);
    let mut fourth = sign_in(&app).await;
    app.clock().advance(seconds(899));
    assert!(is_in(&mut fourth).await);
    app.clock().advance(seconds(900));
    assert!(!is_in(&mut fourth).await);
}

#[tokio::test]
async fn a_new_session_ends_the_oldest() {
    let app = app().plugin::<EmailPassword>().set("plugins.session.max_sessions", 2).start().await;
    let mut first = sign_up(&app).await;
    let mut eve = app.user("eve").await;
    app.clock().advance(seconds(1));
    let mut second = sign_in(&app).await;
    assert!(is_in(&mut first).await, "two are allowed");
    app.clock().advance(seconds(1));
    let mut third = sign_in(&app).await;
    assert_eq!(first.get("/devices").await.status, 401, "it ended at once");
    assert!(!is_in(&mut first).await && is_in(&mut second).await && is_in(&mut third).await);
    assert!(is_in(&mut eve).await, "others are not concerned");
}

#[tokio::test]
async fn of_sign_ins_at_once_as_many_remain_as_there_may_be() {
    // Strangers would wait: nobody knows beforehand that six attempts at once are all right.
    let app = app()
        .plugin::<EmailPassword>()
        .set("plugins.session.max_sessions", 3)
        .set("plugins.email-password.lockout.enabled", false)
        .start()
        .await;
    let ada = sign_up(&app).await;
    let id = app.core().users().find_by_email(app.core().db(), "ada@example.com").await.unwrap().unwrap().id;
    drop(ada);
    for round in 0..50 {
        let answers = race(6, |_| {
            let app = app.clone();
            async move { sign_in(&app).await }
        })
        .await;
        let live = app.core().sessions().list_live(app.core().db(), &id).await.unwrap();
        assert_eq!(live.len(), 3, "round {round}");
        let mut good = 0;
        for mut actor in answers {
            good += usize::from(is_in(&mut actor).await);
        }
        assert!((1..=3).contains(&good), "{good} of round {round}");
    }
}

#[test]
fn limits_that_make_no_sense_are_refused_at_start() {
    let problems = |key: &str, value: u64, activity: bool| {
        let builder = app().set("plugins.session.activity", activity).set(key, value);
        builder.plan().err().map(|problems| problems.iter().map(ToString::to_string).collect::<String>())
    };
    assert!(problems("plugins.session.idle_timeout", 299, true).unwrap().contains("at least 300"));
    assert!(problems("plugins.session.idle_timeout", 300, false).unwrap().contains("needs `activity`"));
    assert!(problems("plugins.session.idle_timeout", 300, true).is_none());
    for never in [0, 401 * 86_400] {
        assert!(problems("plugins.session.expires_in", never, true).unwrap().contains("between 1 and"));
    }
    assert!(
        problems("plugins.session.cookie_cache.max_age", 0, true).unwrap().contains("at least one second")
    );
}

#[test]
fn a_field_whose_default_is_of_another_type_is_refused_at_start() {
    let builder = app().config("[plugins.session.fields.floor]\ntype = \"number\"\ndefault = \"third\"\n");
    let told: Vec<_> = builder.plan().err().unwrap().iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|problem| problem.contains("fields.floor.default")), "{told:?}");
}

#[tokio::test]
async fn idle_devices_are_not_listed() {
    let app =
        app().set("plugins.session.idle_timeout", 600).set("plugins.session.activity", true).start().await;
    let mut used = app.user("ada").await;
    app.signed_in(used.user()).await;
    assert_eq!(used.get("/devices").await.expect(200).body.as_array().unwrap().len(), 2);
    for _ in 0..3 {
        app.clock().advance(seconds(290));
        used.get("/get-session?disableCookieCache=1").await.expect(200);
    }
    let devices = used.get("/devices").await.expect(200).body;
    assert_eq!(devices.as_array().unwrap().len(), 1, "{devices}");
}
