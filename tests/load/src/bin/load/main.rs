//! Sends requests over kept connections and says how long the answers took.
//!
//! One thread sends everything, so that a server on the same machine keeps the other cores. Only
//! addresses of this machine are taken, and every run ends by itself.

mod connection;
mod figures;
mod revocations;
mod sockets;

use std::{
    net::SocketAddr,
    process::ExitCode,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};

use connection::Connection;
use figures::Figures;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// `http://127.0.0.1:<port>/<path>`.
    #[arg(long, global = true, default_value = "")]
    url: String,
    #[arg(long, global = true, default_value = "GET")]
    method: String,
    /// `name: value`; may be given several times.
    #[arg(long, global = true)]
    header: Vec<String>,
    /// JSON. Each `{n}` in it becomes a number that no other request of this run has.
    #[arg(long, global = true)]
    body: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// One request; prints the answer as JSON.
    Once,
    /// Many requests; prints figures as JSON.
    Run {
        #[arg(long, default_value_t = 64)]
        connections: usize,
        /// At most 300.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
        seconds: u64,
        /// Milliseconds between an answer and the next request of its connection.
        #[arg(long, default_value_t = 0)]
        pause_ms: u64,
    },
    /// Idle WebSockets; prints a line once all are open, and holds them.
    Sockets {
        #[arg(long, default_value_t = 10_000)]
        count: usize,
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
        seconds: u64,
    },
    /// Sessions that end on the node of `--url`: how long another one takes them for good.
    Revocations {
        /// The other node: an address and a port.
        #[arg(long)]
        other: SocketAddr,
        #[arg(long, default_value_t = 200)]
        rounds: usize,
    },
}

/// Where to, and what.
struct Target {
    address: SocketAddr,
    head: String,
    body: Option<String>,
    count: AtomicU64,
}

impl Target {
    fn new(cli: &Cli) -> Result<Self> {
        let rest = cli.url.strip_prefix("http://").context("--url has to start with http://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let address: SocketAddr = host.parse().context("--url has to name an address and a port")?;
        if !address.ip().is_loopback() {
            bail!("{address} is not this machine; load goes to this machine only");
        }
        let path = if path.is_empty() { "/" } else { path };
        let mut head = format!("{} {path} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\n", cli.method);
        for header in &cli.header {
            head += header;
            head += "\r\n";
        }
        if cli.body.is_some() {
            head += "content-type: application/json\r\n";
        }
        Ok(Self { address, head, body: cli.body.clone(), count: AtomicU64::new(0) })
    }

    /// The next request. One without a number in it is the same every time.
    fn request(&self) -> Vec<u8> {
        let Some(body) = &self.body else { return format!("{}\r\n", self.head).into_bytes() };
        let number = self.count.fetch_add(1, Relaxed);
        let body = body.replace("{n}", &format!("{}-{number}", std::process::id()));
        format!("{}content-length: {}\r\n\r\n{body}", self.head, body.len()).into_bytes()
    }
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let target = Target::new(cli)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let printed = match cli.command {
        Command::Once => runtime.block_on(async {
            let mut connection = Connection::open(target.address).await?;
            connection.exchange(&target.request()).await?.describe()
        })?,
        Command::Run { connections, seconds, pause_ms } => {
            let local = tokio::task::LocalSet::new();
            let (length, pause) = (Duration::from_secs(seconds), Duration::from_millis(pause_ms));
            serde_json::to_string(&local.block_on(&runtime, load(target, connections, length, pause))?)?
        }
        Command::Sockets { count, seconds } => {
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, sockets::hold(target, count, Duration::from_secs(seconds)))?
        }
        Command::Revocations { other, rounds } => {
            runtime.block_on(revocations::measure(target, other, rounds))?
        }
    };
    println!("{printed}");
    Ok(())
}

async fn load(
    target: Target,
    connections: usize,
    length: Duration,
    pause: Duration,
) -> Result<figures::Summary> {
    let target = Rc::new(target);
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(target.address).await?);
    }
    let begun = Instant::now();
    let end = begun + length;
    let send = |connection| tokio::task::spawn_local(one(connection, target.clone(), end, pause));
    let tasks: Vec<_> = open.into_iter().map(send).collect();
    let mut all = Figures::default();
    for task in tasks {
        all.merge(task.await?);
    }
    Ok(all.summary(begun.elapsed()))
}

/// One connection's share. A connection that breaks is replaced.
async fn one(mut connection: Connection, target: Rc<Target>, end: Instant, pause: Duration) -> Figures {
    let mut figures = Figures::default();
    let fixed = target.body.is_none().then(|| target.request());
    while Instant::now() < end {
        let started = Instant::now();
        let answer = match &fixed {
            Some(request) => connection.exchange(request).await,
            None => connection.exchange(&target.request()).await,
        };
        if let Ok(answer) = answer {
            figures.add(started.elapsed(), answer.status());
        } else {
            figures.lost();
            let Ok(new) = Connection::open(target.address).await else { break };
            connection = new;
        }
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
    figures
}
