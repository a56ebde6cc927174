//! What organizations ask of their members' sessions.

use std::{sync::Arc, time::Duration};

use auth_plugin_email_password::EmailPassword;
use auth_testkit::{
    Actor, Builder, TestApp, Value,
    auth_core::{
        Core, Failure, Manifest, Plugin, Problem, Registrar, User, async_trait,
        config::NoConfig,
        ports::{FactorPolicy, SecondFactors},
    },
    json,
};

use crate::support::{app, join, organization};

/// Keeps second factors, of which nobody has one.
struct Factors;

#[async_trait]
impl SecondFactors for Factors {
    async fn has_any(&self, _: &Arc<Core>, _: &User) -> Result<bool, Failure> {
        Ok(false)
    }

    async fn reset(&self, _: &Arc<Core>, _: &User) -> Result<bool, Failure> {
        Ok(false)
    }
}

impl Plugin for Factors {
    const MANIFEST: Manifest = Manifest::new("factors", "1.0.0", "Keeps second factors");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.provide::<dyn SecondFactors>(self);
    }
}

fn secured() -> Builder {
    app()
        .plugin::<EmailPassword>()
        .set("plugins.organization.security.enabled", true)
        .set("plugins.organization.tree.enabled", true)
        .set("plugins.organization.organization_limit", 0)
}

async fn set(actor: &mut Actor, id: &str, mut asks: Value) -> auth_testkit::Answer {
    asks["organizationId"] = id.into();
    actor.post("/organization/set-security", asks).await
}

async fn effective(actor: &mut Actor, id: &str) -> Value {
    let path = format!("/organization/security?organizationId={id}");
    actor.get(&path).await.expect(200).body["effective"].clone()
}

/// Whether some part asks this user for a second factor, as the plugin that keeps them finds out.
async fn demanded(app: &TestApp, user: &User) -> bool {
    let mut any = false;
    for part in app.core().services().slot::<dyn FactorPolicy>() {
        any |= part.demands(app.core(), user).await.unwrap();
    }
    any
}

