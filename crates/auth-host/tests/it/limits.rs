//! Rate rules: what is counted together, what clients are told, and what happens without a store.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use auth_host::{RateLimitConfig, Sources};
use auth_testkit::{
    Actor, TestApp,
    auth_core::{
        Call, Failure, Manifest, Preset, async_trait,
        rate::{Ask, KeyPart, Limit, Limiter, RateRule, Verdict},
        session::{Claim, Level, SessionSource},
    },
    json,
};

use crate::{
    toy,
    toys::{Door, Greeter},
};

toy!(Ruled, Manifest::new("ruled", "1.0.0", "Has rules").after(&["greeter"]), |host| {
    host.rate(RateRule::exact("/greet", Limit::new(3, Duration::from_mins(1))));
    let budget = Limit::new(4, Duration::from_mins(1));
    host.rate(RateRule::prefix("/", budget).beside("budget", &[KeyPart::Ip]));
});

/// Takes keys from a header, and nobody for who has one.
struct Badges([String; 1]);

#[async_trait]
impl SessionSource for Badges {
    fn headers(&self) -> &[String] {
        &self.0
    }

    async fn find(&self, _: &Arc<Call>, _: Level) -> Result<Option<Claim>, Failure> {
        Ok(None)
    }
}

toy!(Keyed, Manifest::new("keyed", "1.0.0", "Has a rule by key").after(&["greeter"]), |host| {
    host.contribute::<dyn SessionSource>(Arc::new(Badges(["x-badge".to_owned()])));
    let rule = RateRule::exact("/greet", Limit::new(2, Duration::from_mins(1)));
    host.rate(rule.beside("badges", &[KeyPart::ApiKey, KeyPart::Path]));
});

#[tokio::test]
async fn a_rule_by_key_counts_each_key_wherever_it_comes_from() {
    let app = TestApp::builder()
        .plugin::<Greeter>()
        .plugin::<Keyed>()
        .set("rate_limit.enabled", true)
        .set("ip.trusted_proxies", ["127.0.0.1"])
        .start()
        .await;
    let body = r#"{"name":"ada"}"#;
    let holding = |badge: &str, ip: &str| from(&app, ip).header("x-badge", badge);
    assert_eq!(statuses(&mut holding("one", "192.0.2.1"), "/greet", body, 2).await, [200, 200]);
    assert_eq!(statuses(&mut holding("one", "192.0.2.2"), "/greet", body, 1).await, [429]);
    assert_eq!(statuses(&mut holding("two", "192.0.2.1"), "/greet", body, 2).await, [200, 200]);
    // Who has none is counted by address.
    assert_eq!(statuses(&mut from(&app, "192.0.2.3"), "/greet", body, 3).await, [200, 200, 429]);
}

fn app() -> auth_testkit::Builder {
    TestApp::builder()
        .plugin::<Greeter>()
        .plugin::<Door>()
        .plugin::<Ruled>()
        .set("rate_limit.enabled", true)
        .set("ip.trusted_proxies", ["127.0.0.1"])
}

fn from(app: &TestApp, ip: &str) -> Actor {
    app.anon().header("x-forwarded-for", ip)
}

async fn statuses(actor: &mut Actor, path: &str, body: &str, times: usize) -> Vec<u16> {
    let mut found = Vec::new();
    for _ in 0..times {
        found.push(actor.post_raw(path, body.to_owned()).await.status);
    }
    found
}

const ADA: &str = r#"{ "name": "x", "email": "Ada@Example.com" }"#;
const BOB: &str = r#"{ "name": "x", "email": "bob@example.com" }"#;

#[tokio::test]
async fn several_limits_hold_at_once_and_a_refusal_counts_on_none() {
    let app = app().start().await;
    let mut actor = from(&app, "203.0.113.1");
    assert_eq!(statuses(&mut actor, "/greet", ADA, 5).await, [200, 200, 200, 429, 429]);
    // Of the budget of four, three are used: the refused ones were not counted.
    assert_eq!(statuses(&mut actor, "/other", ADA, 2).await, [404, 429]);
}

