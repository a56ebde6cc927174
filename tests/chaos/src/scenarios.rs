//! What is broken.

use std::{
    collections::BTreeSet,
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    clock::Clock,
    disk::Disk,
    faults::{clients, databases, nodes, redis},
    http,
    load::Load,
    node::Node,
    report::Row,
    servers::{Cable, Postgres, Redis},
};

const CLIENTS: usize = 8;
/// After this a fault is known not to heal.
const PATIENCE: Duration = Duration::from_secs(60);
/// A session that ended is answered by no node after this, whatever is broken: the book says so.
pub(crate) const STALE: Duration = Duration::from_secs(12);

/// Everything that a scenario can break.
pub(crate) struct World {
    pub(crate) nodes: Vec<Node>,
    pub(crate) store: Store,
    pub(crate) redis: Redis,
    pub(crate) cable: Cable,
    pub(crate) clock: Clock,
    folder: PathBuf,
}

/// What the nodes keep everything in.
pub(crate) enum Store {
    Postgres(Postgres),
    /// One node, on a disk that can be filled.
    Sqlite(Disk),
}

impl Store {
    pub(crate) fn postgres(&self) -> Result<&Postgres> {
        match self {
            Self::Postgres(postgres) => Ok(postgres),
            Self::Sqlite(_) => bail!("this fault is of PostgreSQL"),
        }
    }

    fn addresses(&self) -> Result<String> {
        match self {
            Self::Postgres(postgres) => postgres.ask("select email from \"user\""),
            Self::Sqlite(disk) => disk.ask("select email from \"user\""),
        }
    }
}

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    what: &'static str,
    /// Breaks, waits, mends; says whether the fault had its effect.
    fault: fn(&mut World) -> Result<bool>,
}

pub(crate) fn all() -> Vec<Scenario> {
    let scenario = |name, what, fault| Scenario { name, what, fault };
    vec![
        scenario("redis-killed", "Redis killed, started again empty after a second", redis::killed),
        scenario("redis-flushed", "Redis emptied", redis::flushed),
        scenario("redis-slow", "Redis answers after 300 ms, five times", redis::slow),
        scenario("redis-password", "Redis wants another password", redis::password),
        scenario("redis-cut", "the way from one node to Redis cut for six seconds", redis::cut),
        scenario(
            "revoked-apart",
            "a session ends on one node while the other is cut off; it counts there for 12 s at most",
            redis::revoked_apart,
        ),
        scenario(
            "postgres-restarted",
            "PostgreSQL stopped, started again after a second",
            databases::restarted,
        ),
        scenario("postgres-read-only", "PostgreSQL takes no writes for a second", databases::read_only),
        scenario("postgres-connections", "PostgreSQL ends every connection", databases::connections_ended),
        scenario("postgres-full", "PostgreSQL has no connection left for two seconds", databases::crowded),
        scenario(
            "sqlite-disk-full",
            "the disk below SQLite full for a second, one node",
            databases::disk_full,
        ),
        scenario("node-killed", "a node killed with `kill -9`, started again", nodes::killed),
        scenario(
            "clock-jumps",
            "the clocks of both nodes an hour ahead, then an hour behind",
            nodes::clock_jumps,
        ),
        scenario("slow-clients", "1 000 connections that send a byte now and then", clients::slow),
        scenario("large-frames", "100 WebSockets with frames of 10 MB", clients::large_frames),
        scenario("crowd", "1 000 users at the same time, less than 1 % errors", clients::crowd),
    ]
}

impl World {
    fn start(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("tessera-chaos-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let store = if name.starts_with("sqlite") {
            Store::Sqlite(Disk::mount(&folder.join("disk"))?)
        } else {
            Store::Postgres(Postgres::fresh(name)?)
        };
        let redis = Redis::start()?;
        let cable = Cable::to(redis.at)?;
        let clock = Clock::new(&folder, name == "clock-jumps")?;
        let database = match &store {
            Store::Postgres(postgres) => postgres.url(),
            Store::Sqlite(disk) => disk.url(),
        };
        let settings = |redis: SocketAddr| {
            [
                ("secret", "for faults only, the same on both nodes 0123456789".to_owned()),
                ("base_url", "http://127.0.0.1:1".to_owned()),
                ("check_origin", "false".to_owned()),
                ("check_csrf", "false".to_owned()),
                ("database.url", database.clone()),
                ("redis.url", format!("redis://{redis}/0")),
                ("passwords.memory_kib", "64".to_owned()),
                ("passwords.iterations", "1".to_owned()),
                ("rate_limit.enabled", "false".to_owned()),
                ("mail.transport", "file".to_owned()),
                ("mail.outbox", "none".to_owned()),
                ("plugins.realtime.enabled", "true".to_owned()),
                ("plugins.realtime.max_per_user", "1000".to_owned()),
            ]
        };
        let mut nodes = vec![Node::start(&folder, "one", &settings(redis.at), clock.environment())?];
        if matches!(store, Store::Postgres(_)) {
            // The second one's way to Redis can be cut.
            nodes.push(Node::start(&folder, "two", &settings(cable.at), clock.environment())?);
        }
        Ok(Self { nodes, store, redis, cable, clock, folder })
    }

