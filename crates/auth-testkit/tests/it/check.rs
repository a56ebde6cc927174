//! The suite finds what it says it finds: a plugin that breaks its rules, and one that keeps them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_core::{
    AfterHook, Body, Call, Core, Failure, Json, Key, Manifest, Match, Params, Phase, Plugin, PluginConfig,
    Preset, Problem, Query, Registrar, async_trait,
    command::{Action, Arguments, Command},
    config::NoConfig,
    endpoint::Reply,
    get, post,
    schema::{Column, Table},
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
    task::Task,
};
use auth_testkit::{TestApp, auth_core, check};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
struct Said {
    text: String,
}

/// Keeps the rules.
struct Good;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
struct GoodConfig {
    /// How often.
    times: u32,
    /// More of it.
    inner: GoodInner,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
struct GoodInner {
    /// On or off.
    on: bool,
}

impl PluginConfig for GoodConfig {
    fn preset(_: Preset) -> Self {
        Self { times: 3, inner: GoodInner { on: true } }
    }
}

auth_core::errors! {
    enum GoodError {
        Silent => (400, "NOTHING_SAID", "Say something"),
    }
}

async fn echo(Body(said): Body<Said>) -> Result<Json<Said>, GoodError> {
    if said.text.is_empty() { Err(GoodError::Silent) } else { Ok(Json(said)) }
}

impl Plugin for Good {
    const MANIFEST: Manifest = Manifest::new("good", "0.1.0", "Keeps the rules");
    type Config = GoodConfig;

