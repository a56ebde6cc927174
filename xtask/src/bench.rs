//! `cargo xtask bench`: ratios of one run on one machine, against the budgets.
//!
//! Everything runs on the loopback interface, one thing at a time, and every load ends by itself.

mod measure;
mod nodes;
mod organizations;
mod report;
mod sockets;

use anyhow::{Context, Result, bail};

use crate::{
    conformance::{harness, prepare},
    shell::{cargo, output, root, run as execute, target, write},
};
use measure::{Bare, Figures, Load, Plan, Server};
use report::{Row, Table};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Connections of the hot path.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Measures Better Auth on Node as well. It needs the differential harness.
    #[arg(long)]
    better_auth: bool,
    /// Measures the hot path and sign-in again with this many users in the database.
    #[arg(long)]
    users: Option<u32>,
    /// Only a part: `nodes`, `sockets` or `organizations`; writes no page.
    #[arg(long)]
    only: Option<String>,
    /// The profile to build with. Figures of another than `release` mean nothing.
    #[arg(long, default_value = "release")]
    profile: String,
}

const PASSWORD: &str = "Correct-Horse-42";
const EMAIL: &str = "load@example.com";
/// Processes of which the middle one counts.
const PROCESSES: usize = 5;
/// Turns of two measurements that are compared: what a shared machine has to give changes from one to the next.
const TURNS: usize = 3;
/// Connections that sign in: enough to keep every core busy, few enough to wait for.
const SIGN_INS: usize = 16;

pub(crate) fn run(args: &Args) -> Result<()> {
    let plan = build(args)?;
    let mut table = Table::default();
    if let Some(only) = &args.only {
        return part(&plan, &mut table, args, only);
    }
    let first = tessera(args, &plan, &mut table)?;
    let whole = tokens(&plan, &mut table)?;
    api_keys(&plan, &mut table)?;
    organizations::measure(&plan, &mut table)?;
    nodes::measure(&plan, &mut table)?;
    sockets::measure(&plan, &mut table)?;
    verification(args, &mut table)?;
    if let Some(users) = args.users {
        with_users(&plan, &mut table, users)?;
    }
    if args.better_auth {
        better_auth(&plan, &mut table, &first, &whole)?;
    }
    let page = report::page(&table, args);
    println!("\n{page}");
    if args.profile == "release" {
        write(&root().join("docs/benchmarks.md"), &page)?;
        println!("wrote docs/benchmarks.md");
    }
    Ok(())
}

/// One part, printed and not written.
fn part(plan: &Plan, table: &mut Table, args: &Args, only: &str) -> Result<()> {
    match only {
        "nodes" => nodes::measure(plan, table)?,
        "sockets" => sockets::measure(plan, table)?,
        "organizations" => organizations::measure(plan, table)?,
        _ => bail!("there is no part {only}; there are nodes, sockets, organizations"),
    }
    println!("\n{}", report::page(table, args));
    Ok(())
}

fn build(args: &Args) -> Result<Plan> {
    // Its scripts seed databases, and Better Auth is among its packages.
    let packages = prepare()?;
    execute(&mut cargo(&["build", "--profile", &args.profile, "-p", "tessera", "-p", "tessera-load"]))?;
    let folder = if args.profile == "dev" { "debug" } else { &args.profile };
    let binaries = target()?.join(folder);
    Ok(Plan { binaries, packages, seconds: args.seconds, connections: args.connections })
}

/// The ceiling of sign-ins: hashes a second of all cores, with nothing around them.
fn raw_rate(args: &Args) -> Result<f64> {
    let threads = std::thread::available_parallelism()?.to_string();
    let text = example(args, "auth-crypto", "hash_rate", &[&threads, &args.seconds.to_string()])?;
    let raw = rate(&text, "rate")?;
    println!("raw argon2id: {raw:.1} a second");
    Ok(raw)
}

/// What an example that measures prints.
fn example(args: &Args, package: &str, name: &str, arguments: &[&str]) -> Result<String> {
    let mut command = cargo(&["run", "--quiet", "--profile", &args.profile, "-p", package]);
    output(command.args(["--example", name, "--"]).args(arguments))
}

/// A figure of its lines `name=value`.
fn rate(text: &str, name: &str) -> Result<f64> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let value = lines.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value.trim().parse());
    Ok(value.with_context(|| format!("there is no figure `{name}`"))??)
}

/// Checking tokens on one core, against the bare signature check of the fastest library.
fn verification(args: &Args, table: &mut Table) -> Result<()> {
    let mut fastest = 0.0_f64;
    let mut ratios = |package, name, ours, raw: [&str; 2]| -> Result<f64> {
        // Where the system puts a process in memory makes some of them slower from beginning to end.
        let mut ratios = Vec::new();
        for _ in 0..PROCESSES {
            let text = example(args, package, name, &[])?;
            let raw = rate(&text, raw[0])?.max(rate(&text, raw[1])?);
            fastest = fastest.max(raw);
            ratios.push(rate(&text, ours)? / raw);
        }
        ratios.sort_by(f64::total_cmp);
        println!("{name}: {ratios:.3?}");
        ratios.get(PROCESSES / 2).copied().context("nothing was measured")
    };
    let layer = ratios("example-axum", "jwt_rate", "layer", ["aws_lc", "dalek"])?;
    let elsewhere = ratios("auth-verify", "verify_rate", "rate", ["aws_lc", "raw"])?;
    table.figure("raw Ed25519 verification, one core", fastest, "a second");
    table.add(Row::ratio("`JwtLayer` and `Identity` ÷ raw Ed25519", layer, 0.85));
    table.add(Row::ratio("`auth-verify` in another service ÷ raw Ed25519", elsewhere, 0.85));
    Ok(())
}

