//! Plugins that replace, extend and wrap others.

use std::sync::Arc;

use auth_testkit::{
    TestApp,
    auth_core::{
        Body, Failure, Json, Manifest, MergeStrategy, Overlay, Plugin, Preset, Problem, Registrar,
        call::Request, post, serde_json::json,
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
        Some(Overlay { values: json!({ "greeting": "Ahoy", "names": ["sailors"] }), strategy })
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
