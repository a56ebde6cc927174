//! Background tasks on several nodes: one node at a time, and another when it is lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Core, Failure, Manifest, Plugin, Problem, Registrar, async_trait,
    config::NoConfig,
    sea_orm::{ConnectionTrait, Statement},
    task::Task,
};
use auth_host::TaskOutcome;
use auth_testkit::{TestApp, auth_core, portable};
use tokio::task::JoinSet;

/// A round that has no end of its own.
#[derive(Default)]
struct Endless {
    begun: AtomicUsize,
    running: AtomicUsize,
}

struct Running<'r>(&'r AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Task for Endless {
    fn name(&self) -> &'static str {
        "endless"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(3)
    }

    async fn run(&self, _: &Arc<Core>) -> Result<(), Failure> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.running.fetch_add(1, Ordering::SeqCst);
        let _running = Running(&self.running);
        std::future::pending().await
    }
}

#[async_trait]
impl Task for Worker {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn every(&self) -> Duration {
        self.0.every()
    }

    async fn run(&self, core: &Arc<Core>) -> Result<(), Failure> {
        self.0.run(core).await
    }
}

#[derive(Clone)]
struct Worker(Arc<Endless>);

impl Plugin for Worker {
    const MANIFEST: Manifest = Manifest::new("worker", "1.0.0", "Works");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self(Arc::default()))
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.task(self.as_ref().clone());
    }
}

struct Node {
    app: TestApp,
    work: Arc<Endless>,
    background: Option<JoinSet<()>>,
}

impl Node {
    fn of(app: TestApp) -> Self {
        let work = app.core().plugin::<Worker>().unwrap().0.clone();
        let background = Some(app.host().spawn_background());
        Self { app, work, background }
    }

    fn running(&self) -> usize {
        self.work.running.load(Ordering::SeqCst)
    }

    fn kill(&mut self) {
        self.background = None;
    }
}

async fn until(what: &str, happened: impl Fn() -> bool) {
    for _ in 0..500 {
        if happened() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("did not happen: {what}");
}

/// Both nodes, and which of them leads.
async fn two() -> [Node; 2] {
    let one = TestApp::builder().plugin::<Worker>().start().await;
    let two = TestApp::builder().plugin::<Worker>().start_beside(&one).await;
    let mut nodes = [Node::of(one), Node::of(two)];
    until("one works", || nodes.iter().any(|node| node.running() == 1)).await;
    nodes.sort_by_key(|node| std::cmp::Reverse(node.running()));
    nodes
}

#[tokio::test]
async fn a_round_that_takes_longer_than_its_lock_is_not_begun_twice() {
    let [leader, other] = two().await;
    // The lock lasts for four and a half seconds, and is renewed three times in them.
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        leader.app.clock().advance(Duration::from_millis(700));
    }
    assert_eq!((leader.running(), other.work.begun.load(Ordering::SeqCst)), (1, 0));
}

#[tokio::test]
async fn a_leader_that_is_killed_in_the_middle_is_followed_by_another_once_its_lock_is_over() {
    let [mut leader, other] = two().await;
    leader.kill();
    until("its work ends", || leader.running() == 0).await;
    tokio::time::sleep(Duration::from_millis(3500)).await;
    assert_eq!(other.running(), 0, "the lock is not over");
    leader.app.clock().advance(Duration::from_secs(5));
    until("the other one works", || other.running() == 1).await;
}

#[tokio::test]
async fn a_leader_that_has_lost_its_lock_stops_in_the_middle() {
    let [leader, other] = two().await;
    let db = leader.app.core().db();
    let backend = db.get_database_backend();
    let thief = portable(backend, "UPDATE \"tessera_lease\" SET \"holder\" = 'a thief'");
    db.execute_raw(Statement::from_string(backend, thief)).await.unwrap();
    until("it stops", || leader.running() == 0).await;
    let ended = leader.app.host().tasks();
    assert!(ended.iter().any(|(name, outcome)| *name == "worker/endless" && *outcome == TaskOutcome::Failed));
    assert_eq!(other.running(), 0);
    leader.app.clock().advance(Duration::from_secs(5));
    until("somebody works", || leader.running() + other.running() == 1).await;
}
