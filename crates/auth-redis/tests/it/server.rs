//! A Redis of a test's own, which can be stopped and started again on its port.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use auth_redis::{Redis, RedisConfig};

pub(crate) struct Server {
    pub(crate) port: u16,
    arguments: Vec<String>,
    child: Option<Child>,
}

/// Whether this run has a Redis to test with. `cargo xtask test` installs one and says so.
pub(crate) fn is_there() -> bool {
    let there = std::env::var_os("TESSERA_TEST_REDIS").is_some();
    if !there {
        eprintln!("skipped: TESSERA_TEST_REDIS is not set");
    }
    there
}

/// Free, and not of those that the system gives to outgoing connections: a server that is started
/// again finds it free again.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(61);
    let mut candidates = std::iter::repeat_with(|| begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)))
        .map(|number| 12_000 + u16::try_from(number % 18_000).unwrap());
    candidates.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let plain = ["--save", "", "--appendonly", "no"];
        Self::run(&[&plain, arguments].concat())
    }

    /// One that watches others, as its file has it.
    pub(crate) fn sentinel(file: &str) -> Self {
        Self::run(&[file, "--sentinel"])
    }

    fn run(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let mut server = Self { port: free_port(), arguments, child: None };
        server.go_on();
        server
    }

    /// Starts it again, with nothing that was not saved.
    pub(crate) fn go_on(&mut self) {
        let port = self.port.to_string();
        // A replica leaves a file where it runs, and the next server would read it.
        let folder = self.folder();
        std::fs::create_dir_all(&folder).unwrap();
        let child = Command::new("redis-server")
            .args(&self.arguments)
            .args(["--bind", "127.0.0.1", "--port", &port])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        self.child = Some(child);
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("redis-server does not listen");
    }

    fn folder(&self) -> PathBuf {
        std::env::temp_dir().join(format!("tessera-redis-{}", self.port))
    }

    /// As a machine that loses power.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn config(&self) -> RedisConfig {
        RedisConfig { url: format!("redis://127.0.0.1:{}/0", self.port), ..RedisConfig::default() }
    }

    pub(crate) fn redis(&self) -> Arc<Redis> {
        Redis::new(self.config()).unwrap()
    }

    /// Sends one command and gives the first line of the answer.
    pub(crate) fn say(&self, command: &str) -> String {
        self.all(command).lines().next().unwrap_or_default().to_owned()
    }

    /// Sends one command and gives the answer.
    pub(crate) fn all(&self, command: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).unwrap();
        // A sentinel knows no QUIT.
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// How often a command was sent to it.
    pub(crate) fn calls(&self, command: &str) -> u64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(b"INFO commandstats\r\nQUIT\r\n").unwrap();
        let mut stats = String::new();
        stream.read_to_string(&mut stats).unwrap();
        let found = stats.split_once(&format!("cmdstat_{command}:calls="));
        found.map_or(0, |(_, rest)| rest.split(',').next().unwrap().parse().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        drop(std::fs::remove_dir_all(self.folder()));
    }
}
