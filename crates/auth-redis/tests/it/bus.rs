//! Word between nodes.

use std::sync::{Arc, Mutex};

use auth_redis::Bus;
use auth_testkit::{
    TestApp,
    auth_core::{
        Core, Manifest, Plugin, Problem, Registrar, config::NoConfig, ports::Concern, ports::NodeMemory,
        ports::Nodes,
    },
};

use crate::{
    server::{Server, is_there},
    until,
};

/// Notes what it is told.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn add(&self, note: &str) {
        self.0.lock().unwrap().push(note.to_owned());
    }

    fn has(&self, note: &str) -> bool {
        self.0.lock().unwrap().iter().any(|known| known == note)
    }

    fn count(&self, note: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|known| *known == note).count()
    }
}

impl NodeMemory for Notes {
    fn topic(&self) -> &'static str {
        "note"
    }

    fn stale(&self, _: &Arc<Core>, key: &str) {
        self.add(key);
    }

    fn distrust(&self, _: &Arc<Core>) {
        self.add("distrust");
    }
}

struct Listener(Arc<Notes>);

impl Plugin for Listener {
    const MANIFEST: Manifest = Manifest::new("listener", "1.0.0", "Listens");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self(Arc::default()))
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn NodeMemory>(self.0.clone());
    }
}

struct Node {
    app: TestApp,
    bus: Arc<Bus>,
    notes: Arc<Notes>,
    running: tokio::task::JoinHandle<()>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn node(server: &Server, secret: &str) -> Node {
    let bus = Bus::new(server.redis(), &auth_testkit::auth_core::crypto::OsRng);
    let builder = TestApp::builder().plugin::<Listener>().set("secret", secret).nodes(bus.clone());
    let app = builder.start().await;
    let notes = app.core().plugin::<Listener>().unwrap().0.clone();
    let running = tokio::spawn(bus.clone().run(app.core().clone()));
    Node { app, bus, notes, running }
}

const SECRET: &str = "the secret of all nodes of the tests, 0123456789";

async fn in_touch(nodes: &[&Node]) {
    until("all are in touch", async || nodes.iter().all(|node| node.bus.in_touch())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_tells_the_others_hear() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let (a, b) = (node(&server, SECRET).await, node(&server, SECRET).await);
    in_touch(&[&a, &b]).await;
    for at in 0..100 {
        a.app.core().nodes().tell("note", &format!("a{at}"), &Concern::Nobody);
        a.app.core().nodes().tell("other", "of another topic", &Concern::Nobody);
        b.app.core().nodes().tell("note", &format!("b{at}"), &Concern::Nobody);
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
    let a = node(&server, SECRET).await;
    let stranger = node(&server, "another secret of some other installation, 1").await;
    in_touch(&[&a, &stranger]).await;
    stranger.app.core().nodes().tell("note", "forged", &Concern::Nobody);
    server.say("PUBLISH tessera:nodes {\"n\":\"x\",\"s\":1,\"w\":\"stale\",\"t\":\"note\",\"k\":\"plain\"}");
    server.say("PUBLISH tessera:nodes \"\"");
    let b = node(&server, SECRET).await;
    in_touch(&[&a, &b]).await;
    b.app.core().nodes().tell("note", "good", &Concern::Nobody);
    until("the good one is heard", async || a.notes.has("good")).await;
    assert!(!a.notes.has("forged") && !a.notes.has("plain"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_nothing_is_trusted_and_with_it_all_goes_on() {
    if !is_there() {
        return;
    }
    let mut server = Server::start(&[]);
    let (a, b) = (node(&server, SECRET).await, node(&server, SECRET).await);
    in_touch(&[&a, &b]).await;
    server.kill();
    until("both have lost touch", async || !a.bus.in_touch() && !b.bus.in_touch()).await;
    assert!(a.notes.has("distrust") && b.notes.has("distrust"));
    a.app.core().nodes().tell("note", "while it was away", &Concern::Nobody);
    server.go_on();
    in_touch(&[&a, &b]).await;
    a.app.core().nodes().tell("note", "afterwards", &Concern::Nobody);
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
    let (a, b, c) = (node(&server, SECRET).await, node(&server, SECRET).await, node(&server, SECRET).await);
    in_touch(&[&a, &b, &c]).await;
    for node in [&b, &c] {
        node.app.core().nodes().tell("note", "met", &Concern::Nobody);
    }
    until("a has met both", async || a.notes.count("met") == 2).await;
    b.running.abort();
    for at in 0..100 {
        b.app.core().nodes().tell("note", &format!("last {at}"), &Concern::Nobody);
    }
    b.bus.leave(b.app.core()).await;
    until("a has heard b's last words", async || a.notes.has("last 99")).await;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    assert!(a.bus.in_touch() && a.notes.count("distrust") == 0, "b has taken its leave");
    c.running.abort();
    until("a misses c", async || !a.bus.in_touch()).await;
    assert!(a.notes.has("distrust"));
}
