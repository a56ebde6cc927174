//! One node: the server's own program.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::http;

pub(crate) struct Node {
    pub(crate) at: SocketAddr,
    binary: PathBuf,
    folder: PathBuf,
    settings: Vec<(String, String)>,
    environment: Vec<(&'static str, PathBuf)>,
    child: Option<Child>,
}

pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Node {
    pub(crate) fn start(
        folder: &Path,
        name: &str,
        settings: &[(&str, String)],
        environment: Vec<(&'static str, PathBuf)>,
    ) -> Result<Self> {
        let binary = std::env::var_os("TESSERA_BIN").context("TESSERA_BIN names no program")?;
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        let at = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let mut node = Self { at, binary: binary.into(), folder, settings, environment, child: None };
        node.go_on()?;
        Ok(node)
    }

    /// Starts it, again.
    pub(crate) fn go_on(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("TESSERA_")) {
            command.env_remove(name);
        }
        command.arg("--set").arg(format!("server.port={}", self.at.port()));
        for (key, value) in &self.settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().context("the server does not start")?);
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(self.at).is_err() {
            if Instant::now() > until {
                bail!(
                    "the server does not listen:\n{}",
                    std::fs::read_to_string(self.log()).unwrap_or_default()
                );
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// What it has logged so far.
    pub(crate) fn told(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// What it keeps in memory.
    pub(crate) fn memory_kib(&self) -> Result<u64> {
        let id = self.child.as_ref().context("it does not run")?.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Its time, in seconds, as the health page has it.
    pub(crate) fn date(&self) -> Result<i64> {
        let answer = http::send(self.at, "GET", "/api/v1/ok", "", "").context("no answer")?;
        let text = answer.body().split("\"timestamp\":\"").nth(1).and_then(|rest| rest.split('"').next());
        let mut date = Command::new("date");
        let output = date.args(["-u", "+%s", "-d", text.context("no time in the answer")?]).output()?;
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }

    /// As `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself, which the next start shows.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}
