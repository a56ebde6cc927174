//! Runs the program in an empty folder and without the caller's environment.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// Numbers the logs of servers that share a folder.
static LOGS: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tessera"));
        self.prepare(&mut command, args);
        command
    }

    fn prepare(&self, command: &mut Command, args: &[&str]) {
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("TESSERA_")) {
            command.env_remove(name);
        }
        command.args(args).current_dir(&self.0).stdin(Stdio::null());
    }

    pub(crate) fn run(&self, args: &[&str]) -> Outcome {
        Outcome::of(&mut self.command(args))
    }

    /// Runs with a line on standard input.
    pub(crate) fn tell(&self, args: &[&str], line: &str) -> Outcome {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Starts the server on a free port and waits for its greeting.
    pub(crate) fn serve(&self, args: &[&str]) -> Server {
        self.serve_with(args, &[])
    }

    /// As `serve`, with something in the environment.
    pub(crate) fn serve_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut command = self.command(&["--set", "server.port=0"]);
        command.envs(variables.iter().copied()).args(args);
        self.greeted(command)
    }

    /// As `serve`, with so few file descriptors.
    pub(crate) fn serve_with_descriptors(&self, most: usize, args: &[&str]) -> Server {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -n {most}; exec \"$0\" \"$@\"")]);
        command.arg(env!("CARGO_BIN_EXE_tessera"));
        self.prepare(&mut command, &["--set", "server.port=0"]);
        command.args(args);
        self.greeted(command)
    }

    fn greeted(&self, mut command: Command) -> Server {
        // A file, because a pipe that nobody reads holds a talkative server up.
        let log = self.path(&format!("log-{}.txt", LOGS.fetch_add(1, Ordering::Relaxed)));
        let err = fs::File::create(&log).unwrap();
        command.stdout(Stdio::piped()).stderr(err);
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("plugins ") {
            let read = out.read_line(&mut greeting).unwrap();
            assert!(read > 0, "no start: {greeting}{}", fs::read_to_string(&log).unwrap());
        }
        let address = greeting.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Server { child, out, log, greeting, address }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    fn of(command: &mut Command) -> Self {
        command.output().unwrap().into()
    }

    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }
}

impl From<std::process::Output> for Outcome {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

pub(crate) struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    log: PathBuf,
    pub(crate) greeting: String,
    pub(crate) address: String,
}

impl Server {
    pub(crate) fn begin(&self, head: &str, body: &str) -> TcpStream {
        self.try_begin(head, body).unwrap()
    }

    /// Nothing where the server has gone.
    pub(crate) fn try_begin(&self, head: &str, body: &str) -> Option<TcpStream> {
        self.open(head, "", body)
    }

    /// With further headers, each with its end of line.
    fn open(&self, head: &str, headers: &str, body: &str) -> Option<TcpStream> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let host = &self.address;
        write!(
            stream,
            "{head} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
        .ok()?;
        Some(stream)
    }

    pub(crate) fn send(&self, head: &str, body: &str) -> String {
        let mut answer = String::new();
        self.begin(head, body).read_to_string(&mut answer).unwrap();
        answer
    }

    /// As somebody with this cookie, from the server's own pages.
    pub(crate) fn send_as(&self, cookie: &str, head: &str, body: &str) -> String {
        self.ask(head, &format!("cookie: {cookie}\r\n"), body)
    }

    /// A request of a browser that is on the server's own page.
    pub(crate) fn ask(&self, head: &str, headers: &str, body: &str) -> String {
        ask(&self.address, head, &format!("origin: http://{}\r\n{headers}", self.address), body)
    }

    /// What it has logged so far.
    pub(crate) fn told(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end. Gives the rest of standard output, and standard error.
    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        let mut out = String::new();
        self.out.read_to_string(&mut out).unwrap();
        let code = self.child.wait().unwrap().code();
        (code, out, fs::read_to_string(&self.log).unwrap())
    }
}

/// Sends a request with further header lines, each with its end.
pub(crate) fn ask(address: &str, head: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{kind}{headers}\
         content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// An address of this machine where nobody listens.
pub(crate) fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