/// The server with every plugin that it has, and tokens in place of cookies.
fn tokens(plan: &Plan, table: &mut Table) -> Result<Whole> {
    let server = Server::tessera(plan, "perf", None)?;
    let cookie = server.sign_up(EMAIL, PASSWORD)?;
    let get_session = plan.load(&server, &hot(&cookie))?;
    let token = plan.load(&server, &token(&cookie))?;
    let (api_key, list) = further(plan, &server, &cookie)?;
    drop(server);
    table.load("GET /get-session with all plugins, a signed token in each answer", &get_session);
    table.load("GET /token", &token);

    let server = Server::tessera(plan, "perf", Some(&["bearer"]))?;
    let cookie = server.sign_up(EMAIL, PASSWORD)?;
    let value = cookie.split_once('=').map(|(_, value)| value).context("the cookie has no value")?;
    let bearer = Load { headers: vec![format!("authorization: Bearer {value}")], ..hot("") };
    let (by_bearer, by_cookie) = in_turns(
        || Ok(plan.load(&server, &bearer)?.rps),
        || Ok(plan.load(&server, &hot(&cookie))?.rps),
        |rps| *rps,
    )?;
    table.figure("GET /get-session with a bearer token", by_bearer, "requests/s");
    table.add(Row::ratio(
        "GET /get-session with a bearer token ÷ with a cookie",
        by_bearer / by_cookie,
        0.95,
    ));
    Ok(Whole { get_session: get_session.rps, token: token.rps, api_key: api_key.rps, list: list.rps })
}

/// A key in place of a cookie; its rate limit and its uses are counted.
fn api_keys(plan: &Plan, table: &mut Table) -> Result<()> {
    let server = Server::tessera(plan, "perf", Some(&["api-key"]))?;
    let cookie = server.sign_up(EMAIL, PASSWORD)?;
    let with_key = with_key(&server, &cookie)?;
    let body = server.once(&with_key)?.body;
    let bare = Bare::start(plan, "/api/auth/get-session", &body)?;
    let (figures, bare_rps) = in_turns(
        || plan.load(&server, &with_key),
        || Ok(plan.load_at(&bare.base, &with_key)?.rps),
        |figures| figures.rps,
    )?;
    table.load("GET /get-session with an API key, its limit and uses counted", &figures);
    table.add(Row::ratio("GET /get-session with an API key ÷ bare handler", figures.rps / bare_rps, 0.45));
    Ok(())
}

/// A question for the session by a new key.
fn with_key(server: &Server, cookie: &str) -> Result<Load> {
    let created = server.post("/api/auth/api-key/create", cookie, &serde_json::json!({}))?;
    let key = created.get("key").and_then(|key| key.as_str()).context("the answer has no key")?;
    Ok(Load { headers: vec![format!("x-api-key: {key}")], ..hot("") })
}

/// Of a server with every plugin.
struct Whole {
    get_session: f64,
    token: f64,
    api_key: f64,
    list: f64,
}

/// What only a server with plugins has: `get-session` by an API key, and the list of organizations.
fn further(plan: &Plan, server: &Server, cookie: &str) -> Result<(Figures, Figures)> {
    for slug in ["one", "two", "three"] {
        let body = serde_json::json!({ "name": slug, "slug": slug });
        server.post("/api/auth/organization/create", cookie, &body)?;
    }
    let list = Load { path: "/api/auth/organization/list".to_owned(), ..hot(cookie) };
    Ok((plan.load(server, &with_key(server, cookie)?)?, plan.load(server, &list)?))
}

/// What later measurements are compared with.
struct Rates {
    sign_in: f64,
    sign_up: f64,
}

