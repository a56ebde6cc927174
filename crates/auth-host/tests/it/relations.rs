//! Plugins that replace, extend and wrap others.

use std::sync::Arc;

use auth_host::{Builder, Explained, Said, Sections, Sources};
use auth_testkit::{
    TestApp,
    auth_core::{
        Body, Failure, Json, Manifest, MergeStrategy, Overlay, Plugin, Preset, Problem, Registrar,
        call::Request,
        post,
        serde_json::{Map, json},
    },
};

use crate::{
    toy,
    toys::{GREET, Greeter, Greeting, Name, NoConfig},
};

async fn shout(Body(input): Body<Name>) -> Result<Json<Greeting>, Failure> {
    Ok(Json(Greeting { text: input.name.to_uppercase() }))
}

toy!(Shouter, Manifest::new("shouter", "1.0.0", "Shouts").replaces("greeter"), |host| {
    host.endpoint(post(GREET, "/greet", shout));
});

#[tokio::test]
async fn what_is_replaced_stays_callable() {
    let app = TestApp::builder().plugin::<Greeter>().plugin::<Shouter>().start().await;
    let answer = app.anon().post("/greet", json!({ "name": "ada" })).await.expect(200);
    assert_eq!(answer.body["text"], "ADA");
    let request = || Request::with_body(&Name { name: "ada".to_owned() }).unwrap();
    assert_eq!(app.core().call(&GREET, request()).await.unwrap().text, "ADA");
    assert_eq!(app.core().call_replaced("greeter", &GREET, request()).await.unwrap().text, "Hello, ada");
}

/// Extends the greeter's configuration.
struct Extender<const STRATEGY: u8>;

impl<const STRATEGY: u8> Plugin for Extender<STRATEGY> {
    const MANIFEST: Manifest = Manifest::new("extender", "1.0.0", "Adds names").extends("greeter");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn overlay(_: Preset) -> Option<Overlay> {
        let strategy = match STRATEGY {
            0 => MergeStrategy::BaseWins,
            1 => MergeStrategy::CustomWins,
            _ => MergeStrategy::Merge,
        };
        Some(Overlay::new(json!({ "greeting": "Ahoy", "names": ["sailors"] })).strategy(strategy))
    }

    fn register(self: Arc<Self>, _: &mut Registrar) {}
}

async fn greeter_of<P: Plugin>(greeting: Option<&str>) -> (String, Vec<String>) {
    let mut builder = TestApp::builder().plugin::<Greeter>().plugin::<P>();
    if let Some(greeting) = greeting {
        builder = builder.set("plugins.greeter.greeting", greeting);
    }
    let app = builder.start().await;
    let greeter = app.core().plugin::<Greeter>().unwrap();
    (greeter.config.greeting.clone(), greeter.config.names.clone())
}

#[tokio::test]
async fn extending_merges_as_it_says_and_the_operator_wins() {
    assert_eq!(greeter_of::<Extender<0>>(None).await, ("Hello".into(), vec!["all".into()]));
    assert_eq!(greeter_of::<Extender<1>>(None).await, ("Ahoy".into(), vec!["sailors".into()]));
    assert_eq!(greeter_of::<Extender<2>>(None).await, ("Ahoy".into(), vec!["all".into(), "sailors".into()]));
    assert_eq!(greeter_of::<Extender<1>>(Some("Moin")).await.0, "Moin");
}

/// Extends the greeter with a strategy for each key.
struct Careful;

impl Plugin for Careful {
    const MANIFEST: Manifest = Manifest::new("careful", "1.0.0", "Adds names").extends("greeter");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn overlay(_: Preset) -> Option<Overlay> {
        let values = json!({ "greeting": "Ahoy", "names": ["sailors"], "times": 4 });
        let overlay = Overlay::new(values).strategy(MergeStrategy::BaseWins);
        Some(overlay.key("names", MergeStrategy::Merge).key("times", MergeStrategy::CustomWins))
    }

    fn register(self: Arc<Self>, _: &mut Registrar) {}
}

