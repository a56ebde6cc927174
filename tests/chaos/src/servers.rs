//! The PostgreSQL and the Redis that are broken.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::node::free_port;

/// A database of a scenario's own on the PostgreSQL of the run.
pub(crate) struct Postgres {
    server: String,
    name: String,
}

impl Postgres {
    pub(crate) fn fresh(name: &str) -> Result<Self> {
        let server =
            std::env::var("TESSERA_TEST_POSTGRES").context("TESSERA_TEST_POSTGRES names no server")?;
        let name = format!("chaos_{}_{}", name.replace('-', "_"), std::process::id());
        let postgres = Self { server, name };
        let name = &postgres.name;
        // Limits that are meant for the nodes do not hold for superusers.
        postgres.admin(&format!("create role {name} login"))?;
        postgres.admin(&format!("create database {name} owner {name}"))?;
        Ok(postgres)
    }

    fn database(&self) -> String {
        let (head, _) = self.server.rsplit_once('/').unwrap_or((&self.server, ""));
        format!("{head}/{}", self.name)
    }

    /// As the nodes connect: by a role of their own.
    pub(crate) fn url(&self) -> String {
        let database = self.database();
        let (_, rest) = database.split_once('@').unwrap_or(("", &database));
        format!("postgres://{}@{rest}", self.name)
    }

    pub(crate) fn role(&self) -> &str {
        &self.name
    }

    fn psql(url: &str, sql: &str, options: &str) -> Result<String> {
        let mut psql = Command::new("psql");
        psql.args(["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, url]).env("PGOPTIONS", options);
        let output = psql.output().context("psql does not run")?;
        ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Asks the scenario's database.
    pub(crate) fn ask(&self, sql: &str) -> Result<String> {
        Self::psql(&self.database(), sql, "")
    }

    /// Tells the server.
    pub(crate) fn admin(&self, sql: &str) -> Result<String> {
        // It may have been told to take no writes from anybody else.
        Self::psql(&self.server, sql, "-c default_transaction_read_only=off")
    }

    /// Whether a node could connect.
    pub(crate) fn lets_nodes_in(&self) -> bool {
        Self::psql(&self.url(), "select 1", "").is_ok()
    }

    /// `stop` or `start`, with the commands of the run.
    pub(crate) fn switch(what: &str) -> Result<()> {
        let variable = format!("TESSERA_TEST_POSTGRES_{}", what.to_uppercase());
        let command = std::env::var(&variable).with_context(|| format!("{variable} is not set"))?;
        let status = Command::new("sh").args(["-c", &command]).stdin(Stdio::null()).status()?;
        ensure!(status.success(), "`{command}` failed");
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // What is left over goes with the server.
        drop(self.admin(&format!("drop database if exists {} with (force)", self.name)));
        drop(self.admin(&format!("drop role if exists {}", self.name)));
    }
}

/// A Redis that can be stopped.
pub(crate) struct Redis {
    pub(crate) at: SocketAddr,
    child: Option<Child>,
}

impl Redis {
    pub(crate) fn start() -> Result<Self> {
        let mut redis = Self { at: SocketAddr::from(([127, 0, 0, 1], free_port()?)), child: None };
        redis.go_on()?;
        Ok(redis)
    }

    pub(crate) fn go_on(&mut self) -> Result<()> {
        let port = self.at.port().to_string();
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"])
            .args(["--enable-debug-command", "yes"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("redis-server does not start")?;
        self.child = Some(child);
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(self.at).is_err() {
            if Instant::now() > until {
                bail!("redis-server does not listen");
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// Sends one command on a connection of its own; the first line of the answer.
    pub(crate) fn say(&self, command: &str) -> Result<String> {
        let mut stream = TcpStream::connect(self.at)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(format!("{command}\r\n").as_bytes())?;
        let mut answer = [0; 1024];
        let read = stream.read(&mut answer)?;
        let text = String::from_utf8_lossy(answer.get(..read).unwrap_or_default()).into_owned();
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A cable between a node and Redis, which can be cut.
pub(crate) struct Cable {
    pub(crate) at: SocketAddr,
    cut: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
    swallowed: Arc<AtomicU64>,
}

impl Cable {
    pub(crate) fn to(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let at = listener.local_addr()?;
        let (cut, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let swallowed = Arc::new(AtomicU64::new(0));
        let cable = Self { at, cut: cut.clone(), stop: stop.clone(), swallowed: swallowed.clone() };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(server) = TcpStream::connect(server) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { continue };
                    let (cut, stop, swallowed) = (cut.clone(), stop.clone(), swallowed.clone());
                    thread::spawn(move || carry(from, to, (&cut, &swallowed), &stop));
                }
            }
        });
        Ok(cable)
    }

    /// Nothing comes through any more, and nobody is told: as a cable that is pulled.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    /// Bytes that did not come through so far.
    pub(crate) fn swallowed(&self) -> u64 {
        self.swallowed.load(Ordering::Relaxed)
    }

    pub(crate) fn mend(&self) {
        self.cut.store(false, Ordering::Relaxed);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.at));
    }
}

/// What comes while the cable is cut is lost, and so is the connection once it is mended.
fn carry(
    mut from: TcpStream,
    mut to: TcpStream,
    (cut, swallowed): (&AtomicBool, &AtomicU64),
    stop: &AtomicBool,
) {
    let mut buffer = [0; 16 * 1024];
    let mut lost = false;
    drop(from.set_read_timeout(Some(Duration::from_millis(50))));
    while !stop.load(Ordering::Relaxed) {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) if cut.load(Ordering::Relaxed) => {
                lost = true;
                swallowed.fetch_add(u64::try_from(read).unwrap_or(0), Ordering::Relaxed);
            }
            Ok(read) => {
                let part = buffer.get(..read).unwrap_or_default();
                if lost || to.write_all(part).is_err() {
                    break;
                }
            }
            Err(error)
                if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) =>
            {
                if lost && !cut.load(Ordering::Relaxed) {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    drop(from.shutdown(std::net::Shutdown::Both));
    drop(to.shutdown(std::net::Shutdown::Both));
}
