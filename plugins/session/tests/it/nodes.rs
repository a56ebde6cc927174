//! Sessions on several nodes: what one ends, the others do not answer.

use std::time::Duration;

use auth_core::{
    Means,
    call::Request,
    http::header,
    model::UserPatch,
    ports::{NodeMemory, SharedKey, Shelf},
    session::Level,
};
use auth_testkit::{Actor, TestApp, auth_core, json, race};

use crate::bare;

/// Who the node says is signed in, from its memory where it can.
async fn name(node: &TestApp, cookies: &Actor) -> Option<String> {
    let mut there = node.anon();
    let (name, value) = cookies.cookie_pair("session_token").expect("a session");
    there.set_cookie(&name, &value);
    let body = there.get("/get-session").await.expect(200).body;
    body["user"]["name"].as_str().map(str::to_owned)
}

async fn two(in_touch: bool) -> (TestApp, TestApp, Actor) {
    let builder = bare();
    let one = if in_touch { builder.in_touch() } else { builder }.start().await;
    let two = bare().start_beside(&one).await;
    let ada = one.user("ada").await;
    assert_eq!(name(&two, &ada).await.as_deref(), Some("Ada"));
    (one, two, ada)
}

#[tokio::test]
async fn a_session_that_ends_on_one_node_ends_on_all_at_once() {
    let (_one, two, mut ada) = two(true).await;
    let before = ada.clone();
    ada.post("/sign-out", json!({})).await.expect(200);
    assert_eq!(name(&two, &before).await, None);
}

#[tokio::test]
async fn a_user_who_changes_on_one_node_changes_on_all_at_once() {
    let (one, two, ada) = two(true).await;
    one.change_user(&ada.user().id, UserPatch { name: Some("Grace".to_owned()), ..UserPatch::default() })
        .await;
    assert_eq!(name(&two, &ada).await.as_deref(), Some("Grace"));
}

#[tokio::test]
async fn a_node_that_missed_something_reads_everything_again() {
    let (_one, two, mut ada) = two(false).await;
    let before = ada.clone();
    ada.post("/sign-out", json!({})).await.expect(200);
    assert!(name(&two, &before).await.is_some(), "nobody has told it, and it was not long ago");
    for memory in two.core().services().slot::<dyn NodeMemory>() {
        memory.distrust(two.core());
    }
    assert_eq!(name(&two, &before).await, None);
}

/// A session as another node answers it, and the statements that it takes.
async fn cost(node: &TestApp, cookies: &Actor) -> (Option<String>, u64) {
    node.statements(name(node, cookies)).await
}

#[tokio::test]
async fn what_one_node_has_read_the_others_take_from_where_nodes_share() {
    let one = bare().in_touch().start().await;
    let two = bare().start_beside(&one).await;
    let ada = one.user("ada").await;
    assert_eq!(cost(&one, &ada).await, (Some("Ada".to_owned()), 1), "the first one asks the database");
    assert_eq!(cost(&two, &ada).await, (Some("Ada".to_owned()), 0), "the second one does not");
    assert_eq!((cost(&one, &ada).await.1, cost(&two, &ada).await.1), (0, 0));
}

#[tokio::test]
async fn a_shared_session_is_the_whole_row() {
    let builder = || bare().config("[plugins.session.fields.theme]\ntype = \"string\"");
    let one = builder().in_touch().start().await;
    let (two, three) = (builder().start_beside(&one).await, builder().start_beside(&one).await);
    let before = three.core().db().statements();
    let mut ada = one.signed_in_by(one.user("ada").await.user(), &[Means::PASSWORD, Means::OTP]).await;
    ada.post("/update-session", json!({ "theme": "dark" })).await.expect(200);
    let mut there = two.anon();
    let (cookie, value) = ada.cookie_pair("session_token").unwrap();
    there.set_cookie(&cookie, &value);
    let here = ada.get("/get-session").await.expect(200).body;
    let (answer, statements) = two.statements(there.get("/get-session")).await;
    assert_eq!(statements, 0);
    assert_eq!(answer.body, here);
    assert_eq!(here["session"]["theme"], "dark");
    // What answers do not show is there too.
    let mut request = Request::default();
    request.headers.insert(header::COOKIE, format!("{cookie}={value}").parse().unwrap());
    let (identity, _) = three.host().identify(request, Level::Cached).await.unwrap();
    let identity = identity.expect("somebody is signed in");
    assert_eq!(three.core().db().statements(), before, "nothing was read");
    assert!(identity.session.proofs().iter().any(|proof| proof.means == Means::OTP));
}

#[tokio::test]
async fn sessions_are_remembered_for_half_an_hour_while_nodes_hear_each_other() {
    // Writing down the last use would count.
    let builder = || bare().set("plugins.session.activity", false);
    let one = builder().in_touch().start().await;
    let two = builder().start_beside(&one).await;
    let ada = one.user("ada").await;
    let both = async || (cost(&one, &ada).await.1, cost(&two, &ada).await.1);
    both().await;
    one.clock().advance(Duration::from_secs(30 * 60 - 1));
    assert_eq!(both().await, (0, 0));
    one.clock().advance(Duration::from_secs(1));
    // One reads it again, and the other takes it from there.
    assert_eq!(both().await, (1, 0));
}