#[tokio::test]
async fn an_account_is_one_in_every_spelling_and_from_every_address() {
    let rule = "[rate_limit.rules.guess]\npath = \"/greet\"\nmax = 2\nwindow = 60\nkey = [\"account\"]\nbeside = true\n";
    let app = app().config(rule).start().await;
    assert_eq!(statuses(&mut from(&app, "203.0.113.1"), "/greet", ADA, 1).await, [200]);
    let other = ADA.replace("Ada@E", "aDA@e");
    assert_eq!(statuses(&mut from(&app, "203.0.113.2"), "/greet", &other, 2).await, [200, 429]);
    assert_eq!(statuses(&mut from(&app, "203.0.113.3"), "/greet", BOB, 1).await, [200]);
    // Neither does another name beside it make it another one.
    let beside = ADA.replace('{', "{ \"username\": \"somebody\", ");
    assert_eq!(statuses(&mut from(&app, "203.0.113.3"), "/greet", &beside, 1).await, [429]);
    // A body that names nobody counts for the address it came from.
    let nobody = r#"{ "name": "x" }"#;
    assert_eq!(statuses(&mut from(&app, "203.0.113.4"), "/greet", nobody, 3).await, [200, 200, 429]);
    assert_eq!(statuses(&mut from(&app, "203.0.113.5"), "/greet", nobody, 1).await, [200]);
}

#[tokio::test]
async fn a_class_of_paths_has_one_counter_and_a_path_its_own() {
    let rules = |key: &str| {
        format!(
            "[rate_limit.rules.\"/a*\"]\nmax = 1\nwindow = 60\nkey = [{key}]\n[rate_limit.rules.budget]\nmax = 0\n"
        )
    };
    let own = app().config(&rules("\"ip\", \"path\"")).start().await;
    let mut actor = from(&own, "203.0.113.1");
    assert_eq!(statuses(&mut actor, "/a1", "", 2).await, [404, 429]);
    assert_eq!(statuses(&mut actor, "/a2", "", 2).await, [404, 429]);
    let class = app().config(&rules("\"ip\", \"path-class\"")).start().await;
    let mut actor = from(&class, "203.0.113.1");
    assert_eq!(statuses(&mut actor, "/a1", "", 1).await, [404]);
    assert_eq!(statuses(&mut actor, "/a2", "", 1).await, [429]);
}

/// A cookie that was signed here.
fn own(app: &TestApp) -> String {
    app.core().signer().sign("token")
}

#[tokio::test]
async fn credentials_are_counted_apart_and_a_made_up_cookie_is_none() {
    let rule = "[rate_limit.rules.mine]\npath = \"*\"\nmax = 1\nwindow = 60\nkey = [\"session\"]\nbeside = true\n\
                [rate_limit.rules.budget]\nmax = 0\n";
    let app = app().config(rule).start().await;
    let with = |token: &str| from(&app, "203.0.113.1").header("authorization", &format!("Bearer {token}"));
    assert_eq!(statuses(&mut with("one"), "/x", "", 2).await, [404, 429]);
    assert_eq!(statuses(&mut with("two"), "/x", "", 2).await, [404, 429]);
    // Two in one request count both: a token beside the real one opens no new counter.
    let mut both = with("one").header("cookie", &format!("__Secure-better-auth.session_token={}", own(&app)));
    assert_eq!(statuses(&mut both, "/x", "", 1).await, [429]);
    let mut both = with("new").header("cookie", &format!("__Secure-better-auth.session_token={}", own(&app)));
    assert_eq!(statuses(&mut both, "/x", "", 1).await, [404]);
    let mut both =
        with("newer").header("cookie", &format!("__Secure-better-auth.session_token={}", own(&app)));
    assert_eq!(statuses(&mut both, "/x", "", 1).await, [429]);
    for at in 0..3 {
        let cookie = format!("__Secure-better-auth.session_token=made.up{at}");
        let mut actor = from(&app, "203.0.113.1").header("cookie", &cookie);
        assert_eq!(statuses(&mut actor, "/x", "", 1).await, [if at == 0 { 404 } else { 429 }]);
    }
}

#[tokio::test]
async fn answers_say_how_a_client_stands_but_not_in_the_preset_of_better_auth() {
    let app = app().start().await;
    let mut actor = from(&app, "203.0.113.1");
    let said = |answer: &auth_testkit::Answer| {
        ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"]
            .map(|name| answer.header(name).map(str::to_owned).unwrap_or_default())
    };
    let greeting = json!({ "name": "x" });
    let answer = actor.post("/greet", greeting.clone()).await.expect(200);
    assert_eq!(said(&answer), ["3", "2", "60"], "the tighter one of two");
    actor.post("/greet", greeting.clone()).await.expect(200);
    actor.post("/greet", greeting.clone()).await.expect(200);
    let refused = actor.post("/greet", greeting.clone()).await.expect(429);
    assert_eq!(said(&refused), ["3", "0", "60"]);
    assert_eq!(refused.header("retry-after"), Some("60"));
    let upstream = self::app().preset(Preset::BetterAuth).start().await;
    let answer = upstream.anon().post("/greet", greeting).await.expect(200);
    assert_eq!(said(&answer), ["", "", ""]);
}