#[tokio::test]
async fn each_key_may_have_a_strategy_of_its_own() {
    let app = TestApp::builder().plugin::<Greeter>().plugin::<Careful>().start().await;
    let config = &app.core().plugin::<Greeter>().unwrap().config;
    assert_eq!((config.greeting.as_str(), config.times), ("Hello", 4));
    assert_eq!(config.names, ["all", "sailors"]);
}

#[test]
fn it_is_told_what_each_layer_said_and_what_counts() {
    let builder = |sources| Builder::default().plugin::<Greeter>().plugin::<Careful>().sources(sources);
    let explain = |sources, key: &str| {
        let sections = Sections { defaults: Map::new(), schemas: Map::new() };
        builder(sources).explain(key, sections).unwrap()
    };
    let told = |one: &Explained| {
        let line = |(said, counts): &(Said, bool)| (said.layer.clone(), said.value.clone(), *counts);
        one.said.iter().map(line).collect::<Vec<_>>()
    };
    let by = |strategy: &str| format!("plugin careful, which extends greeter ({strategy})");
    let default = || "default of preset tessera".to_owned();

    let names = explain(Sources::empty(), "plugins.greeter.names");
    assert_eq!(names[0].value, json!(["all", "sailors"]));
    assert_eq!(names[0].about.as_deref(), Some("To whom it says it."));
    assert_eq!(told(&names[0]), [(default(), json!(["all"]), true), (by("merge"), json!(["sailors"]), true)]);
    let all = explain(Sources::empty().set("plugins.greeter.times", 2), "plugins.greeter");
    let find = |key: &str| all.iter().find(|one| one.key.ends_with(key)).unwrap();
    assert_eq!(
        told(find("times")),
        [
            (default(), json!(1), false),
            (by("custom wins"), json!(4), false),
            ("the program".to_owned(), json!(2), true)
        ]
    );
    let greeting = find("greeting");
    assert_eq!(greeting.value, json!("Hello"));
    assert_eq!(told(greeting), [(by("base wins"), json!("Ahoy"), false), (default(), json!("Hello"), true)]);
    assert_eq!(find("enabled").value, json!(true));
}

/// An overlay for keys that are not there.
struct Confused;

impl Plugin for Confused {
    const MANIFEST: Manifest = Manifest::new("confused", "1.0.0", "").extends("greeter");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn overlay(_: Preset) -> Option<Overlay> {
        Some(Overlay::new(json!({ "greting": "Ahoy" })).key("names", MergeStrategy::Merge))
    }

    fn register(self: Arc<Self>, _: &mut Registrar) {}
}

#[test]
fn an_overlay_is_checked_before_it_is_merged() {
    let problems = TestApp::builder().plugin::<Greeter>().plugin::<Confused>().plan().err().unwrap();
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "plugin confused: its overlay: has a strategy for `names` and no value",
            "plugin confused: its overlay: has `greting`, which is no key; did you mean `greeting`?"
        ]
    );
}

trait Voice: Send + Sync {
    fn say(&self) -> String;
}

struct Plain;
impl Voice for Plain {
    fn say(&self) -> String {
        "hello".to_owned()
    }
}

struct Twice(Arc<dyn Voice>);
impl Voice for Twice {
    fn say(&self) -> String {
        format!("{0} {0}", self.0.say())
    }
}

toy!(Singer, Manifest::new("singer", "1.0.0", ""), |host| {
    host.provide::<dyn Voice>(Arc::new(Plain));
    host.contribute::<dyn Voice>(Arc::new(Plain));
});
toy!(Echo, Manifest::new("echo", "1.0.0", ""), |host| {
    host.wrap::<dyn Voice>(|voice| Arc::new(Twice(voice)));
    host.contribute::<dyn Voice>(Arc::new(Plain));
});

#[tokio::test]
async fn services_are_wrapped_and_slots_collect() {
    let app = TestApp::builder().plugin::<Singer>().plugin::<Echo>().start().await;
    assert_eq!(app.core().services().get::<dyn Voice>().unwrap().say(), "hello hello");
    assert_eq!(app.core().services().slot::<dyn Voice>().count(), 2);
}
