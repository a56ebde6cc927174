//! Servers that are measured, and the loads that measure them.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    conformance::{launcher, node},
    shell::{Scratch, free_port, output, root, run, without_settings},
};

/// Clock ticks a second in `/proc`, on every Linux of today.
const TICKS: f64 = 100.0;

/// What was built and how long to measure.
pub(super) struct Plan {
    pub(super) binaries: PathBuf,
    pub(super) packages: PathBuf,
    pub(super) seconds: u64,
    pub(super) connections: usize,
}

/// What is sent. A body makes it a POST.
#[derive(Default)]
pub(super) struct Load {
    pub(super) path: String,
    pub(super) headers: Vec<String>,
    pub(super) body: Option<String>,
    pub(super) connections: Option<usize>,
    pub(super) pause_ms: u64,
}

#[derive(Deserialize)]
pub(super) struct Figures {
    pub(super) requests: u64,
    pub(super) refused: u64,
    pub(super) lost: u64,
    pub(super) rps: f64,
    pub(super) p50_ms: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) cookies: Vec<String>,
    pub(super) body: String,
}

impl Plan {
    pub(super) fn command(&self, base: &str, load: &Load, word: &str) -> Command {
        let mut command = Command::new(self.binaries.join("tessera-load"));
        command.arg(word).arg("--url").arg(format!("{base}{}", load.path));
        for header in &load.headers {
            command.args(["--header", header]);
        }
        if let Some(body) = &load.body {
            command.args(["--method", "POST", "--body", body]);
        }
        if word == "run" {
            let connections = load.connections.unwrap_or(self.connections).to_string();
            command.args(["--connections", &connections, "--seconds", &self.seconds.to_string()]);
            command.args(["--pause-ms", &load.pause_ms.to_string()]);
        }
        command
    }

    pub(super) fn load(&self, server: &Server, load: &Load) -> Result<Figures> {
        self.load_at(&server.base, load)
    }

    pub(super) fn load_at(&self, base: &str, load: &Load) -> Result<Figures> {
        read(&load.path, &output(&mut self.command(base, load, "run"))?)
    }

    /// Two loads at the same time.
    pub(super) fn load_beside(
        &self,
        server: &Server,
        main: &Load,
        beside: &Load,
    ) -> Result<(Figures, Figures)> {
        let second = self.command(&server.base, beside, "run").stdout(Stdio::piped()).spawn()?;
        let first = self.load(server, main);
        let text = String::from_utf8(second.wait_with_output()?.stdout)?;
        Ok((first?, read(&beside.path, &text)?))
    }
}

/// Figures, if what they are of was answered.
pub(super) fn read(path: &str, text: &str) -> Result<Figures> {
    let figures: Figures = serde_json::from_str(text).with_context(|| format!("no figures of {path}"))?;
    println!(
        "{path}: {:.1} requests/s, p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms ({} refused, {} lost)",
        figures.rps, figures.p50_ms, figures.p95_ms, figures.p99_ms, figures.refused, figures.lost
    );
    if figures.requests == 0 || (figures.refused + figures.lost) * 100 > figures.requests {
        bail!("{path}: more than one answer in a hundred is a refusal: this measures something else");
    }
    Ok(figures)
}

/// A server on a database of its own.
pub(super) struct Server {
    pub(super) base: String,
    pub(super) start_ms: f64,
    child: Child,
    command: Command,
    load: PathBuf,
    scratch: Scratch,
}

impl Server {
    /// With these plugins beyond the core, or with all that it has.
    pub(super) fn tessera(plan: &Plan, profile: &str, plugins: Option<&[&str]>) -> Result<Self> {
        let mut command = Command::new(launcher());
        if let Some(plugins) = plugins {
            command.env("OPTIONS", serde_json::json!({ "plugins": plugins }).to_string());
        }
        without_settings(&mut command).env("TESSERA_BIN", plan.binaries.join("tessera"));
        Self::start(plan, command, profile)
    }

    /// On a database and a Redis that are there already.
    pub(super) fn node(
        plan: &Plan,
        profile: &str,
        database: &str,
        redis: Option<&str>,
        options: &Value,
    ) -> Result<Self> {
        let mut command = Command::new(launcher());
        command.env("OPTIONS", options.to_string());
        without_settings(&mut command).env("TESSERA_BIN", plan.binaries.join("tessera"));
        if let Some(redis) = redis {
            command.env("REDIS", redis);
        }
        Self::start_on(plan, command, profile, Some(database))
    }

    pub(super) fn better_auth(plan: &Plan, harness: &Path, profile: &str) -> Result<Self> {
        let mut command = Command::new("node");
        command.current_dir(harness).arg("server.mjs").env("NODE_ENV", "production");
        Self::start(plan, command, profile)
    }

    fn start(plan: &Plan, command: Command, profile: &str) -> Result<Self> {
        Self::start_on(plan, command, profile, None)
    }

