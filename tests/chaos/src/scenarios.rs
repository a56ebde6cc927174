//! What is broken.

use std::{
    collections::BTreeSet,
    fs,
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    sync::{PoisonError, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};

use crate::{
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
const STALE: Duration = Duration::from_secs(12);

/// Everything that a scenario can break.
pub(crate) struct World {
    nodes: Vec<Node>,
    postgres: Postgres,
    redis: Redis,
    cable: Cable,
    folder: PathBuf,
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
        scenario("redis-killed", "Redis killed, started again empty after a second", redis_killed),
        scenario("redis-flushed", "Redis emptied", redis_flushed),
        scenario("redis-slow", "Redis answers after 300 ms, five times", redis_slow),
        scenario("redis-password", "Redis wants another password", redis_password),
        scenario("redis-cut", "the way from one node to Redis cut for six seconds", redis_cut),
        scenario(
            "postgres-restarted",
            "PostgreSQL stopped, started again after a second",
            postgres_restarted,
        ),
        scenario("postgres-read-only", "PostgreSQL takes no writes for a second", postgres_read_only),
        scenario("postgres-connections", "PostgreSQL ends every connection", postgres_connections),
        scenario("node-killed", "a node killed with `kill -9`, started again", node_killed),
        scenario("slow-clients", "1 000 connections that send a byte now and then", slow_clients),
    ]
}

impl World {
    fn start(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("tessera-chaos-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let (postgres, redis) = (Postgres::fresh(name)?, Redis::start()?);
        let cable = Cable::to(redis.at)?;
        let settings = |redis: SocketAddr| {
            [
                ("secret", "for faults only, the same on both nodes 0123456789".to_owned()),
                ("base_url", "http://127.0.0.1:1".to_owned()),
                ("check_origin", "false".to_owned()),
                ("check_csrf", "false".to_owned()),
                ("database.url", postgres.url()),
                ("redis.url", format!("redis://{redis}/0")),
                ("passwords.memory_kib", "64".to_owned()),
                ("passwords.iterations", "1".to_owned()),
                ("rate_limit.max", "1000000".to_owned()),
                ("mail.transport", "file".to_owned()),
                ("mail.outbox", "none".to_owned()),
            ]
        };
        let one = Node::start(&folder, "one", &settings(redis.at))?;
        // The second one's way to Redis can be cut.
        let two = Node::start(&folder, "two", &settings(cable.at))?;
        Ok(Self { nodes: vec![one, two], postgres, redis, cable, folder })
    }

    fn told(&self, what: &str) -> usize {
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
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn works(node: SocketAddr, email: &str) -> bool {
    let body = format!("{{\"name\":\"x\",\"email\":\"{email}\",\"password\":\"Correct-Horse-42\"}}");
    let Some(answer) = http::send(node, "POST", "/api/auth/sign-up/email", "", &body) else { return false };
    let Some(cookie) = answer.session().filter(|_| answer.status == 200) else { return false };
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
    let listed = world.postgres.ask("select email from \"user\"")?;
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

fn is_signed_in(node: SocketAddr, cookie: &str) -> bool {
    let path = "/api/auth/get-session?disableCookieCache=true";
    let answer = http::send(node, "GET", path, cookie, "");
    // A node that does not answer is asked again.
    answer.is_none_or(|answer| answer.status != 200 || answer.body() != "null")
}

fn redis_killed(world: &mut World) -> Result<bool> {
    let before = world.told("Redis is away");
    world.redis.kill();
    thread::sleep(Duration::from_secs(1));
    world.redis.go_on()?;
    Ok(world.told("Redis is away") > before)
}

fn redis_flushed(world: &mut World) -> Result<bool> {
    let full = world.redis.say("DBSIZE")? != ":0";
    for _ in 0..5 {
        world.redis.say("FLUSHALL")?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(full)
}

fn redis_slow(world: &mut World) -> Result<bool> {
    let begun = Instant::now();
    for _ in 0..5 {
        world.redis.say("DEBUG SLEEP 0.3")?;
    }
    Ok(begun.elapsed() >= Duration::from_millis(1500))
}

fn redis_password(world: &mut World) -> Result<bool> {
    let before = world.told("Redis is away");
    world.redis.say("CONFIG SET requirepass another\r\nAUTH another\r\nCLIENT KILL TYPE normal SKIPME yes\r\nCLIENT KILL TYPE pubsub")?;
    thread::sleep(Duration::from_secs(1));
    let landed = world.told("Redis is away") > before;
    world.redis.say("AUTH another\r\nCONFIG SET requirepass \"\"")?;
    thread::sleep(Duration::from_millis(100));
    Ok(landed)
}

#[expect(clippy::unnecessary_wraps, reason = "one type for all faults")]
fn redis_cut(world: &mut World) -> Result<bool> {
    // The node may rest from the round before; then it is not told again that Redis is away.
    let before = world.cable.swallowed();
    world.cable.cut();
    thread::sleep(Duration::from_secs(6));
    world.cable.mend();
    Ok(world.cable.swallowed() > before)
}

fn postgres_restarted(world: &mut World) -> Result<bool> {
    Postgres::switch("stop")?;
    thread::sleep(Duration::from_secs(1));
    let gone = world.postgres.ask("select 1").is_err();
    Postgres::switch("start")?;
    Ok(gone)
}

fn postgres_read_only(world: &mut World) -> Result<bool> {
    world.postgres.admin("alter system set default_transaction_read_only = on")?;
    world.postgres.admin("select pg_reload_conf()")?;
    thread::sleep(Duration::from_secs(1));
    let landed = world.postgres.ask("create table refused (x int)").is_err();
    world.postgres.admin("alter system reset default_transaction_read_only")?;
    world.postgres.admin("select pg_reload_conf()")?;
    Ok(landed)
}

fn postgres_connections(world: &mut World) -> Result<bool> {
    let mut ended = 0;
    for _ in 0..5 {
        let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                   where datname like 'chaos%' and pid <> pg_backend_pid()";
        ended += world.postgres.admin(sql)?.trim().parse::<u32>()?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(ended > 0)
}

fn node_killed(world: &mut World) -> Result<bool> {
    let Some(node) = world.nodes.first_mut() else { return Ok(false) };
    node.kill();
    let gone = TcpStream::connect(node.at).is_err();
    thread::sleep(Duration::from_millis(500));
    node.go_on()?;
    Ok(gone)
}

#[expect(clippy::unnecessary_wraps, reason = "one type for all faults")]
fn slow_clients(world: &mut World) -> Result<bool> {
    use std::io::Write;
    let mut slow: Vec<TcpStream> = Vec::new();
    for at in 0..1000 {
        let Some(node) = world.nodes.get(at % 2) else { continue };
        if let Ok(stream) = TcpStream::connect(node.at) {
            slow.push(stream);
        }
    }
    let many = slow.len() == 1000;
    for byte in b"GET /api/auth/ok" {
        slow.retain_mut(|stream| stream.write_all(&[*byte]).is_ok());
        thread::sleep(Duration::from_millis(100));
    }
    Ok(many)
}