/// Is away when it is told to be.
#[derive(Default)]
struct Away(AtomicBool);

#[async_trait]
impl Limiter for Away {
    async fn hit(&self, _: &[Ask], _: i64) -> Result<Verdict, Failure> {
        if self.0.load(Ordering::Relaxed) { Err(Failure::internal("away")) } else { Ok(Verdict::allowed([])) }
    }

    async fn forget(&self, _: &Ask, _: i64) -> Result<(), Failure> {
        if self.0.load(Ordering::Relaxed) { Err(Failure::internal("away")) } else { Ok(()) }
    }
}

#[tokio::test]
async fn without_its_store_each_rule_does_what_it_says() {
    for (fail, expected) in [("memory", [200, 200, 200, 429]), ("open", [200; 4]), ("closed", [503; 4])] {
        let rule = format!("[rate_limit.rules.\"/greet\"]\nmax = 3\nwindow = 60\nfail = \"{fail}\"\n");
        let store = Arc::new(Away::default());
        let app = app().config(&rule).limiter(store.clone()).start().await;
        let mut actor = from(&app, "203.0.113.1");
        assert_eq!(statuses(&mut actor, "/greet", ADA, 5).await, [200; 5]);
        store.0.store(true, Ordering::Relaxed);
        assert_eq!(statuses(&mut actor, "/greet", ADA, 4).await, expected, "{fail}");
        if fail == "closed" {
            let answer = actor.post_raw("/greet", ADA).await;
            assert_eq!(answer.header("retry-after"), Some("5"));
            answer.refused(503, "RATE_LIMITER_UNAVAILABLE");
        }
        // What wants a counter forgotten does not fail.
        let limiter = app.core().limiter();
        let ask = Ask::new("attempts", Limit::growing(1, Duration::from_mins(1), Duration::from_mins(1)));
        for _ in 0..2 {
            assert!(limiter.hit(std::slice::from_ref(&ask), 0).await.unwrap().is_allowed());
            limiter.forget(&ask, 0).await.unwrap();
        }
    }
}

fn rules(toml: &str) -> RateLimitConfig {
    let text = format!("secret = \"a secret that only tests use, 0123456789 abcdef\"\n{toml}");
    auth_host::load(&Sources::empty().toml(&text), &[]).map_err(drop).unwrap().config.rate_limit
}

#[tokio::test]
async fn rules_change_while_it_runs_and_wrong_ones_change_nothing() {
    let app = app().start().await;
    let mut actor = from(&app, "203.0.113.1");
    assert_eq!(statuses(&mut actor, "/greet", ADA, 4).await, [200, 200, 200, 429]);
    let host = app.host();
    host.set_rate_limits(&rules("[rate_limit.rules.\"/greet\"]\nmax = 5\nwindow = 60")).unwrap();
    assert_eq!(
        statuses(&mut actor, "/greet", ADA, 3).await,
        [200, 200, 429],
        "what was counted stays counted"
    );
    let wrong = host.set_rate_limits(&rules("[rate_limit.rules.bugdet]\nmax = 9")).unwrap_err();
    assert!(wrong[0].to_string().contains("did you mean `budget`?"), "{wrong:?}");
    assert_eq!(statuses(&mut actor, "/greet", ADA, 1).await, [429]);
    host.set_rate_limits(&rules("[rate_limit]\nenabled = false")).unwrap();
    assert_eq!(statuses(&mut actor, "/greet", ADA, 9).await, [200; 9]);
}

#[test]
fn rules_that_would_do_harm_are_refused() {
    let problems = |toml: &str| {
        let problems = app().config(toml).plan().err().unwrap();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    for (rule, wanted) in [
        ("[rate_limit.rules.\"/greet\"]\nmax = 3\nkey = [\"account\"]", "with `beside = true`"),
        ("[rate_limit.rules.\"/greet\"]\nmax = 3\nkey = []", "has to name something"),
        ("[rate_limit.rules.\"/greet\"]\nmax = 3\nwindow = 0", "has to be from 1"),
        ("[rate_limit.rules.\"/greet\"]\nmax = 3\nburst = 9", "token-bucket"),
        ("[rate_limit.rules.\"/greet\"]\nmax = 3\nalgorithm = \"leaky\"", "token-bucket"),
        ("[rate_limit.rules.greet]\nmax = 3", "no plugin has such a rule"),
        ("[rate_limit.rules.\"/greet\"]\nmaks = 3", "did you mean `max`?"),
    ] {
        let found = problems(rule);
        assert!(found.contains(wanted), "{rule}: {found}");
    }
}
