//! One request from the edge to the commit.

use std::sync::{Arc, Mutex};

use auth_testkit::{
    TestApp,
    auth_core::{
        AfterHook, BeforeHook, Call, Event, Failure, Flow, Manifest, Match, Phase, Plugin, Registrar,
        async_trait,
        call::Request,
        endpoint::{Reply, ReplyBody, Tag},
        http::StatusCode,
        session::{SessionAuthority, SessionOutcome},
    },
    json,
};

use crate::{
    toy,
    toys::{Door, ENTER, GREET, Greeter, Greeting, KNOCK, Name, WHISPER},
};

/// Writes down which phase ran.
struct Note(Phase);

static NOTES: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(phase: Phase, what: &str) {
    NOTES.lock().unwrap().push(format!("{phase} {what}"));
}

#[async_trait]
impl BeforeHook for Note {
    async fn run(&self, call: &mut Call) -> Result<Flow, Failure> {
        note(self.0, "ran");
        let name = call.request.body.as_ref().and_then(|b| b["name"].as_str()).unwrap_or_default().to_owned();
        match (self.0, name.as_str()) {
            (Phase::Guard, "mallory") => Err(Failure::forbidden("GO_AWAY", "No")),
            (Phase::Before, "short") => {
                Ok(Flow::Answer(Reply::new(StatusCode::OK, ReplyBody::Value(json!({ "text": "cut short" })))))
            }
            (Phase::Before, "altered") => {
                call.request.body = Some(json!({ "name": "somebody else" }));
                Ok(Flow::Continue)
            }
            _ => Ok(Flow::Continue),
        }
    }
}

#[async_trait]
impl AfterHook for Note {
    async fn run(&self, _: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        note(self.0, if outcome.is_ok() { "saw an answer" } else { "saw a failure" });
        Ok(())
    }
}

toy!(Notes, Manifest::new("notes", "1.0.0", "Writes phases down").after(&["greeter"]), |host| {
    // Registered backwards: the phase decides.
    for phase in [Phase::Finish, Phase::After, Phase::Challenge] {
        host.after(phase, Match::Tag(KNOCK), Note(phase));
    }
    for phase in [Phase::Before, Phase::Guard, Phase::Identify, Phase::Transport] {
        host.before(phase, Match::Id("greet"), Note(phase));
    }
});

fn taken() -> Vec<String> {
    std::mem::take(&mut *NOTES.lock().unwrap())
}

#[tokio::test]
async fn phases_run_in_their_order() {
    let app = TestApp::builder().plugin::<Greeter>().plugin::<Notes>().start().await;
    let mut anon = app.anon();
    let before = ["transport ran", "identify ran", "guard ran", "before ran"];

    assert_eq!(anon.post("/greet", json!({ "name": "Ada" })).await.expect(200).body["text"], "Hello, Ada");
    let after = ["challenge saw an answer", "after saw an answer", "finish saw an answer"];
    assert_eq!(taken(), [&before[..], &after[..]].concat());

    // Refusals and errors pass the hooks after the handler.
    let failed = ["challenge saw a failure", "after saw a failure", "finish saw a failure"];
    anon.post("/greet", json!({ "name": "mallory" })).await.refused(403, "GO_AWAY");
    assert_eq!(taken(), [&before[..3], &failed[..]].concat());
    anon.post("/greet", json!({ "name": "boo" })).await.refused(418, "RUDE");
    assert_eq!(taken(), [&before[..], &failed[..]].concat());
    // Hooks before the handler see bodies that are not validated yet.
    anon.post("/greet", json!({ "name": 5 })).await.refused(400, "VALIDATION_ERROR");
    assert_eq!(taken(), [&before[..], &failed[..]].concat());

    assert_eq!(anon.post("/greet", json!({ "name": "short" })).await.body["text"], "cut short");
    assert_eq!(anon.post("/greet", json!({ "name": "altered" })).await.body["text"], "Hello, somebody else");
    taken();
}

#[tokio::test]
async fn no_session_comes_from_an_endpoint_that_does_not_say_so() {
    let app = TestApp::builder().plugin::<Door>().plugin::<Greeter>().start().await;
    let answer = app.anon().post("/sneak", json!({ "name": "ada" })).await.expect(500);
    assert!(answer.set_cookies().is_empty());
    let core = app.core();
    assert!(core.users().find_by_email(core.db(), "ada@example.com").await.unwrap().is_none());
}

/// Asks everybody who signs in for more.
struct Challenge;

#[async_trait]
impl AfterHook for Challenge {
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        if let SessionOutcome::Issued(pending) = call.session_outcome() {
            assert!(pending.issue.is_new());
            call.set_session(SessionOutcome::Unchanged);
            *outcome = Ok(Reply::new(StatusCode::OK, ReplyBody::Value(json!({ "more": true }))));
        }
        Ok(())
    }
}

toy!(Challenger, Manifest::new("challenger", "1.0.0", "Asks for more"), |host| {
    host.after(Phase::Challenge, Match::Tag(Tag::CREDENTIAL_SIGN_IN), Challenge);
});

async fn sessions_of(app: &TestApp, email: &str) -> usize {
    let core = app.core();
    let user = core.users().find_by_email(core.db(), email).await.unwrap().unwrap();
    core.sessions().list_live(core.db(), &user.id).await.unwrap().len()
}