#[tokio::test]
async fn what_is_remembered_for_half_an_hour_ends_when_it_is_idle_or_over() {
    let seconds = Duration::from_secs;
    for (setting, over) in [("idle_timeout", seconds(600)), ("expires_in", seconds(900))] {
        let key = format!("plugins.session.{setting}");
        let builder = || bare().set(&key, over.as_secs()).set("plugins.session.update_age", 800);
        let one = builder().in_touch().start().await;
        let mut ada = one.user("ada").await;
        ada.get("/get-session").await.expect(200);
        one.clock().advance(over);
        let answer = ada.get("/get-session").await.expect(200);
        assert_eq!(answer.text, "null", "{setting}");
        assert!(answer.set_cookie("session_token").unwrap().contains("Max-Age=0"), "{setting}");
    }
}

#[tokio::test]
async fn a_node_that_is_alone_remembers_for_seconds_whatever_is_configured() {
    let app = bare().set("plugins.session.memory.session_ttl", 600).start().await;
    let ada = app.user("ada").await;
    cost(&app, &ada).await;
    app.clock().advance(Duration::from_secs(9));
    assert_eq!(cost(&app, &ada).await.1, 0);
    app.clock().advance(Duration::from_secs(1));
    assert_eq!(cost(&app, &ada).await.1, 1);
}

// Case 4, on several nodes. Case 16.
#[tokio::test]
async fn all_that_ends_sessions_ends_them_everywhere() {
    let one = bare().in_touch().start().await;
    let two = bare().start_beside(&one).await;
    let mut laptop = one.user("ada").await;
    let phone = one.signed_in(laptop.user()).await;
    let signed_in = async || (name(&two, &laptop.clone()).await, name(&two, &phone).await);
    assert_eq!(signed_in().await, (Some("Ada".to_owned()), Some("Ada".to_owned())));
    laptop.post("/revoke-other-sessions", json!({})).await.expect(200);
    assert_eq!(name(&two, &phone).await, None);
    // A user who is deleted, with a session that nobody has signed out of.
    let tx = one.core().begin().await.unwrap();
    assert!(one.core().users().delete(&tx, laptop.user()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!((name(&one, &laptop).await, name(&two, &laptop).await), (None, None));
}

#[tokio::test]
async fn a_refresh_on_one_node_is_known_to_all() {
    let one = bare().in_touch().start().await;
    let two = bare().start_beside(&one).await;
    let ada = one.user("ada").await;
    name(&two, &ada).await;
    one.clock().advance(Duration::from_secs(86_401));
    let until = async |node: &TestApp| {
        let mut there = node.anon();
        let (cookie, value) = ada.cookie_pair("session_token").unwrap();
        there.set_cookie(&cookie, &value);
        there.get("/get-session").await.expect(200).body["session"]["expiresAt"].clone()
    };
    let first = until(&one).await;
    let (second, statements) = two.statements(until(&two)).await;
    assert_eq!(first, second);
    assert!(statements <= 2, "{statements}: it reads it and does not write it again");
}

#[tokio::test]
async fn many_requests_of_one_session_at_once_read_it_once() {
    let app = bare().start().await;
    let ada = app.user("ada").await;
    let before = app.core().db().statements();
    let answers = race(50, |_| {
        let (app, ada) = (app.clone(), ada.clone());
        async move { name(&app, &ada).await }
    })
    .await;
    assert!(answers.iter().all(|name| name.as_deref() == Some("Ada")));
    assert_eq!(app.core().db().statements() - before, 1);
}

/// Puts something else in the place of what nodes share of a token.
async fn replace(node: &TestApp, token: &str, value: &[u8]) {
    let (core, key) = (node.core(), SharedKey { kind: "session", key: token });
    let shared = core.nodes().shared().unwrap();
    let (Shelf::Found { claim, .. } | Shelf::Empty(claim)) = shared.get(core, key).await else {
        panic!("it is there")
    };
    shared.put(core, key, value, Duration::from_secs(60), claim).await;
}

#[tokio::test]
async fn what_lies_where_nodes_share_signs_nobody_else_in_and_nobody_out() {
    let one = bare().in_touch().start().await;
    let (ada, grace) = (one.user("ada").await, one.user("grace").await);
    name(&one, &grace).await;
    let key = SharedKey { kind: "session", key: grace.token() };
    let shared = one.core().nodes().shared().unwrap();
    let Shelf::Found { value: of_grace, .. } = shared.get(one.core(), key).await else {
        panic!("it is shared")
    };
    let text = String::from_utf8(of_grace.clone()).unwrap();
    // With the token of Ada, but of nobody; and with a column that this release does not have.
    let torn = text.replace(grace.token(), ada.token()).replacen(&grace.user().id, "nobody", 1);
    let wider = text.replacen('{', "{\"column\":1,", 1);
    let two = bare().start_beside(&one).await;
    replace(&two, grace.token(), wider.as_bytes()).await;
    assert_eq!(cost(&two, &grace).await, (Some("Grace".to_owned()), 1));
    let garbage = [b"".as_slice(), b"x", b"[]", b"[{},{}]", b"null"];
    for other in [&garbage[..], &[of_grace.as_slice(), &of_grace[1..], torn.as_bytes()]].concat() {
        let node = bare().start_beside(&one).await;
        replace(&node, ada.token(), other).await;
        assert_eq!(cost(&node, &ada).await, (Some("Ada".to_owned()), 1), "{other:?}");
    }
}
