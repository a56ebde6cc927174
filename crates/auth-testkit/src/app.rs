//! The host under test.

use std::sync::{
    Arc,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

use auth_cache::MemoryCaches;
use auth_core::{
    Call, Caller, Core, Plugin, Preset, Timestamp, User,
    call::Request,
    crypto::SeededRng,
    endpoint::Facts,
    metric::Metrics,
    model::UserPatch,
    ports::{Alone, Clock, FrozenClock, Mailer, Nodes},
    proof::{Means, Proofs},
    rate::Limiter,
    session::{Issue, Pending, SessionAuthority, SessionOutcome},
};
use auth_host::{Host, Plan, Runtime, Sources};
use auth_limit::MemoryLimiter;

use crate::{Actor, Cable, Mailbox, database::TestDatabase, flaky::Flaky, neighbours::Neighbours};

/// The secret of every test.
const SECRET: &str = "a secret that only tests use, 0123456789 abcdef";

/// Where the clock of a test stands at its beginning.
const BEGINNING: i64 = 1_767_225_600_000;

/// A host on a fresh database. Cloning gives the same host.
///
/// It tells what a plugin under test does, from outside and from inside:
///
/// ```
/// use std::time::Duration;
///
/// use auth_testkit::TestApp;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let app = TestApp::builder().set("app_name", "Garden").start().await;
///
/// // As a client sees it.
/// app.anon().get("/ok").await.expect(200);
///
/// // As a handler sees it.
/// assert_eq!(app.core().settings().app_name, "Garden");
/// let before = app.core().now();
/// app.clock().advance(Duration::from_secs(60));
/// assert_eq!(app.core().now().since(before).as_secs(), 60);
///
/// // And what it costs.
/// let (user, statements) = app.statements(app.stored_user("nobody")).await;
/// assert_eq!((user, statements), (None, 1));
/// # }
/// ```
#[derive(Clone)]
pub struct TestApp {
    host: Arc<Host>,
    clock: Arc<FrozenClock>,
    mailbox: Arc<Mailbox>,
    cable: Cable,
    database: Arc<TestDatabase>,
    neighbours: Option<Arc<Neighbours>>,
    limiter: Arc<dyn Limiter>,
    /// A further node that requests go to by turns: `TESSERA_TEST_NODES=2`.
    twin: Option<Arc<Host>>,
    turn: Arc<AtomicUsize>,
}

/// Says what the host under test is made of.
///
/// ```
/// use auth_testkit::TestApp;
///
/// // No database, no clock: every problem of a configuration, at once.
/// let problems = TestApp::builder().set("base_url", "no address").plan().err().unwrap_or_default();
/// assert!(problems.iter().any(|problem| problem.place.contains("base_url")), "{problems:?}");
/// ```
#[derive(Clone)]
pub struct Builder {
    host: auth_host::Builder,
    sources: Sources,
    nodes: Arc<dyn Nodes>,
    neighbours: Option<Arc<Neighbours>>,
    limiter: Arc<dyn Limiter>,
    /// Whether the test is about one node, or says itself which ones there are.
    counts_nodes: bool,
}

/// Whether every application of this run has two nodes.
fn in_pairs() -> bool {
    std::env::var("TESSERA_TEST_NODES").is_ok_and(|nodes| nodes == "2")
}

impl Builder {
    /// Enables a plugin. What it requires has to be named too; most tests want the one that keeps sessions.
    #[must_use]
    pub fn plugin<P: Plugin>(mut self) -> Self {
        self.host = self.host.plugin::<P>();
        self
    }

    /// The figures that defaults come from; Tessera's without it.
    #[must_use]
    pub fn preset(self, preset: Preset) -> Self {
        self.set("preset", preset)
    }

    /// A value of the configuration, by key path.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl serde::Serialize) -> Self {
        self.sources = self.sources.set(key, value);
        self
    }

    /// Configuration as TOML.
    #[must_use]
    pub fn config(mut self, toml: &str) -> Self {
        self.sources = self.sources.toml(toml);
        self
    }

    /// How the host talks to other nodes; without it, it is alone.
    #[must_use]
    pub fn nodes(mut self, nodes: Arc<dyn Nodes>) -> Self {
        self.nodes = nodes;
        self.counts_nodes = true;
        self
    }

    /// There is one node, whatever the run says: for what is about a node's own memory, or counts what it does.
    #[must_use]
    pub fn one_node(mut self) -> Self {
        self.counts_nodes = true;
        self
    }

    /// Where requests are counted; without it, in memory.
    #[must_use]
    pub fn limiter(mut self, limiter: Arc<dyn Limiter>) -> Self {
        self.limiter = limiter;
        self
    }

    /// Nodes that are started beside this one hear at once what it changes, and it hears them.
    #[must_use]
    pub fn in_touch(mut self) -> Self {
        self.neighbours = Some(Arc::default());
        self.counts_nodes = true;
        self
    }

    /// The plan alone: no database, no clock.
    pub fn plan(self) -> Result<Plan, Vec<auth_core::Problem>> {
        self.host.sources(self.sources).plan()
    }

    /// Starts it on a fresh database. Panics with every problem there is.
    pub async fn start(self) -> TestApp {
        let paired = in_pairs() && !self.counts_nodes;
        let neighbours = if paired { Some(Arc::default()) } else { self.neighbours.clone() };
        let further = paired.then(|| (self.host.clone(), self.sources.clone()));
        let (nodes, limiter) = (self.nodes.clone(), self.limiter.clone());
        let plan = self.sound_plan();
        let database = Arc::new(TestDatabase::fresh(&plan).await);
        let clock = Arc::new(FrozenClock::new(Timestamp::from_unix_millis(BEGINNING)));
        let mut app = run(plan, database, clock, (nodes, neighbours), limiter, 7);
        if let Some((host, sources)) = further {
            app.twin = Some(app.start_twin(host.sources(sources)).await);
        }
        app
    }

    /// Starts it as a further node of an application: on its database and with its clock. What is in
    /// memory is each node's own.
    pub async fn start_beside(self, node: &TestApp) -> TestApp {
        static SEED: AtomicU64 = AtomicU64::new(8);
        let seed = SEED.fetch_add(1, Ordering::Relaxed);
        let database = Arc::new(node.database.beside().await);
        let neighbours = node.neighbours.as_ref().map(|voice| Arc::new(voice.beside()));
        let nodes = (self.nodes.clone(), neighbours);
        let limiter = self.limiter.clone();
        run(self.sound_plan(), database, node.clock.clone(), nodes, limiter, seed)
    }

    pub(crate) fn sound_plan(self) -> Plan {
        self.plan().unwrap_or_else(|problems| panic!("the plan has problems:\n{}", list(&problems)))
    }
}