#[tokio::test]
async fn a_withdrawn_session_never_was() {
    let app = TestApp::builder().plugin::<Door>().plugin::<Greeter>().plugin::<Challenger>().start().await;
    let answer = app.anon().post("/enter", json!({ "name": "ada" })).await.expect(200);
    assert_eq!(answer.body, json!({ "more": true }));
    assert!(answer.set_cookies().is_empty());
    assert_eq!(sessions_of(&app, "ada@example.com").await, 0);
}

/// Fails after the handler.
struct Late;

#[async_trait]
impl AfterHook for Late {
    async fn run(&self, _: &Arc<Call>, _: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        Err(Failure::forbidden("TOO_LATE", "Too late"))
    }
}

toy!(Spoiler, Manifest::new("spoiler", "1.0.0", "Fails late"), |host| {
    host.after(Phase::After, Match::Id("enter"), Late);
});

#[tokio::test]
async fn a_request_that_fails_leaves_nothing() {
    let app = TestApp::builder().plugin::<Door>().plugin::<Greeter>().plugin::<Spoiler>().start().await;
    let mut events = app.core().events().subscribe();
    let answer = app.anon().post("/enter", json!({ "name": "ada" })).await;
    assert!(answer.set_cookies().is_empty());
    answer.refused(403, "TOO_LATE");
    let core = app.core();
    assert!(core.users().find_by_email(core.db(), "ada@example.com").await.unwrap().is_none());
    assert!(events.try_next().is_none(), "an event of something that did not happen");
}

#[tokio::test]
async fn one_commit_for_user_and_session_and_events_after_it() {
    let app = TestApp::builder().plugin::<Door>().plugin::<Greeter>().start().await;
    let mut events = app.core().events().subscribe();
    let mut ada = app.anon();
    let answer = ada.post("/enter", json!({ "name": "ada" })).await.expect(200);
    assert_eq!(ada.cookie("door"), answer.body["text"].as_str());
    assert_eq!(sessions_of(&app, "ada@example.com").await, 1);
    let names: Vec<_> = std::iter::from_fn(|| events.try_next()).map(|e| e.name()).collect();
    assert_eq!(names, ["user.created", "session.created", "session.signed_in"]);
    let _: Option<Event> = events.try_next();
}

#[tokio::test]
async fn the_program_calls_with_types_and_with_trust() {
    let app = TestApp::builder().plugin::<Door>().plugin::<Greeter>().start().await;
    let request = |name: &str| Request::with_body(&Name { name: name.to_owned() }).unwrap();
    let text = |text: &str| Greeting { text: text.to_owned() };
    assert_eq!(app.core().call(&GREET, request("Ada")).await.unwrap(), text("Hello, Ada"));
    assert_eq!(app.core().call(&WHISPER, request("Ada")).await.unwrap(), text("psst, Ada"));
    let refused = app.core().call(&GREET, request("boo")).await.unwrap_err();
    assert_eq!((refused.status().as_u16(), refused.code()), (418, Some("RUDE")));
    let invalid = Request { body: Some(json!({})), ..Request::default() };
    assert_eq!(app.core().call(&ENTER, invalid).await.unwrap_err().code(), Some("VALIDATION_ERROR"));
    // Nobody reaches it from outside.
    assert_eq!(app.anon().post("/whisper", json!({ "name": "Ada" })).await.status, 404);
}

#[tokio::test]
async fn a_panic_is_one_failed_request() {
    // Case 304.
    let app = TestApp::builder().plugin::<Greeter>().start().await;
    let mut anon = app.anon();
    for _ in 0..3 {
        let answer = anon.get("/break").await.expect(500);
        assert_eq!(answer.code(), Some("INTERNAL_SERVER_ERROR"));
        assert!(!answer.text.contains("secret"));
        assert!(answer.set_cookies().is_empty());
    }
    anon.post("/greet", json!({ "name": "Ada" })).await.expect(200);
}

#[test]
fn the_order_is_printed() {
    let plan = TestApp::builder().plugin::<Notes>().plugin::<Greeter>().plugin::<Door>().plan().ok().unwrap();
    let plugins: Vec<_> = plan.plugins().iter().map(|p| format!("{}: {}", p.manifest, p.reason)).collect();
    assert_eq!(plugins, ["door 1.0.0: by id", "greeter 1.2.3: by id", "notes 1.0.0: after greeter"]);
    let hooks: Vec<_> =
        plan.hooks().iter().map(|h| format!("{} {} {} {}", h.phase, h.plugin, h.name, h.matches)).collect();
    assert_eq!(
        hooks,
        [
            "transport notes Note greet",
            "identify notes Note greet",
            "guard notes Note greet",
            "before notes Note greet",
            "challenge notes Note tag knock",
            "after notes Note tag knock",
            "finish notes Note tag knock",
        ]
    );
    let _ = (Greeter::MANIFEST, Registrar::default());
}

#[tokio::test]
async fn an_authority_that_knows_no_use_calls_no_session_idle() {
    let app = TestApp::builder().plugin::<Door>().plugin::<Greeter>().start().await;
    let authority = app.core().services().get::<dyn SessionAuthority>().unwrap();
    let user = app.user("ada").await.user().clone();
    let session = app.core().sessions().list_live(app.core().db(), &user.id).await.unwrap().remove(0);
    assert!(!authority.knows_use());
    authority.used(app.core(), &session).await.unwrap();
    app.clock().advance(std::time::Duration::from_secs(400 * 86_400));
    assert!(!authority.is_idle(app.core(), &session).await.unwrap());
}