    fn start_on(plan: &Plan, mut command: Command, profile: &str, database: Option<&str>) -> Result<Self> {
        let scratch = Scratch::new(&format!("bench-{}", free_port()?))?;
        let port = free_port()?;
        let base = format!("http://127.0.0.1:{port}");
        command.env("PORT", port.to_string()).env("HOST", "127.0.0.1").env("BASE_URL", &base);
        command.env("PROFILE", profile).env("OUTBOX", "none");
        match database {
            Some(database) => command.env("DB", database),
            None => command.env("DB", scratch.0.join("load.sqlite")),
        };
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let load = plan.binaries.join("tessera-load");
        let (child, start_ms) = spawn(&mut command, &load, &base)?;
        Ok(Self { base, start_ms, child, command, load, scratch })
    }

    /// Ends it in order and starts it again on the same database.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.stop();
        (self.child, self.start_ms) = spawn(&mut self.command, &self.load, &self.base)?;
        Ok(())
    }

    fn stop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // SIGTERM lets it close its database; std alone can only kill.
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }

    pub(super) fn once(&self, load: &Load) -> Result<Answer> {
        once(&self.load, &self.base, load)
    }

    /// Makes a user and gives the cookies of its session.
    pub(super) fn sign_up(&self, email: &str, password: &str) -> Result<String> {
        let body = format!(r#"{{"name":"Load","email":"{email}","password":"{password}"}}"#);
        let load = Load { path: "/api/auth/sign-up/email".to_owned(), body: Some(body), ..Load::default() };
        let answer = self.once(&load)?;
        if answer.status != 200 {
            bail!("the first sign-up was answered with {}: {}", answer.status, answer.body);
        }
        let pairs: Vec<_> = answer.cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
        Ok(pairs.join("; "))
    }

    /// The answer to a body, by who has this cookie.
    pub(super) fn post(&self, path: &str, cookie: &str, body: &Value) -> Result<Value> {
        let load = Load {
            path: path.to_owned(),
            headers: vec![format!("cookie: {cookie}")],
            body: Some(body.to_string()),
            ..Load::default()
        };
        let answer = self.once(&load)?;
        if answer.status != 200 {
            bail!("{path}: {} {}", answer.status, answer.body);
        }
        serde_json::from_str(&answer.body).with_context(|| format!("{path} answered with no JSON"))
    }

    /// Seconds that its process has kept a core busy.
    pub(super) fn busy(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may have spaces; user and system time are 12 and 13 fields behind it.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks =
            |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).context("no times");
        Ok((ticks(11)? + ticks(12)?) / TICKS)
    }

    pub(super) fn memory_mb(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kib / 1024.0)
    }

    /// Copies a user many times, while the server is away.
    pub(super) fn seed(&mut self, plan: &Plan, users: u32, email: &str) -> Result<()> {
        self.stop();
        let script = plan.packages.join("own/seed.mjs");
        fs::copy(root().join("tests/load/seed.mjs"), &script)?;
        let mut seed = node(&plan.packages.join("own"), "seed.mjs", &plan.binaries.join("tessera"));
        run(seed.arg(self.scratch.0.join("load.sqlite")).arg(users.to_string()).arg(email))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn once(binary: &Path, base: &str, load: &Load) -> Result<Answer> {
    let plan = Plan {
        binaries: binary.parent().map(Path::to_path_buf).unwrap_or_default(),
        packages: PathBuf::new(),
        seconds: 0,
        connections: 0,
    };
    let text = output(&mut plan.command(base, load, "once"))?;
    serde_json::from_str(&text).with_context(|| format!("no answer from {}", load.path))
}

/// Starts a server and waits for its first answer; the time is from the start to that.
fn spawn(command: &mut Command, load: &Path, base: &str) -> Result<(Child, f64)> {
    let address = base.strip_prefix("http://").unwrap_or(base).to_owned();
    let begun = Instant::now();
    let mut child =
        command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    loop {
        if TcpStream::connect(&address).is_ok() {
            let ok = Load { path: "/api/auth/ok".to_owned(), ..Load::default() };
            if once(load, base, &ok).is_ok_and(|answer| answer.status == 200) {
                break;
            }
        }
        if child.try_wait()?.is_some() || begun.elapsed() > Duration::from_mins(1) {
            drop(child.kill());
            drop(child.wait());
            bail!("the server does not start");
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok((child, begun.elapsed().as_secs_f64() * 1000.0))
}

/// The bare handler.
pub(super) struct Bare {
    pub(super) base: String,
    child: Child,
    _scratch: Scratch,
}

impl Bare {
    pub(super) fn start(plan: &Plan, path: &str, body: &str) -> Result<Self> {
        let scratch = Scratch::new("bench-bare")?;
        let file = scratch.0.join("body");
        fs::write(&file, body)?;
        let port = free_port()?;
        let base = format!("http://127.0.0.1:{port}");
        let mut command = Command::new(plan.binaries.join("tessera-bare"));
        command.args(["--port", &port.to_string(), "--path", path, "--body"]).arg(file);
        let child = command.spawn().context("cannot start the bare handler")?;
        let started = Self { base, child, _scratch: scratch };
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until {
                bail!("the bare handler does not start");
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(started)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