/// What nodes of an application have together.
struct Common {
    clock: Arc<FrozenClock>,
    limiter: Arc<dyn Limiter>,
    mailbox: Arc<Mailbox>,
    cable: Cable,
}

fn run(
    plan: Plan,
    database: Arc<TestDatabase>,
    clock: Arc<FrozenClock>,
    (nodes, neighbours): (Arc<dyn Nodes>, Option<Arc<Neighbours>>),
    limiter: Arc<dyn Limiter>,
    seed: u64,
) -> TestApp {
    let common = Common { clock, limiter, mailbox: Arc::default(), cable: Cable::whole() };
    let host = start_host(plan, &database, &common, nodes, neighbours.as_ref(), seed);
    let Common { clock, limiter, mailbox, cable } = common;
    TestApp { host, clock, limiter, mailbox, cable, database, neighbours, twin: None, turn: Arc::default() }
}

fn start_host(
    plan: Plan,
    database: &TestDatabase,
    common: &Common,
    nodes: Arc<dyn Nodes>,
    neighbours: Option<&Arc<Neighbours>>,
    seed: u64,
) -> Arc<Host> {
    let clock = common.clock.clone();
    let driver = Flaky { inner: database.store.driver().clone(), cable: common.cable.clone() };
    let runtime = Runtime {
        db: auth_core::Db::new(Arc::new(driver)),
        clock: clock.clone(),
        rng: Arc::new(SeededRng::new(seed)),
        mailer: common.mailbox.clone() as Arc<dyn Mailer>,
        caches: Arc::new(MemoryCaches::new(clock as Arc<dyn Clock>)),
        limiter: common.limiter.clone(),
        meanwhile: Arc::new(MemoryLimiter::default()),
        metrics: Metrics::default(),
        nodes: neighbours.cloned().map_or(nodes, |voice| voice as Arc<dyn Nodes>),
    };
    let host = plan.start(runtime).unwrap_or_else(|problems| panic!("no start:\n{}", list(&problems)));
    if let Some(voice) = neighbours {
        voice.join(host.core());
    }
    host
}

