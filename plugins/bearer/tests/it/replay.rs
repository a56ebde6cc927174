//! Refresh tokens that come a second time.

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use auth_testkit::{
    TestApp,
    auth_core::{
        Event,
        event::Events,
        model::{FieldValue, SessionPatch},
    },
    json,
};

use crate::{
    Pair, app, just_before, name, paired, refresh, seconds, signed, stored,
    toys::{Warden, heard},
    with,
};

/// The names of what happened to sessions, in their order.
fn told(events: &mut Events) -> Vec<&'static str> {
    let all = std::iter::from_fn(|| events.try_next());
    all.filter(|event| matches!(event, Event::SessionRevoked { .. } | Event::Plugin { .. }))
        .map(|event| event.name())
        .collect()
}

async fn is_ended(app: &TestApp, pair: &Pair) {
    assert!(stored(app, pair.session_id()).await.is_none());
    assert_eq!(name(with(app, &pair.token)).await, None);
    refresh(app, &pair.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
}

#[tokio::test]
async fn a_replay_ends_the_whole_family_and_nothing_else() {
    // Case 206.
    let app = app().plugin::<Warden>().start().await;
    let ada = app.user("ada").await;
    let laptop = signed(&app, app.signed_in(ada.user()).await.token());
    let other = paired(&app, &app.signed_in(ada.user()).await, json!({})).await;
    let first = paired(&app, &ada, json!({})).await;
    let second = Pair::of(refresh(&app, &first.refresh).await);
    let third = Pair::of(refresh(&app, &second.refresh).await);
    assert_eq!(name(with(&app, &third.token)).await.as_deref(), Some("Ada"), "in memory from here on");
    let token = stored(&app, third.session_id()).await.unwrap().token;
    let mut events = app.core().events().subscribe();
    heard();
    let replayed = refresh(&app, &first.refresh).await;
    assert_eq!(replayed.text, refresh(&app, "nonsense").await.text, "the same words as for anything else");
    replayed.refused(401, "INVALID_REFRESH_TOKEN");
    assert_eq!(told(&mut events), ["session.revoked", "token.reused"]);
    assert_eq!(heard(), [format!("deleted {token}")]);
    is_ended(&app, &third).await;
    refresh(&app, &second.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    assert!(told(&mut events).is_empty(), "a family ends once");
    assert_eq!(name(with(&app, &laptop)).await.as_deref(), Some("Ada"));
    assert_eq!(name(with(&app, &other.token)).await.as_deref(), Some("Ada"));
    Pair::of(refresh(&app, &other.refresh).await);
}

#[tokio::test]
async fn the_event_says_who_and_not_what() {
    let app = app().start().await;
    let ada = app.user("ada").await;
    let first = paired(&app, &ada, json!({})).await;
    refresh(&app, &first.refresh).await.expect(200);
    let mut events = app.core().events().subscribe();
    refresh(&app, &first.refresh).await.expect(401);
    let reused = std::iter::from_fn(|| events.try_next()).find_map(|event| match event {
        Event::Plugin { plugin: "bearer", name: "token.reused", data } => Some(data),
        _ => None,
    });
    let who = json!({ "userId": ada.user().id, "sessionId": first.session_id(), "client": "default" });
    assert_eq!(reused, Some(who));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_of_a_replay_and_holds_no_token() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let app = app().start().await;
    let first = paired(&app, &app.user("ada").await, json!({})).await;
    let second = Pair::of(refresh(&app, &first.refresh).await);
    refresh(&app, &format!("{}x", first.refresh)).await.expect(401);
    refresh(&app, &first.refresh).await.expect(401);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("came twice") && text.contains(first.session_id()), "{text}");
    // Statements of the database are logged with their values nowhere.
    for secret in [&first.refresh, &second.refresh, &first.token, &second.token] {
        let longest = secret.split('.').max_by_key(|part| part.len()).unwrap();
        assert!(!text.contains(longest), "the log holds {longest}");
    }
}

#[tokio::test]
async fn within_the_leeway_the_same_pair_comes_again() {
    let app = app().set("plugins.bearer.clients.default.reuse_leeway", 30).start().await;
    let first = paired(&app, &app.user("ada").await, json!({})).await;
    app.clock().advance(seconds(100));
    let second = Pair::of(refresh(&app, &first.refresh).await);
    app.clock().advance(just_before(30));
    let again = Pair::of(refresh(&app, &first.refresh).await);
    assert_eq!((&again.token, &again.refresh), (&second.token, &second.refresh));
    assert_eq!(again.body["expiresAt"], second.body["expiresAt"]);
    assert_eq!(again.body["expiresIn"], 870, "whole seconds that are left");
    assert_eq!(name(with(&app, &second.token)).await.as_deref(), Some("Ada"));
    app.clock().advance(Duration::from_millis(1));
    refresh(&app, &first.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    is_ended(&app, &second).await;
}

#[tokio::test]
async fn the_leeway_is_for_the_last_token_alone() {
    let app = app().set("plugins.bearer.clients.default.reuse_leeway", 30).start().await;
    let first = paired(&app, &app.user("ada").await, json!({})).await;
    let second = Pair::of(refresh(&app, &first.refresh).await);
    let third = Pair::of(refresh(&app, &second.refresh).await);
    assert_eq!(Pair::of(refresh(&app, &second.refresh).await), third);
    refresh(&app, &first.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    is_ended(&app, &third).await;
}

#[tokio::test]
async fn other_changes_of_the_session_do_not_lengthen_the_leeway() {
    let app = app()
        .set("plugins.bearer.clients.default.reuse_leeway", 30)
        .config("[plugins.session.fields]\nnote = { type = \"string\" }")
        .start()
        .await;
    let first = paired(&app, &app.user("ada").await, json!({})).await;
    let second = Pair::of(refresh(&app, &first.refresh).await);
    app.clock().advance(seconds(29));
    with(&app, &second.token).post("/update-session", json!({ "note": "x" })).await.expect(200);
    app.clock().advance(seconds(1));
    refresh(&app, &first.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    is_ended(&app, &second).await;
}

#[tokio::test]
async fn a_token_newer_than_the_row_ends_the_family_too() {
    // A backup was restored, so nobody knows any more which tokens were redeemed.
    let app = app().start().await;
    let first = paired(&app, &app.user("ada").await, json!({})).await;
    let row = stored(&app, first.session_id()).await.unwrap();
    let second = Pair::of(refresh(&app, &first.refresh).await);
    let extra = vec![("refreshGeneration".to_owned(), FieldValue::Integer(1))];
    let restored = SessionPatch { extra, token: Some(row.token.clone()), ..SessionPatch::default() };
    let tx = app.core().begin().await.unwrap();
    app.core().sessions().update(&tx, &row, restored).await.unwrap();
    tx.commit().await.unwrap();
    refresh(&app, &second.refresh).await.refused(401, "INVALID_REFRESH_TOKEN");
    is_ended(&app, &first).await;
}
