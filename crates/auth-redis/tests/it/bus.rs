//! Word between nodes.

use std::time::Duration;

use auth_testkit::auth_core::ports::{Concern, Nodes};

use crate::{
    node::{Node, SECRET, agree, in_touch},
    server::{Server, is_there},
    until,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_tells_the_others_hear() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let (a, b) = (Node::start(&server).await, Node::start(&server).await);
    agree(&[&a, &b]).await;
    // Whoever gets in touch forgets what it read before.
    assert!(a.notes.has("distrust") && b.notes.has("distrust"));
    a.notes.clear();
    b.notes.clear();
    for at in 0..100 {
        a.tell(&format!("a{at}"));
        a.app.core().nodes().tell("other", "of another topic", &Concern::Nobody);
        b.tell(&format!("b{at}"));
    }
    until("both have heard all", async || b.notes.has("a99") && a.notes.has("b99")).await;
    assert!((0..100).all(|at| b.notes.count(&format!("a{at}")) == 1), "each once");
    assert!(!a.notes.has("a0") && !b.notes.has("of another topic"));
    assert_eq!((a.notes.count("distrust"), b.notes.count("distrust")), (0, 0), "nothing was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_not_the_secret_is_not_heard_and_reads_nothing() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let a = Node::start(&server).await;
    let stranger = Node::with(server.redis(), "another secret of some other installation, 1").await;
    in_touch(&[&a, &stranger]).await;
    stranger.tell("forged");
    server.say("PUBLISH tessera:nodes {\"n\":\"x\",\"s\":1,\"w\":\"stale\",\"t\":\"note\",\"k\":\"plain\"}");
    server.say("PUBLISH tessera:nodes \"\"");
    let b = Node::start(&server).await;
    in_touch(&[&a, &b]).await;
    b.tell("good");
    until("the good one is heard", async || a.notes.has("good")).await;
    assert!(!a.notes.has("forged") && !a.notes.has("plain"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_nothing_is_trusted_and_with_it_all_goes_on() {
    if !is_there() {
        return;
    }
    let mut server = Server::start(&[]);
    let (a, b) = (Node::start(&server).await, Node::start(&server).await);
    in_touch(&[&a, &b]).await;
    for node in [&a, &b] {
        node.notes.clear();
    }
    server.kill();
    until("both have lost touch", async || !a.bus.in_touch() && !b.bus.in_touch()).await;
    assert!(a.notes.has("distrust") && b.notes.has("distrust"));
    a.tell("while it was away");
    server.go_on();
    in_touch(&[&a, &b]).await;
    a.tell("afterwards");
    until("b hears again", async || b.notes.has("afterwards")).await;
    // What was said in between was heard late, or is known to be lost.
    assert!(b.notes.has("while it was away") || b.notes.count("distrust") > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_falls_silent_is_missed_and_one_that_leaves_is_not() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let a = Node::start(&server).await;
    let (b, c) = (a.beside(server.redis()).await, a.beside(server.redis()).await);
    in_touch(&[&a, &b, &c]).await;
    for node in [&b, &c] {
        node.tell("met");
    }
    until("a has met both", async || a.notes.count("met") == 2).await;
    a.notes.clear();
    b.running.abort();
    for at in 0..100 {
        b.tell(&format!("last {at}"));
    }
    b.bus.leave(b.app.core()).await;
    until("a has heard b's last words", async || a.notes.has("last 99")).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(a.bus.in_touch() && a.notes.count("distrust") == 0, "b has taken its leave");
    c.running.abort();
    until("a misses c", async || !a.bus.in_touch()).await;
    assert!(a.notes.has("distrust"));
    // Nobody can tell a killed node from one that is cut off, until its line in the database is over.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(!a.bus.in_touch());
    a.app.clock().advance(Duration::from_secs(61));
    until("c is not waited for any more", async || a.bus.in_touch()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_never_came_to_redis_is_missed() {
    if !is_there() {
        return;
    }
    let (server, elsewhere) = (Server::start(&[]), Server::start(&[]));
    let a = Node::with(server.redis(), SECRET).await;
    in_touch(&[&a]).await;
    let cut_off = a.beside(elsewhere.redis()).await;
    until("a misses it", async || !a.bus.in_touch()).await;
    // It hears itself, but the database names a.
    until("it misses a", async || !cut_off.bus.in_touch()).await;
}