fn list(problems: &[auth_core::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl TestApp {
    /// A host without plugins; with cheap password hashes and no rate limits until a test wants them.
    #[must_use]
    pub fn builder() -> Builder {
        let sources = Sources::empty()
            .set("secret", SECRET)
            .set("base_url", "https://auth.example.com")
            .set("passwords.memory_kib", 64)
            .set("passwords.iterations", 1)
            .set("passwords.threads", 2)
            .set("rate_limit.enabled", false);
        Builder {
            host: auth_host::Builder::default(),
            sources,
            nodes: Arc::new(Alone),
            neighbours: None,
            limiter: Arc::new(MemoryLimiter::default()),
            counts_nodes: false,
        }
    }

    /// The nodes that requests go to.
    fn hosts(&self) -> Vec<Arc<Host>> {
        std::iter::once(&self.host).chain(&self.twin).cloned().collect()
    }

    /// A node beside this one that shares all that nodes can share.
    async fn start_twin(&self, host: auth_host::Builder) -> Arc<Host> {
        let plan =
            host.plan().unwrap_or_else(|problems| panic!("the plan has problems:\n{}", list(&problems)));
        let database = Arc::new(self.database.beside().await);
        let common = Common {
            clock: self.clock.clone(),
            limiter: self.limiter.clone(),
            mailbox: self.mailbox.clone(),
            cable: self.cable.clone(),
        };
        let neighbours = self.neighbours.as_ref().map(|voice| Arc::new(voice.beside()));
        start_host(plan, &database, &common, Arc::new(Alone), neighbours.as_ref(), 6)
    }

    /// The host, for what no request can ask: its plan, its tasks, the documents.
    pub fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// The database, the services and the other endpoints, as a handler has them.
    pub fn core(&self) -> &Arc<Core> {
        self.host.core()
    }

    /// The clock of all nodes. It stands still until it is moved.
    pub fn clock(&self) -> &FrozenClock {
        &self.clock
    }

    /// The letters that were sent. They are there when the answer is.
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// The connection to the database, for cutting it.
    pub fn cable(&self) -> &Cable {
        &self.cable
    }

    /// Runs every background task once.
    pub async fn run_tasks(&self) {
        self.host.run_tasks().await.expect("background tasks");
    }

    /// How many statements something sends to the database.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (T, u64) {
        let before = self.core().db().statements();
        let result = work.await;
        (result, self.core().db().statements() - before)
    }

    /// Somebody without a session, with a browser's cookie jar.
    #[must_use]
    pub fn anon(&self) -> Actor {
        Actor::new(self.hosts(), self.turn.clone())
    }

    /// A user with a verified address `<name>@example.com`, made in the database and signed in.
    pub async fn user(&self, name: &str) -> Actor {
        let core = self.core();
        let mut user = core.users().draft(capital(name), format!("{name}@example.com"));
        user.email_verified = true;
        let tx = core.begin().await.expect("a transaction");
        let user = core.users().create(&tx, user).await.expect("a new user");
        tx.commit().await.expect("a commit");
        self.signed_in(&user).await
    }

    /// One more device of a user.
    pub async fn signed_in(&self, user: &User) -> Actor {
        self.signed_in_by(user, &[Means::PASSWORD]).await
    }

    /// One more device of a user, who proved there who they are.
    pub async fn signed_in_by(&self, user: &User, means: &[Means]) -> Actor {
        let core = self.core();
        let authority = core.services().get::<dyn SessionAuthority>().expect("a plugin that keeps sessions");
        let facts = Arc::new(Facts::default());
        let call = Arc::new(Call::new(core.clone(), "testkit", facts, Caller::Program, Request::default()));
        let mut session = authority.draft(&call, user, None);
        session.set_proofs(&Proofs::of(means, core.now()));
        let tx = core.begin().await.expect("a transaction");
        let session = core.sessions().create(&tx, session).await.expect("a new session");
        tx.commit().await.expect("a commit");
        let pending =
            Pending { session, user: user.clone(), remember: None, issue: Issue::SignIn, method: "testkit" };
        let mut actor = self.anon();
        for cookie in authority.render(&call, &SessionOutcome::Issued(Box::new(pending.clone()))) {
            actor.set_cookie(&cookie.name, cookie.value.as_deref().unwrap_or_default());
        }
        actor.become_user(user.clone(), pending.session.token);
        actor
    }

    /// A user as the database has it.
    pub async fn stored_user(&self, id: &str) -> Option<User> {
        self.core().users().find(self.core().db(), id).await.expect("the database answers")
    }

    /// Changes a user behind everybody's back.
    pub async fn change_user(&self, id: &str, patch: UserPatch) {
        let tx = self.core().begin().await.expect("a transaction");
        self.core().users().update(&tx, id, patch).await.expect("an update");
        tx.commit().await.expect("a commit");
    }
}

fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
