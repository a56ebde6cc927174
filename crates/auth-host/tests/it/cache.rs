//! The cache in levels: one load for many, nothing that was removed comes back, and nothing outlives its
//! time.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Core, Failure, Timestamp, async_trait,
    cache::{Kind, Layered, Loaded, Source},
};
use auth_testkit::{TestApp, auth_core};
use tokio::sync::Semaphore;

const HOUR: Duration = Duration::from_secs(3600);

/// A store of one value, whose answers a test can hold back between reading and giving them.
struct Store {
    value: Mutex<Option<String>>,
    until: Mutex<Option<Timestamp>>,
    loads: AtomicU64,
    fails: AtomicBool,
    /// Loads that may come to their end.
    gate: Semaphore,
}

impl Store {
    fn new(value: &str) -> Arc<Self> {
        Arc::new(Self {
            value: Mutex::new(Some(value.to_owned())),
            until: Mutex::default(),
            loads: AtomicU64::new(0),
            fails: AtomicBool::new(false),
            gate: Semaphore::new(Semaphore::MAX_PERMITS),
        })
    }

    fn set(&self, value: Option<&str>) {
        *self.value.lock().unwrap() = value.map(str::to_owned);
    }

    fn loads(&self) -> u64 {
        self.loads.load(Ordering::SeqCst)
    }