    fn new(_: GoodConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.table(
            Table::new("goodThing").column(Column::text("userId").not_null().references("user", "id")),
        );
        host.endpoint(post(Key::<Said, Said>::new("goodEcho"), "/good/echo", echo).summary("Says it again"));
    }
}

#[tokio::test]
async fn a_plugin_that_keeps_the_rules_has_no_findings() {
    check::plugin::<Good>(TestApp::builder().plugin::<Good>()).await;
}

/// Breaks them.
struct Bad;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars")]
struct BadConfig {
    undescribed: u32,
    /// Its values are lost.
    #[serde(skip_deserializing)]
    lossy: u32,
    /// Open to anything.
    inner: BadInner,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars")]
struct BadInner {
    /// On or off.
    on: bool,
}

impl PluginConfig for BadConfig {
    fn preset(preset: Preset) -> Self {
        let undescribed = if preset == Preset::BetterAuth { 1000 } else { 1 };
        Self { undescribed, lossy: 7, inner: BadInner { on: true } }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let wrong = self.undescribed > 100;
        wrong.then(|| ("undescribed".to_owned(), "has to be at most 100".to_owned())).into_iter().collect()
    }
}

auth_core::errors! {
    enum BadError {
        One => (400, "TWO_MEANINGS", "One"),
        Two => (400, "TWO_MEANINGS", "Two"),
        Small => (400, "small", "Small"),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars")]
struct Count {
    count: i64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars")]
struct Credentials {
    password: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars")]
struct Page {
    from: String,
}

async fn falls(Body(input): Body<Count>) -> Result<Json<Said>, BadError> {
    assert!(input.count >= 0, "negative");
    Err(if input.count == 1 { BadError::One } else { BadError::Small })
}

async fn tells(Body(input): Body<Credentials>) -> Result<Json<Said>, BadError> {
    tracing::debug!(password = input.password, "signing in");
    Err(BadError::Two)
}

async fn refuses(Query(page): Query<Page>) -> Result<Json<Said>, BadError> {
    Err(Failure::bad_request("NEVER_DECLARED", page.from).into())
}

async fn breaks(Params(page): Params<Page>) -> Result<Json<Said>, BadError> {
    Err(Failure::internal(format!("cannot open {}", page.from)).into())
}

struct Again;

#[async_trait]
impl Task for Again {
    fn name(&self) -> &'static str {
        "again"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn run(&self, _: &Arc<Core>) -> Result<(), Failure> {
        Ok(())
    }
}

async fn nothing(_: Arc<Core>, _: Arguments) -> Result<String, Failure> {
    Ok(String::new())
}

impl Plugin for Bad {
    const MANIFEST: Manifest = Manifest::new("bad", "0.1.0", "Breaks the rules");
    type Config = BadConfig;

    fn new(_: BadConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        static TIMES: AtomicUsize = AtomicUsize::new(0);
        if TIMES.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            host.mail("sometimes", "Sent now and then");
        }
        host.table(Table::new("bad_things").column(Column::text("what")));
        host.task(Again);
        host.task(Again);
        host.alarm("Something Bad", 50);
        host.command(Command::new("bad", "Bad things").action(Action::new("do", "", nothing)));
        host.endpoint(post(Key::<Count, Said>::new("badFalls"), "/bad/falls", falls));
        host.endpoint(
            post(Key::<Credentials, Said>::new("badTells"), "/bad/tells", tells).summary("Tells secrets"),
        );
        host.endpoint(get(Key::<(), Said>::new("badRefuses"), "/good/echo", refuses).summary("Refuses"));
        host.endpoint(get(Key::<(), Said>::new("badBreaks"), "/bad/:from/breaks", breaks).summary("Breaks"));
    }
}

/// Leans on an endpoint of `bad` and does not say so.
struct Leans;

struct Watch;

#[async_trait]
impl AfterHook for Watch {
    async fn run(&self, _: &Arc<Call>, _: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        Ok(())
    }
}

impl Plugin for Leans {
    const MANIFEST: Manifest = Manifest::new("leans", "0.1.0", "Needs another");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.after(Phase::After, Match::Id("badTells"), Watch);
    }
}

#[tokio::test]
async fn each_broken_rule_is_told_at_once_with_its_place() {
    let builder = TestApp::builder().plugin::<Good>().plugin::<Bad>().plugin::<Leans>();
    let ambiguous = [("TWO_MEANINGS_NOW", "there is no such code")];
    let found = check::findings::<Bad>(builder, &ambiguous).await;
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    let expected = [
        ("plugins.bad.undescribed: ", "has no description"),
        ("plugins.bad.undescribed: ", "the preset BetterAuth do not pass `validate`: has to be at most 100"),
        ("plugins.bad: ", "takes keys that it does not know"),
        ("plugins.bad.inner: ", "takes keys that it does not know"),
        ("plugins.bad: ", "are others when they were written and read once"),
        ("plugin bad, endpoint badFalls: ", "the error TWO_MEANINGS is 400 \"Two\", and 400 \"One\""),
        ("plugin bad, endpoint badFalls: ", "`small` is not in SCREAMING_SNAKE_CASE"),
        ("plugin bad, error TWO_MEANINGS_NOW: ", "has one meaning here"),
        ("plugin bad, endpoint badFalls: ", "has no summary"),
        ("plugin bad, endpoint badRefuses: ", "GET /good/echo is at a path of plugin good"),
        ("plugin bad, `register`: ", "its mails are others the second time"),
        ("plugin bad, task again: ", "there is another one of this name"),
        ("plugin bad, event Something Bad: ", "the name of an event"),
        ("plugin bad, command bad do: ", "does not say what it does"),
        ("plugin bad, table bad_things: ", "is not in camelCase"),
        ("plugin bad, with plugins.bad.enabled = false: ", "they have to name it in `requires`"),
        ("plugin bad, endpoint badFalls: ", "answers 500: bad input is a 4xx with a code"),
        ("plugin bad, endpoint badTells: ", "a secret is in the log"),
        ("plugin bad, endpoint badRefuses: ", "answers 400 NEVER_DECLARED, which it does not declare"),
        ("plugin bad, endpoint badBreaks: ", "answers 500"),
    ];
    for (place, what) in expected {
        let told = found.iter().any(|line| line.starts_with(place) && line.contains(what));
        assert!(told, "no finding `{place}…{what}` in\n{}", found.join("\n"));
    }
    // A panic says where it was; what a request held is not in what is told of the log.
    assert!(found.iter().any(|line| line.contains("a handler panicked")), "{}", found.join("\n"));
    assert!(!found.join("\n").contains("Canary"), "{}", found.join("\n"));
    // The neighbours are not its own matter.
    assert!(!found.iter().any(|line| line.starts_with("plugin good")), "{}", found.join("\n"));
}

#[tokio::test]
async fn a_builder_without_the_plugin_is_a_finding() {
    let found = check::findings::<Bad>(TestApp::builder().plugin::<Good>(), &[]).await;
    assert!(found.iter().any(|finding| finding.what.contains("the builder has no such plugin")), "{found:?}");
}