async fn is_in(actor: &mut Actor) -> bool {
    actor.get("/get-session?disableCookieCache=1").await.expect(200).text != "null"
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn what_is_set_is_told_and_what_is_left_out_stays() {
    let app = secured().plugin::<Factors>().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let nothing = json!({ "requireTwoFactor": false, "idleTimeout": null, "maxSessions": null });
    assert_eq!(effective(&mut ada, &acme).await, nothing);
    let answer =
        set(&mut ada, &acme, json!({ "requireTwoFactor": true, "idleTimeout": 900 })).await.expect(200);
    let asks = json!({ "requireTwoFactor": true, "idleTimeout": 900, "maxSessions": null });
    assert_eq!(answer.body["effective"], asks);
    assert_eq!((&answer.body["organizationId"], &answer.body["idleTimeout"]), (&json!(acme), &json!(900)));
    set(&mut ada, &acme, json!({ "maxSessions": 2 })).await.expect(200);
    set(&mut ada, &acme, json!({ "idleTimeout": null, "requireTwoFactor": false })).await.expect(200);
    let asks = json!({ "requireTwoFactor": false, "idleTimeout": null, "maxSessions": 2 });
    assert_eq!(effective(&mut ada, &acme).await, asks);
    // Better Auth's answers know nothing of it.
    let listed = ada.get("/organization/list").await.expect(200).text;
    assert!(!listed.contains("maxSessions") && !listed.contains("requireTwoFactor"), "{listed}");
}

#[tokio::test]
async fn figures_that_make_no_sense_are_refused_and_change_nothing() {
    let app = secured().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    set(&mut ada, &acme, json!({ "maxSessions": 7 })).await.expect(200);
    for figure in [json!(299), json!(0), json!(-1), json!(31_536_001), json!(9_007_199_254_740_991_i64)] {
        let asks = json!({ "idleTimeout": figure, "maxSessions": 1 });
        set(&mut ada, &acme, asks).await.refused(400, "INVALID_IDLE_TIMEOUT");
    }
    for figure in [json!(0), json!(-5), json!(1001), json!(4_294_967_297_i64)] {
        let asks = json!({ "maxSessions": figure, "idleTimeout": 600 });
        set(&mut ada, &acme, asks).await.refused(400, "INVALID_MAX_SESSIONS");
    }
    for asks in [
        json!({ "idleTimeout": "600" }),
        json!({ "idleTimeout": 600.5 }),
        json!({ "maxSessions": [] }),
        json!({ "maxSessions": 1e30 }),
        json!({ "maxSessions": i64::MAX }),
        json!({ "requireTwoFactor": "yes" }),
        json!({ "requireTwoFactor": 1 }),
    ] {
        set(&mut ada, &acme, asks).await.refused(400, "VALIDATION_ERROR");
    }
    set(&mut ada, "nobodys", json!({})).await.refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    let asks = json!({ "requireTwoFactor": false, "idleTimeout": null, "maxSessions": 7 });
    assert_eq!(effective(&mut ada, &acme).await, asks);
}

#[tokio::test]
async fn what_this_server_cannot_hold_to_is_not_promised() {
    let app = secured().set("plugins.session.activity", false).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    set(&mut ada, &acme, json!({ "requireTwoFactor": true }))
        .await
        .refused(400, "SECOND_FACTORS_NOT_ENABLED");
    set(&mut ada, &acme, json!({ "idleTimeout": 600 })).await.refused(400, "IDLE_TIMEOUT_NOT_SUPPORTED");
    set(&mut ada, &acme, json!({ "requireTwoFactor": false, "idleTimeout": null })).await.expect(200);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_of_members_and_of_those_below() {
    let app = secured().plugin::<Factors>().start().await;
    let mut ada = app.user("ada").await;
    let (mut bob, eve) = (app.user("bob").await, app.user("eve").await);
    let holding = organization(&mut ada, "holding").await;
    let berlin = organization(&mut ada, "berlin").await;
    join(&app, &mut bob, &berlin, "member").await;
    set(&mut ada, &holding, json!({ "requireTwoFactor": true })).await.expect(200);
    assert!(demanded(&app, ada.user()).await);
    assert!(!demanded(&app, bob.user()).await, "berlin is below nothing yet");
    let below = json!({ "organizationId": berlin, "parentId": holding });
    ada.post("/organization/set-parent", below).await.expect(200);
    assert!(demanded(&app, bob.user()).await && !demanded(&app, eve.user()).await);
    // What is below cannot ask for less.
    set(&mut ada, &berlin, json!({ "requireTwoFactor": false })).await.expect(200);
    assert!(demanded(&app, bob.user()).await);
    assert_eq!(effective(&mut bob, &berlin).await["requireTwoFactor"], true);
    bob.post("/organization/leave", json!({ "organizationId": berlin })).await.expect(200);
    assert!(!demanded(&app, bob.user()).await);
}

#[tokio::test]
async fn a_members_session_goes_idle_when_the_strictest_of_their_organizations_says() {
    let app = secured().set("plugins.session.idle_timeout", 3600).start().await;
    let mut ada = app.user("ada").await;
    let (mut bob, mut eve) = (app.user("bob").await, app.user("eve").await);
    let acme = organization(&mut ada, "acme").await;
    let globex = organization(&mut eve, "globex").await;
    for (organization, actor) in [(&acme, &mut ada), (&globex, &mut eve)] {
        let timeout = if *organization == acme { 1800 } else { 600 };
        set(actor, organization, json!({ "idleTimeout": timeout })).await.expect(200);
        join(&app, &mut bob, organization, "member").await;
    }
    for actor in [&mut ada, &mut bob, &mut eve] {
        assert!(is_in(actor).await);
    }
    app.clock().advance(seconds(600));
    assert!(!is_in(&mut bob).await && !is_in(&mut eve).await);
    assert!(is_in(&mut ada).await, "acme's is longer");
    app.clock().advance(seconds(1800));
    assert!(!is_in(&mut ada).await);
}

#[tokio::test]
async fn a_member_has_as_many_sessions_as_the_strictest_allows() {
    let app = secured().start().await;
    let mut ada = app.user("ada").await;
    let holding = organization(&mut ada, "holding").await;
    let berlin = organization(&mut ada, "berlin").await;
    let below = json!({ "organizationId": berlin, "parentId": holding });
    ada.post("/organization/set-parent", below).await.expect(200);
    set(&mut ada, &holding, json!({ "maxSessions": 2 })).await.expect(200);
    set(&mut ada, &berlin, json!({ "maxSessions": 5 })).await.expect(200);
    assert_eq!(effective(&mut ada, &berlin).await["maxSessions"], 2);

    let body = json!({ "name": "Bob", "email": "bob@example.com", "password": "A long enough 1 for tests" });
    let mut first = app.anon();
    let up = first.post("/sign-up/email", body.clone()).await.expect(200);
    let user: User = app.stored_user(up.body["user"]["id"].as_str().unwrap()).await.unwrap();
    let mut second = app.signed_in(&user).await;
    join(&app, &mut second, &berlin, "member").await;
    let mut third = app.anon();
    third.post("/sign-in/email", body).await.expect(200);
    let mut left = 0;
    for actor in [&mut first, &mut second, &mut third] {
        left += usize::from(is_in(actor).await);
    }
    assert_eq!(left, 2);
    assert!(is_in(&mut third).await);
}

#[tokio::test]
async fn a_deleted_organization_asks_for_nothing() {
    let app = secured().plugin::<Factors>().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    set(&mut ada, &acme, json!({ "requireTwoFactor": true })).await.expect(200);
    ada.post("/organization/delete", json!({ "organizationId": acme })).await.expect(200);
    assert!(!demanded(&app, ada.user()).await);
}

#[tokio::test]
async fn limits_are_read_once_for_many_requests() {
    let app = secured().set("plugins.session.memory.capacity", 0).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    set(&mut ada, &acme, json!({ "idleTimeout": 600 })).await.expect(200);
    is_in(&mut ada).await;
    let (_, cost) = app.statements(is_in(&mut ada)).await;
    assert_eq!(cost, 1, "the session itself");
}