fn tessera(args: &Args, plan: &Plan, table: &mut Table) -> Result<Rates> {
    // Once to make the database: a start on an existing one is what happens every day.
    let mut server = Server::tessera(plan, "perf", Some(&[]))?;
    let cookie = server.sign_up(EMAIL, PASSWORD)?;
    server.restart()?;
    table.add(Row::most("start to the first answer", server.start_ms, 300.0, "ms"));
    std::thread::sleep(std::time::Duration::from_secs(2));
    table.add(Row::most("memory, idle", server.memory_mb()?, 40.0, "MB"));

    let body = server.once(&hot(&cookie))?.body;
    let bare = Bare::start(plan, "/api/auth/get-session", &body)?;
    let (get_session, bare_rps) = in_turns(
        || plan.load(&server, &hot(&cookie)),
        || Ok(plan.load_at(&bare.base, &hot(&cookie))?.rps),
        |figures| figures.rps,
    )?;
    drop(bare);
    table.figure("bare axum handler, same bytes", bare_rps, "requests/s");
    table.load("GET /get-session, warm", &get_session);
    table.add(Row::ratio("GET /get-session ÷ bare handler", get_session.rps / bare_rps, 0.55));

    let beside = Load { pause_ms: 20, connections: Some(4), ..hot(&cookie) };
    let ((sign_in, meanwhile), raw) = in_turns(
        || plan.load_beside(&server, &sign_in(), &beside),
        || raw_rate(args),
        |(figures, _)| figures.rps,
    )?;
    table.figure("raw argon2id, all cores", raw, "hashes/s");
    table.load("POST /sign-in/email", &sign_in);
    table.add(Row::ratio("POST /sign-in/email ÷ raw argon2id", sign_in.rps / raw, 0.90));
    table.add(Row::most("GET /get-session during sign-ins, p95", meanwhile.p95_ms, 20.0, "ms"));
    let sign_up = plan.load(&server, &sign_up())?;
    table.load("POST /sign-up/email", &sign_up);
    Ok(Rates { sign_in: sign_in.rps, sign_up: sign_up.rps })
}

/// Two measurements that take turns: of the turns, the one whose ratio is in the middle.
fn in_turns<T>(
    mut ours: impl FnMut() -> Result<T>,
    mut ceiling: impl FnMut() -> Result<f64>,
    rate: impl Fn(&T) -> f64,
) -> Result<(T, f64)> {
    let mut turns = Vec::new();
    for _ in 0..TURNS {
        turns.push((ours()?, ceiling()?));
    }
    turns.sort_by(|a, b| (rate(&a.0) / a.1).total_cmp(&(rate(&b.0) / b.1)));
    turns.into_iter().nth(TURNS / 2).context("nothing was measured")
}

fn with_users(plan: &Plan, table: &mut Table, users: u32) -> Result<()> {
    let few = Server::tessera(plan, "perf", Some(&[]))?;
    let mut many = Server::tessera(plan, "perf", Some(&[]))?;
    let (cookie_of_few, cookie) = (few.sign_up(EMAIL, PASSWORD)?, many.sign_up(EMAIL, PASSWORD)?);
    many.seed(plan, users, EMAIL)?;
    many.restart()?;
    for (what, load, load_of_few) in [
        ("GET /get-session", hot(&cookie), hot(&cookie_of_few)),
        ("POST /sign-in/email", sign_in(), sign_in()),
    ] {
        let (many, few) = in_turns(
            || Ok(plan.load(&many, &load)?.rps),
            || Ok(plan.load(&few, &load_of_few)?.rps),
            |rps| *rps,
        )?;
        table.add(Row::ratio(&format!("{what} with {users} users ÷ with few"), many / few, 0.90));
    }
    Ok(())
}

fn better_auth(plan: &Plan, table: &mut Table, ours: &Rates, whole: &Whole) -> Result<()> {
    let Some(harness) = harness(&plan.packages)? else {
        bail!("--better-auth needs the differential harness; TESSERA_CONFORMANCE=<folder> names it");
    };
    let server = Server::better_auth(plan, &harness, "perf")?;
    let cookie = server.sign_up(EMAIL, PASSWORD)?;
    let get_session = plan.load(&server, &hot(&cookie))?;
    let sign_in = plan.load(&server, &sign_in())?;
    let sign_up = plan.load(&server, &sign_up())?;
    let token = plan.load(&server, &token(&cookie))?;
    let (api_key, list) = further(plan, &server, &cookie)?;
    for (what, theirs, ours, least) in [
        ("GET /get-session", get_session, whole.get_session, 150.0),
        ("GET /token", token, whole.token, 60.0),
        ("GET /get-session with an API key", api_key, whole.api_key, 100.0),
        ("GET /organization/list", list, whole.list, 25.0),
        ("POST /sign-in/email", sign_in, ours.sign_in, 5.0),
        ("POST /sign-up/email", sign_up, ours.sign_up, 8.0),
    ] {
        table.load(&format!("Better Auth: {what}"), &theirs);
        table.add(Row::ratio(&format!("{what} ÷ Better Auth"), ours / theirs.rps, least));
    }
    Ok(())
}

fn hot(cookie: &str) -> Load {
    Load {
        path: "/api/auth/get-session".to_owned(),
        headers: vec![format!("cookie: {cookie}")],
        ..Load::default()
    }
}

fn token(cookie: &str) -> Load {
    Load { path: "/api/auth/token".to_owned(), ..hot(cookie) }
}

fn sign_in() -> Load {
    let body = format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}"}}"#);
    Load {
        path: "/api/auth/sign-in/email".to_owned(),
        body: Some(body),
        connections: Some(SIGN_INS),
        ..Load::default()
    }
}

fn sign_up() -> Load {
    let body = format!(r#"{{"name":"Load","email":"load-{{n}}@example.com","password":"{PASSWORD}"}}"#);
    Load {
        path: "/api/auth/sign-up/email".to_owned(),
        body: Some(body),
        connections: Some(SIGN_INS),
        ..Load::default()
    }
}
