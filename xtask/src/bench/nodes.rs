//! Two nodes on PostgreSQL with a Redis, beside one without.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::json;

use super::{
    EMAIL, PASSWORD, hot, in_turns,
    measure::{Figures, Load, Plan, Server, read},
    report::{Row, Table},
    sign_in,
};
use crate::{
    conformance::node,
    services::Services,
    shell::{output, root},
};

/// Clients at the same time, over both nodes.
const CLIENTS: usize = 1000;
const REVOCATIONS: usize = 200;

/// Requests a second of load, and for each second that a core was busy.
struct Rate {
    a_second: f64,
    a_core: f64,
    p95_ms: f64,
}

pub(super) fn measure(plan: &Plan, table: &mut Table) -> Result<()> {
    let services = Services::start();
    let missing = || services.skipped.join("; ");
    let postgres = services.postgres.as_deref().with_context(missing)?;
    let redis = services.redis.as_deref().with_context(missing)?;
    let quiet = json!({ "plugins": [] });
    let shared = json!({ "url": redis, "prefix": format!("bench-{}:", std::process::id()) }).to_string();

    let alone = Server::node(plan, "perf", &database(plan, postgres)?, None, &quiet)?;
    let cookie_alone = alone.sign_up(EMAIL, PASSWORD)?;
    let together = database(plan, postgres)?;
    let start = || Server::node(plan, "perf", &together, Some(&shared), &quiet);
    let pair = [start()?, start()?];
    let cookie = pair[0].sign_up(EMAIL, PASSWORD)?;

    let (both, one) = in_turns(
        || rate(plan, &pair, &hot(&cookie)),
        || Ok(rate(plan, std::slice::from_ref(&alone), &hot(&cookie_alone))?.a_core),
        |rate| rate.a_core,
    )?;
    table.figure("one node on PostgreSQL: GET /get-session for each second of a core", one, "requests");
    table.figure("two nodes with Redis: GET /get-session for each second of a core", both.a_core, "requests");
    table.figure("two nodes with Redis: GET /get-session", both.a_second, "requests/s");
    table.add(Row::ratio(
        "GET /get-session for each second of a core, two nodes ÷ one",
        both.a_core / one,
        0.9,
    ));
    let crowd = Load { connections: Some(CLIENTS / pair.len()), ..hot(&cookie) };
    let crowded = rate(plan, &pair, &crowd)?;
    table.add(Row::most(
        &format!("GET /get-session with {CLIENTS} clients, p95"),
        crowded.p95_ms,
        50.0,
        "ms",
    ));

    let (with, without) = in_turns(
        || plan.load(&pair[0], &sign_in()),
        || Ok(plan.load(&alone, &sign_in())?.rps),
        |figures| figures.rps,
    )?;
    table.add(Row::ratio("POST /sign-in/email with Redis ÷ without", with.rps / without, 0.9));

    let mut revocations = plan.command(&pair[0].base, &sign_in(), "revocations");
    let other = pair[1].base.trim_start_matches("http://");
    revocations.args(["--other", other, "--rounds", &REVOCATIONS.to_string()]);
    let heard = read("signing out", &output(&mut revocations)?)?;
    table.figure("signed out on one node, known on the other, p50", heard.p50_ms, "ms");
    table.add(Row::most("signed out on one node, known on the other, p99", heard.p99_ms, 50.0, "ms"));
    drop(pair);

    let limit = json!({ "plugins": [], "rateLimit": { "enabled": true, "window": 60, "max": 1_000_000 } });
    let limited = Server::node(plan, "perf", &together, Some(&shared), &limit)?;
    let before = commands(redis)?;
    let figures = plan.load(&limited, &hot(&cookie))?;
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each = (commands(redis)? - before) / figures.requests as f64;
    table.add(Row::most("round trips to Redis for a request with a rate limit", each, 1.1, ""));
    Ok(())
}

/// The load goes to all of them at the same time.
fn rate(plan: &Plan, servers: &[Server], load: &Load) -> Result<Rate> {
    let busy = || servers.iter().map(Server::busy).sum::<Result<f64>>();
    let before = busy()?;
    let (first, others) = servers.split_first().context("no server")?;
    let beside: Vec<_> = others
        .iter()
        .map(|server| plan.command(&server.base, load, "run").stdout(Stdio::piped()).spawn())
        .collect::<Result<_, _>>()?;
    let mut all: Vec<Figures> = vec![plan.load(first, load)?];
    for child in beside {
        all.push(read(&load.path, &String::from_utf8(child.wait_with_output()?.stdout)?)?);
    }
    let busy = busy()? - before;
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let requests = all.iter().map(|figures| figures.requests).sum::<u64>() as f64;
    Ok(Rate {
        a_second: all.iter().map(|figures| figures.rps).sum(),
        a_core: requests / busy,
        p95_ms: all.iter().map(|figures| figures.p95_ms).fold(0.0, f64::max),
    })
}

fn database(plan: &Plan, postgres: &str) -> Result<String> {
    let own = plan.packages.join("own");
    fs::copy(root().join("tests/load/database.mjs"), own.join("database.mjs"))?;
    let mut make = node(&own, "database.mjs", &plan.binaries.join("tessera"));
    Ok(output(make.arg(postgres))?.trim().to_owned())
}

/// Commands that programs have sent to a Redis so far. What scripts do there is no round trip, but Redis counts
/// it too.
fn commands(redis: &str) -> Result<f64> {
    const OF_SCRIPTS: [&str; 12] = [
        "time", "hmget", "hset", "pexpire", "hget", "hgetall", "hdel", "incr", "incrby", "pttl", "info",
        "quit",
    ];
    let address = redis.trim_start_matches("redis://").split('/').next().unwrap_or_default();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"INFO commandstats\r\nQUIT\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let mut sum = 0.0;
    for line in text.lines().filter_map(|line| line.strip_prefix("cmdstat_")) {
        let (name, figures) = line.split_once(":calls=").context("Redis counts otherwise")?;
        if !OF_SCRIPTS.contains(&name) {
            sum += figures.split(',').next().unwrap_or_default().parse::<f64>()?;
        }
    }
    Ok(sum)
}
