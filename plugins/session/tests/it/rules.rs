//! Rules of other plugins about stored sessions, and what they claim themselves.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_testkit::{
    auth_core::{
        BeforeHook, Call, Failure, Flow, Manifest, Match, Phase, Plugin, Problem, Registrar, Timestamp,
        async_trait,
        config::NoConfig,
        model::Session,
        session::{Claim, Glance, Identity, Level, SessionRule, SessionSource},
    },
    json,
};

use crate::{app, bare};

// A test has the process to itself.
static SHUT: AtomicBool = AtomicBool::new(false);
static RIGID: AtomicBool = AtomicBool::new(false);

struct Gate;

impl SessionRule for Gate {
    fn counts(&self, _: &Session, _: Timestamp) -> bool {
        !SHUT.load(Ordering::SeqCst)
    }

    fn extends(&self, _: &Session) -> bool {
        !RIGID.load(Ordering::SeqCst)
    }
}

impl Plugin for Gate {
    const MANIFEST: Manifest = Manifest::new("gate", "1.0.0", "Lets sessions through, or not");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn SessionRule>(self);
    }
}

#[tokio::test]
async fn a_session_that_does_not_count_is_nobody_wherever_it_is_kept_and_comes_back() {
    for builder in [app(), bare(), bare().set("plugins.session.memory.capacity", 0)] {
        let app = builder.plugin::<Gate>().start().await;
        let mut ada = app.user("ada").await;
        ada.get("/get-session").await.expect(200);
        SHUT.store(true, Ordering::SeqCst);
        for path in ["/get-session", "/get-session?disableCookieCache=1"] {
            let answer = ada.get(path).await.expect(200);
            assert_eq!(answer.text, "null", "{path}");
            assert!(answer.set_cookie("session_token").is_none(), "{path} expired the session's cookie");
        }
        ada.post("/revoke-sessions", json!({})).await.refused(401, "UNAUTHORIZED");
        SHUT.store(false, Ordering::SeqCst);
        assert_eq!(ada.get("/get-session").await.body["user"]["name"], "Ada");
    }
}

#[tokio::test]
async fn a_session_that_does_not_extend_stays_as_it_is() {
    let app = app().plugin::<Gate>().start().await;
    let mut ada = app.user("ada").await;
    RIGID.store(true, Ordering::SeqCst);
    app.clock().advance(Duration::from_secs(2 * 86_400));
    let answer = ada.get("/get-session").await.expect(200);
    assert_eq!(answer.body["user"]["name"], "Ada");
    assert!(answer.set_cookie("session_token").is_none());
    assert!(answer.set_cookies().iter().all(|line| line.contains("Max-Age=0")), "{answer:?}");
    RIGID.store(false, Ordering::SeqCst);
    assert!(ada.get("/get-session").await.set_cookie("session_token").is_some(), "it was due all the time");
}

/// Everybody only looks whether they are still signed in.
struct Glancing;

#[async_trait]
impl BeforeHook for Glancing {
    async fn run(&self, call: &mut Call) -> Result<Flow, Failure> {
        call.note(Glance);
        Ok(Flow::Continue)
    }
}

impl Plugin for Glancing {
    const MANIFEST: Manifest = Manifest::new("glancing", "1.0.0", "Asks without using");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.before(Phase::Transport, Match::All, Glancing);
    }
}

#[tokio::test]
async fn a_glance_is_no_use_of_a_session() {
    for glances in [true, false] {
        let builder = bare().set("plugins.session.update_age", 60);
        let builder = if glances { builder.plugin::<Glancing>() } else { builder };
        let app = builder.start().await;
        let mut ada = app.user("ada").await;
        let id = ada.user().id.clone();
        let end = async || app.core().sessions().list_live(app.core().db(), &id).await.unwrap()[0].expires_at;
        let before = end().await;
        app.clock().advance(Duration::from_secs(120));
        let answer = ada.get("/get-session?disableCookieCache=1").await.expect(200);
        assert_eq!(answer.body["user"]["name"], "Ada");
        assert_eq!(answer.set_cookie("better-auth.session_token").is_none(), glances);
        assert_eq!(end().await == before, glances);
    }
}

/// `x-steward: <token>`: somebody who comes with the session and its user, without a cookie.
struct Steward;

impl Plugin for Steward {
    const MANIFEST: Manifest = Manifest::new("steward", "1.0.0", "Says who somebody is");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn SessionSource>(self);
    }
}

#[async_trait]
impl SessionSource for Steward {
    async fn find(&self, call: &Arc<Call>, _: Level) -> Result<Option<Claim>, Failure> {
        let Some(token) = call.header("x-steward") else { return Ok(None) };
        let found = call.core().sessions().find_by_token(call.core().db(), token).await?;
        Ok(found.map(|(session, user)| {
            Claim::Identity(Identity::new(Arc::new(session), Arc::new(user), "steward"))
        }))
    }
}

#[tokio::test]
async fn who_comes_with_a_session_is_answered_and_signed_out_of_it() {
    let app = bare().plugin::<Steward>().start().await;
    let mut ada = app.user("ada").await;
    let own = ada.get("/get-session").await.expect(200);
    let token = own.body["session"]["token"].as_str().unwrap();
    let mut steward = app.anon().header("x-steward", token);
    assert_eq!(steward.get("/get-session").await.expect(200).body, own.body);
    steward.post("/sign-out", json!({})).await.expect(200);
    assert_eq!(ada.get("/get-session").await.expect(200).text, "null");
    assert_eq!(steward.get("/get-session").await.expect(200).text, "null");
}