    pub(crate) fn told(&self, what: &str) -> usize {
        self.nodes.iter().map(|node| node.told().matches(what).count()).sum()
    }

    /// Waits until every node signs up, answers and signs out.
    fn whole_again(&self, name: &str) -> Result<Duration> {
        let begun = Instant::now();
        for (at, node) in self.nodes.iter().enumerate() {
            let mut tries = 0;
            while !works(node.at, &format!("{name}-{at}-{tries}@example.com")) {
                tries += 1;
                if begun.elapsed() > PATIENCE {
                    bail!("node {at} does not work again:\n{}", node.told());
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(begun.elapsed())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.nodes.clear();
        if let Store::Sqlite(disk) = &mut self.store {
            disk.unmount();
        }
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Signs up somebody whom nobody else is, on this node.
pub(crate) fn newcomer(node: SocketAddr) -> Result<String> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let email = format!("newcomer-{}@example.com", COUNT.fetch_add(1, Ordering::Relaxed));
    sign_up(node, &email).context("nobody signs up")
}

/// Signs somebody new up: the session's cookie.
fn sign_up(node: SocketAddr, email: &str) -> Option<String> {
    let body = format!("{{\"name\":\"x\",\"email\":\"{email}\",\"password\":\"Correct-Horse-42\"}}");
    let answer = http::send(node, "POST", "/api/auth/sign-up/email", "", &body)?;
    answer.session().filter(|_| answer.status == 200)
}

fn works(node: SocketAddr, email: &str) -> bool {
    let Some(cookie) = sign_up(node, email) else { return false };
    let path = "/api/auth/get-session?disableCookieCache=true";
    let known =
        http::send(node, "GET", path, &cookie, "").is_some_and(|answer| answer.body().contains(email));
    known
        && http::send(node, "POST", "/api/auth/sign-out", &cookie, "{}")
            .is_some_and(|answer| answer.status == 200)
}

pub(crate) fn run(scenario: &Scenario, rounds: usize) -> Result<Row> {
    let mut world = World::start(scenario.name)?;
    world.whole_again("first")?;
    let mut row = Row { name: scenario.name, what: scenario.what, rounds, ..Row::default() };
    for round in 0..rounds {
        let nodes = world.nodes.iter().map(|node| node.at).collect();
        let load = Load::new(nodes, format!("r{round}"));
        let landed = load.run(CLIENTS, || {
            thread::sleep(Duration::from_millis(300));
            let landed = (scenario.fault)(&mut world)?;
            let recovery = world.whole_again(&format!("w{round}"))?;
            row.recovery = row.recovery.max(recovery.as_millis());
            thread::sleep(Duration::from_millis(200));
            Ok::<_, anyhow::Error>(landed)
        })?;
        row.landed += usize::from(landed);
        settle(&world, load, &mut row)?;
    }
    Ok(row)
}

/// Compares what was acknowledged with what is there.
fn settle(world: &World, load: Load, row: &mut Row) -> Result<()> {
    let counts = &load.counts;
    row.requests += counts.requests.load(Ordering::Relaxed);
    row.good += counts.good.load(Ordering::Relaxed);
    row.unavailable += counts.unavailable.load(Ordering::Relaxed);
    row.none += counts.none.load(Ordering::Relaxed);
    row.wrong += counts.wrong.load(Ordering::Relaxed);
    let journal = load.journal;
    row.oddities.extend(journal.oddities.into_inner().unwrap_or_else(PoisonError::into_inner));
    row.oddities.truncate(5);
    let signed_up = journal.signed_up.into_inner().unwrap_or_else(PoisonError::into_inner);
    let signed_out = journal.signed_out.into_inner().unwrap_or_else(PoisonError::into_inner);
    ensure!(
        !signed_up.is_empty() && !signed_out.is_empty(),
        "nobody got anything done: {}",
        counts.requests.load(Ordering::Relaxed)
    );
    let listed = world.store.addresses()?;
    let stored: BTreeSet<&str> = listed.lines().collect();
    row.acknowledged += signed_up.len() + signed_out.len();
    row.lost += signed_up.iter().filter(|email| !stored.contains(email.as_str())).count();
    let until = Instant::now() + STALE;
    for cookie in signed_out.iter().rev().take(50) {
        for node in &world.nodes {
            while is_signed_in(node.at, cookie) {
                if Instant::now() > until {
                    row.lost += 1;
                    break;
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
    }
    Ok(())
}

/// As the node remembers it: the cookie is the session's token alone.
pub(crate) fn is_signed_in(node: SocketAddr, cookie: &str) -> bool {
    let answer = http::send(node, "GET", "/api/auth/get-session", cookie, "");
    // A node that does not answer is asked again.
    answer.is_none_or(|answer| answer.status != 200 || answer.body() != "null")
}
