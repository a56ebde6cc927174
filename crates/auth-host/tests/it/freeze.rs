//! What cannot work is told before anything runs, and all of it at once.

use std::sync::Arc;

use auth_testkit::{
    TestApp,
    auth_core::{
        AfterHook, BeforeHook, Body, Call, Failure, Flow, Json, Key, Manifest, Match, Phase, ServerOnly,
        async_trait,
        endpoint::Reply,
        get, post,
        schema::{Column, CoreTable, Table},
    },
};

use crate::{
    toy,
    toys::{Greeter, Greeting, Name},
};

trait Bell: Send + Sync {}
trait Gong: Send + Sync {}
struct Iron;
impl Bell for Iron {}

struct Nop;

#[async_trait]
impl BeforeHook for Nop {
    async fn run(&self, _: &mut Call) -> Result<Flow, Failure> {
        Ok(Flow::Continue)
    }
}

#[async_trait]
impl AfterHook for Nop {
    async fn run(&self, _: &Arc<Call>, _: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        Ok(())
    }
}

async fn other(_: Body<Name>) -> Result<Json<Greeting>, Failure> {
    Ok(Json(Greeting { text: String::new() }))
}

async fn trusted(_: ServerOnly, _: Body<Name>) -> Result<Json<Greeting>, Failure> {
    Ok(Json(Greeting { text: String::new() }))
}

toy!(Wrong, Manifest::new("wrong", "1.0.0", "Does everything wrong").after(&["greeter"]), |host| {
    host.endpoint(post(Key::<Name, Greeting>::new("greet"), "/greet-too", other));
    host.endpoint(post(Key::<Name, Greeting>::new("other"), "/greet", other));
    host.endpoint(post(Key::<(), ()>::new("types"), "/types", other));
    host.endpoint(post(Key::<Name, Greeting>::new("trust"), "/trust", trusted));
    host.endpoint(get(Key::<Name, Greeting>::new("slash"), "/slash/", other));
    host.before(Phase::After, Match::All, Nop);
    host.after(Phase::Before, Match::All, Nop);
    host.before(Phase::Guard, Match::Id("great"), Nop);
    host.column(CoreTable::User, Column::text("sticker"));
    host.column(CoreTable::User, Column::text("email"));
    host.column(CoreTable::Session, Column::text("must").not_null());
    host.table(Table::new("session"));
});

#[test]
fn every_problem_is_told_at_once() {
    let Err(problems) = TestApp::builder().plugin::<Greeter>().plugin::<Wrong>().plan() else {
        panic!("this plan cannot freeze")
    };
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    for part in [
        "endpoint greet exists in plugin greeter already; declare replaces to take it over",
        "POST /greet is ",
        "the handler's body is not the type that its key names",
        "the handler's reply is not the type that its key names",
        "takes ServerOnly and has a path; register it with `internal`",
        "`/slash/` has to start with a slash and not end with one",
        "phase after comes after the handler",
        "phase before comes before the handler",
        "there is no endpoint `great`; did you mean `greet`?",
        "column user.sticker belongs to greeter already",
        "column user.email belongs to the core already",
        "column session.must is not null and has no default",
        "table session belongs to the core already",
    ] {
        assert!(told.iter().any(|t| t.contains(part)), "`{part}` is not in\n{}", told.join("\n"));
    }
}

toy!(FirstBell, Manifest::new("first", "1.0.0", ""), |host| {
    host.provide::<dyn Bell>(Arc::new(Iron));
});
toy!(SecondBell, Manifest::new("second", "1.0.0", ""), |host| {
    host.provide::<dyn Bell>(Arc::new(Iron));
    host.wrap::<dyn Gong>(|gong| gong);
});

#[tokio::test]
#[should_panic(expected = "which first provides already")]
async fn a_service_has_one_provider() {
    TestApp::builder().plugin::<FirstBell>().plugin::<SecondBell>().start().await;
}
