//! What ends a socket.

use std::time::Duration;

use auth_core::{
    model::UserPatch,
    sea_orm::{ConnectionTrait, Statement},
};
use auth_testkit::{Actor, json};

use crate::support::{Node, app, browser};

/// Two nodes that hear each other.
async fn two() -> (Node, Node) {
    let builder = || app().set("plugins.api-key.sessions", true);
    let one = builder().in_touch().start().await;
    let two = builder().start_beside(&one).await;
    (Node::serve(one).await, Node::serve(two).await)
}

/// The same person, talking to the other node.
fn at(node: &Node, actor: &Actor) -> Actor {
    let (name, value) = actor.cookie_pair("session_token").unwrap();
    let mut there = node.app.anon();
    there.set_cookie(&name, &value);
    there
}

/// Case 275: on the node where it happens, and on the other one.
#[tokio::test]
async fn a_session_that_is_revoked_closes_its_sockets_on_every_node() {
    let (one, two) = two().await;
    let mut ada = one.app.user("ada").await;
    let other = one.app.signed_in(ada.user()).await;
    let (mut here, mut there) = (one.socket_of(&ada).await, two.socket_of(&ada).await);
    let mut staying = two.socket_of(&other).await;
    ada.post("/revoke-session", json!({ "token": ada.token() })).await.expect(200);
    assert_eq!(here.closed().await.0, 4401);
    assert_eq!(there.closed().await.0, 4401);
    staying.round_trip().await;

    let mut gone = two.socket_of(&other).await;
    at(&one, &other).post("/sign-out", json!({})).await.expect(200);
    assert_eq!(gone.closed().await.0, 4401);
    assert_eq!(staying.closed().await.0, 4401);
}

#[tokio::test]
async fn what_a_proof_hangs_on_ends_its_sockets() {
    let (one, two) = two().await;
    let mut ada = one.app.user("ada").await;
    let created = ada.post("/api-key/create", json!({})).await.expect(200).body;
    let key = [("x-api-key", created["key"].as_str().unwrap())];
    let signed = ada.get("/token").await.expect(200).body["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {signed}");
    let signed_header = [("authorization", bearer.as_str())];

    let mut by_key = two.open("/ws", &key).await.unwrap();
    let mut by_token = two.open("/ws", &signed_header).await.unwrap();
    let mut by_cookie = two.socket_of(&ada).await;
    by_key.next("welcome").await;
    by_token.next("welcome").await;

    ada.post("/api-key/delete", json!({ "keyId": created["id"] })).await.expect(200);
    assert_eq!(by_key.closed().await.0, 4401);
    by_token.round_trip().await;

    one.app.anon().post("/token/revoke", json!({ "token": signed })).await.expect(200);
    assert_eq!(by_token.closed().await.0, 4401);
    by_cookie.round_trip().await;

    let tx = one.app.core().begin().await.unwrap();
    one.app.core().users().delete(&tx, ada.user()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(by_cookie.closed().await.0, 4401);
}

/// Sockets of a key do not use it up.
#[tokio::test]
async fn asking_again_is_no_use_of_a_key() {
    let node = Node::start(app().set("plugins.api-key.sessions", true)).await;
    let mut ada = node.app.user("ada").await;
    let created = ada.post("/api-key/create", json!({ "name": "robot" })).await.expect(200).body;
    let mut socket = node.open("/ws", &[("x-api-key", created["key"].as_str().unwrap())]).await.unwrap();
    socket.next("welcome").await;
    for at in 0..5 {
        let name = format!("Ada {at}");
        node.app
            .change_user(&ada.user().id, UserPatch { name: Some(name.clone()), ..UserPatch::default() })
            .await;
        socket.follow("session").await;
        // Each change is a doubt, and each doubt was answered before anything else is said.
    }
    socket.round_trip().await;
    let path = format!("/api-key/get?id={}", created["id"].as_str().unwrap());
    let stored = ada.get(&path).await.expect(200).body;
    assert!(stored["requestCount"].as_u64().unwrap_or_default() <= 1, "{stored}");
}

#[tokio::test]
async fn a_session_that_expires_or_was_removed_by_hand_is_noticed() {
    let node = Node::start(app().set("plugins.realtime.recheck", 1)).await;
    let (ada, eve) = (node.app.user("ada").await, node.app.user("eve").await);
    let (mut adas, mut eves) = (node.socket_of(&ada).await, node.socket_of(&eve).await);
    let db = node.app.core().db();
    let backend = db.get_database_backend();
    let sql = format!("DELETE FROM \"session\" WHERE \"userId\" = '{}'", eve.user().id);
    db.execute_raw(Statement::from_string(backend, sql)).await.unwrap();
    assert_eq!(eves.closed().await.0, 4401);
    adas.round_trip().await;
    node.app.clock().advance(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(adas.closed().await.0, 4401);
}

/// Nothing is said while it cannot be known who listens, and all goes on when it can.
#[tokio::test]
async fn a_database_that_is_away_keeps_sockets_open_and_quiet() {
    let node = Node::start(app()).await;
    let ada = node.app.user("ada").await;
    let mut socket = node.socket_of(&ada).await;
    socket.follow("activity").await;
    node.app.change_user(&ada.user().id, UserPatch { name: Some("A".into()), ..UserPatch::default() }).await;
    assert_eq!(socket.next("event").await["name"], "user.updated");
    node.app.cable().cut_after(0);
    node.app.core().concerns(&auth_core::ports::Concern::Anybody);
    socket.round_trip().await;
    node.app.cable().mend();
    node.app.change_user(&ada.user().id, UserPatch { name: Some("B".into()), ..UserPatch::default() }).await;
    assert_eq!(socket.next("event").await["name"], "user.updated");
}

/// Case 280.
#[tokio::test]
async fn a_server_that_stops_sends_its_sockets_elsewhere() {
    let node = Node::start(app()).await;
    let ada = node.app.user("ada").await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(node.socket_of(&ada).await);
    }
    let stopped = tokio::spawn(node.stop());
    for socket in &mut sockets {
        assert_eq!(socket.closed().await.0, 1012);
    }
    assert_eq!(stopped.await.unwrap(), 0, "nobody had to be cut off");
}

#[tokio::test]
async fn many_sockets_and_many_revocations_at_once_leave_nobody_behind() {
    let (one, two) = two().await;
    for round in 0..10 {
        let ada = one.app.user(&format!("ada{round}")).await;
        let headers = browser(&ada);
        let mut opening = tokio::task::JoinSet::new();
        let revoking = tokio::spawn({
            let mut ada = at(&one, &ada);
            let token = ada.cookie("session_token").unwrap().split('.').next().unwrap().to_owned();
            async move { ada.post("/revoke-session", json!({ "token": token })).await.expect(200) }
        });
        let nodes = std::sync::Arc::new((one.at, two.at));
        for n in 0..10 {
            let (headers, nodes) = (headers.clone(), nodes.clone());
            opening.spawn(async move {
                let at = if n % 2 == 0 { nodes.0 } else { nodes.1 };
                crate::support::open_at(at, "/ws", &headers).await
            });
        }
        revoking.await.unwrap();
        while let Some(opened) = opening.join_next().await {
            // Whoever came too late is refused; whoever was in time is closed.
            if let Ok(mut socket) = opened.unwrap() {
                assert_eq!(socket.closed().await.0, 4401);
            }
        }
    }
}
