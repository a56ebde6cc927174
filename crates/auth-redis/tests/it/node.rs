//! A node of a test: a host with the bus, and what it is told.

use std::sync::{Arc, Mutex};

use auth_redis::{Bus, Redis};
use auth_testkit::{
    Builder, TestApp,
    auth_core::{
        Core, Manifest, Plugin, Problem, Registrar,
        config::NoConfig,
        ports::{Claim, Concern, NodeMemory, Nodes, Shared, SharedKey, Shelf},
    },
};

use crate::{server::Server, until};

/// Notes what it is told.
#[derive(Default)]
pub(crate) struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn add(&self, note: &str) {
        self.0.lock().unwrap().push(note.to_owned());
    }

    pub(crate) fn has(&self, note: &str) -> bool {
        self.0.lock().unwrap().iter().any(|known| known == note)
    }

    pub(crate) fn count(&self, note: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|known| *known == note).count()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
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

pub(crate) const SECRET: &str = "the secret of all nodes of the tests, 0123456789";

pub(crate) struct Node {
    pub(crate) app: TestApp,
    pub(crate) bus: Arc<Bus>,
    pub(crate) notes: Arc<Notes>,
    pub(crate) running: tokio::task::JoinHandle<()>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.running.abort();
    }
}

fn builder(redis: Arc<Redis>, secret: &str) -> (Arc<Bus>, Builder) {
    let bus = Bus::new(redis, &auth_testkit::auth_core::crypto::OsRng);
    let builder = TestApp::builder().plugin::<Listener>().set("secret", secret).nodes(bus.clone());
    (bus, builder)
}

impl Node {
    fn run(bus: Arc<Bus>, app: TestApp) -> Self {
        let notes = app.core().plugin::<Listener>().unwrap().0.clone();
        let running = tokio::spawn(bus.clone().run(app.core().clone()));
        Self { app, bus, notes, running }
    }

    pub(crate) async fn with(redis: Arc<Redis>, secret: &str) -> Self {
        let (bus, builder) = builder(redis, secret);
        Self::run(bus, builder.start().await)
    }

    pub(crate) async fn start(server: &Server) -> Self {
        Self::with(server.redis(), SECRET).await
    }

    /// Another node, on the same database.
    pub(crate) async fn beside(&self, redis: Arc<Redis>) -> Self {
        let (bus, builder) = builder(redis, SECRET);
        Self::run(bus, builder.start_beside(&self.app).await)
    }

    pub(crate) fn tell(&self, key: &str) {
        self.app.core().nodes().tell("note", key, &Concern::Nobody);
    }

    pub(crate) async fn shelf(&self, key: &str) -> Shelf {
        self.bus.get(self.app.core(), name(key)).await
    }

    /// The value that nodes share of a key.
    pub(crate) async fn shared(&self, key: &str) -> Option<String> {
        match self.shelf(key).await {
            Shelf::Found { value, .. } => Some(String::from_utf8(value).unwrap()),
            Shelf::Empty(_) | Shelf::Away => None,
        }
    }

    pub(crate) async fn claim(&self, key: &str) -> Claim {
        match self.shelf(key).await {
            Shelf::Empty(claim) => claim,
            other => panic!("{key} is not empty: {other:?}"),
        }
    }

    pub(crate) async fn put(&self, key: &str, value: &str, claim: Claim) {
        let ttl = std::time::Duration::from_secs(60);
        self.bus.put(self.app.core(), name(key), value.as_bytes(), ttl, claim).await;
    }

    pub(crate) async fn share(&self, key: &str, value: &str) {
        let claim = self.claim(key).await;
        self.put(key, value, claim).await;
    }

    pub(crate) async fn remove(&self, key: &str) {
        self.bus.remove(self.app.core(), &[name(key)]).await;
    }
}

fn name(key: &str) -> SharedKey<'_> {
    SharedKey { kind: "thing", key }
}

pub(crate) async fn in_touch(nodes: &[&Node]) {
    until("all are in touch", async || nodes.iter().all(|node| node.bus.in_touch())).await;
}

/// All are in touch and of one epoch: each finds what another has put.
pub(crate) async fn agree(nodes: &[&Node]) {
    in_touch(nodes).await;
    until("all are of one epoch", async || {
        for (at, node) in nodes.iter().enumerate() {
            let key = format!("whether {at} is of the same epoch");
            if let Shelf::Empty(claim) = node.shelf(&key).await {
                node.put(&key, "yes", claim).await;
            }
            for other in nodes {
                if other.shared(&key).await.is_none() {
                    return false;
                }
            }
        }
        true
    })
    .await;
}