    /// From now on answers wait.
    fn hold(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    fn let_go(&self) {
        self.gate.add_permits(1000);
    }

    async fn asked(&self, times: u64) {
        while self.loads() < times {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl Source<String> for Store {
    async fn load(&self, _: &Arc<Core>, _: &str) -> Result<Loaded<String>, Failure> {
        let value = self.value.lock().unwrap().clone();
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        if self.fails.load(Ordering::SeqCst) {
            return Err(Failure::internal("the store is away"));
        }
        Ok(value.map_or(Loaded::Missing, Loaded::Found))
    }

    fn until(&self, _: &String) -> Timestamp {
        self.until.lock().unwrap().unwrap_or(Timestamp::from_unix_millis(i64::MAX / 2))
    }

    fn write(&self, value: &String) -> Option<Vec<u8>> {
        Some(value.clone().into_bytes())
    }

    async fn read(&self, _: &Arc<Core>, _: &str, bytes: &[u8]) -> Result<Option<String>, Failure> {
        Ok(String::from_utf8(bytes.to_vec()).ok().filter(|text| text != "of another release"))
    }
}

/// A node's cache.
#[derive(Clone)]
struct Node {
    app: TestApp,
    cache: Arc<Layered<String>>,
    store: Arc<Store>,
}

impl Node {
    fn of(app: &TestApp, store: &Arc<Store>) -> Self {
        let kind = Kind {
            name: "thing",
            missing: "thing-missing",
            capacity: 100,
            ttl: HOUR,
            missing_ttl: Duration::from_secs(5),
        };
        Self { app: app.clone(), cache: Arc::new(Layered::new(kind)), store: store.clone() }
    }

    async fn try_get(&self) -> Result<Option<String>, Failure> {
        let found = self.cache.get(self.app.core(), "a", self.store.as_ref()).await?;
        Ok(found.map(|value| value.as_ref().clone()))
    }

    async fn get(&self) -> Option<String> {
        self.try_get().await.unwrap()
    }

    fn asks(&self) -> tokio::task::JoinHandle<Option<String>> {
        let node = self.clone();
        tokio::spawn(async move { node.get().await })
    }

    async fn remove(&self) {
        self.cache.remove(self.app.core(), &["a"]).await;
    }
}

async fn alone(store: &Arc<Store>) -> Node {
    Node::of(&TestApp::builder().start().await, store)
}

async fn two(store: &Arc<Store>) -> (Node, Node) {
    let one = TestApp::builder().in_touch().start().await;
    let two = TestApp::builder().start_beside(&one).await;
    (Node::of(&one, store), Node::of(&two, store))
}

#[tokio::test]
async fn many_who_miss_at_once_cause_one_load() {
    let store = Store::new("value");
    let node = alone(&store).await;
    store.hold();
    let asking: Vec<_> = (0..50).map(|_| node.asks()).collect();
    store.asked(1).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    store.let_go();
    for asked in asking {
        assert_eq!(asked.await.unwrap().as_deref(), Some("value"));
    }
    assert_eq!(store.loads(), 1);
    node.get().await;
    assert_eq!(store.loads(), 1);
}

#[tokio::test]
async fn who_goes_away_while_loading_leaves_it_to_the_next() {
    let store = Store::new("value");
    let node = alone(&store).await;
    store.hold();
    let first = node.asks();
    store.asked(1).await;
    let others: Vec<_> = (0..10).map(|_| node.asks()).collect();
    tokio::task::yield_now().await;
    first.abort();
    store.asked(2).await;
    store.let_go();
    for other in others {
        assert_eq!(other.await.unwrap().as_deref(), Some("value"));
    }
    assert_eq!(store.loads(), 2, "one of them took over");
}

#[tokio::test]
async fn a_load_that_fails_fails_nobody_later() {
    let store = Store::new("value");
    let node = alone(&store).await;
    store.hold();
    store.fails.store(true, Ordering::SeqCst);
    let asking: Vec<_> = (0..10)
        .map(|_| {
            let node = node.clone();
            tokio::spawn(async move { node.try_get().await.is_err() })
        })
        .collect();
    store.asked(1).await;
    store.let_go();
    for asked in asking {
        assert!(asked.await.unwrap());
    }
    store.fails.store(false, Ordering::SeqCst);
    assert_eq!(node.get().await.as_deref(), Some("value"));
}

#[tokio::test]
async fn what_was_read_before_a_removal_is_neither_kept_nor_shared() {
    let store = Store::new("old");
    let (one, other) = two(&store).await;
    store.hold();
    let slow = one.asks();
    store.asked(1).await;
    store.set(Some("new"));
    other.remove().await;
    one.cache.forget("a");
    store.let_go();
    assert_eq!(slow.await.unwrap().as_deref(), Some("old"), "it was so when it was asked");
    assert_eq!(one.get().await.as_deref(), Some("new"));
    assert_eq!(other.get().await.as_deref(), Some("new"));
}

#[tokio::test]
async fn who_comes_after_a_removal_does_not_get_what_was_read_before_it() {
    let store = Store::new("old");
    let node = alone(&store).await;
    store.hold();
    let slow = node.asks();
    store.asked(1).await;
    store.set(Some("new"));
    node.remove().await;
    let late = node.asks();
    store.asked(2).await;
    store.let_go();
    assert_eq!(late.await.unwrap().as_deref(), Some("new"));
    slow.await.unwrap();
    assert_eq!(node.get().await.as_deref(), Some("new"));
    assert_eq!(store.loads(), 2);
}

#[tokio::test]
async fn what_there_is_not_is_remembered_for_a_moment() {
    let store = Store::new("value");
    store.set(None);
    let node = alone(&store).await;
    assert_eq!((node.get().await, node.get().await), (None, None));
    assert_eq!(store.loads(), 1);
    node.app.clock().advance(Duration::from_secs(6));
    store.set(Some("value"));
    assert_eq!(node.get().await.as_deref(), Some("value"));
    assert_eq!(store.loads(), 2);
}

#[tokio::test]
async fn a_thing_is_not_answered_past_its_own_end() {
    let store = Store::new("value");
    let (one, other) = two(&store).await;
    *store.until.lock().unwrap() = Some(one.app.core().now().plus(Duration::from_secs(30)));
    one.get().await;
    one.app.clock().advance(Duration::from_secs(29));
    one.get().await;
    other.get().await;
    assert_eq!(store.loads(), 1);
    one.app.clock().advance(Duration::from_secs(1));
    one.get().await;
    other.get().await;
    assert_eq!(store.loads(), 3);
}

#[tokio::test]
async fn who_does_not_hear_the_others_remembers_for_seconds() {
    let store = Store::new("value");
    let node = alone(&store).await;
    node.get().await;
    node.app.clock().advance(Duration::from_secs(9));
    node.get().await;
    assert_eq!(store.loads(), 1);
    node.app.clock().advance(Duration::from_secs(1));
    node.get().await;
    assert_eq!(store.loads(), 2);
}

#[tokio::test]
async fn what_one_node_has_read_no_other_reads_and_both_times_together_count() {
    let store = Store::new("value");
    let (one, other) = two(&store).await;
    one.get().await;
    one.app.clock().advance(HOUR / 2);
    assert_eq!(other.get().await.as_deref(), Some("value"));
    assert_eq!(store.loads(), 1);
    one.app.clock().advance(HOUR / 2);
    store.set(Some("changed by hand"));
    assert_eq!(other.get().await.as_deref(), Some("changed by hand"), "it was shared for half of its time");
    assert_eq!(one.get().await.as_deref(), Some("changed by hand"));
}

#[tokio::test]
async fn what_a_node_cannot_use_is_read_from_the_store_and_replaced() {
    let store = Store::new("of another release");
    let (one, other) = two(&store).await;
    one.get().await;
    store.set(Some("value"));
    assert_eq!(other.get().await.as_deref(), Some("value"));
    assert_eq!(store.loads(), 2);
    let third = Node::of(&other.app, &store);
    assert_eq!(third.get().await.as_deref(), Some("value"));
    assert_eq!(store.loads(), 2);
}
