//! `cargo xtask docs`: what README, tutorials and examples print is what happens.
//!
//! The lines of every block marked `sh` are run, in their order, in an empty folder with a server
//! beside it; what one of them defines is there for the next. A block marked `json` or `text`
//! after one says what has to be in its output: each line of text, each key of JSON. A `console` block
//! is not run. A block that starts the server (`cargo run`) says which one, with which settings; it is what
//! this test did already.

use std::{
    fs::File,
    net::TcpStream,
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell::{
    Scratch, cargo, free_port, read, root, run as run_command, target, which, without_settings,
};

const PAGES: [&str; 4] = [
    "README.md",
    "docs/tutorial/first-sign-in.md",
    "docs/tutorial/multi-tenant.md",
    "docs/how-to/examples.md",
];
/// Programs that the pages call.
const TOOLS: [&str; 2] = ["curl", "jq"];
/// The address that the pages print.
const PRINTED: &str = "127.0.0.1:3000";

/// A block of a page: its kind, its first line's number, its text.
pub(crate) struct Block {
    pub(crate) kind: String,
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Block {
    fn starts_server(&self) -> bool {
        self.kind == "sh" && self.text.contains("cargo run")
    }
}

pub(crate) fn run() -> Result<()> {
    for tool in TOOLS.into_iter().filter(|tool| which(tool).is_none()) {
        crate::services::install(tool)?;
    }
    let mut commands = 0;
    for page in PAGES {
        let blocks = blocks(&read(&root().join(page))?);
        let start = blocks.iter().find(|block| block.starts_server());
        let start = Start::of(&start.with_context(|| format!("{page} starts no server"))?.text);
        let scratch = Scratch::new("docs")?;
        let server = Server::start(&start, &scratch.0)?;
        let here = check(page, blocks, &scratch.0, &server).with_context(|| server.log(&scratch.0))?;
        println!("{page}: {here} blocks did what the page says");
        commands += here;
    }
    if commands == 0 {
        bail!("the pages hold no block that could be run");
    }
    Ok(())
}

fn check(page: &str, blocks: Vec<Block>, folder: &Path, server: &Server) -> Result<usize> {
    let mut printed = None;
    let mut count = 0;
    for block in blocks {
        let place = || format!("{page}, line {}", block.line);
        let text = block.text.replace(PRINTED, &server.address());
        match block.kind.as_str() {
            "sh" if block.starts_server() => printed = None,
            "sh" => {
                let text =
                    format!("touch shell; . ./shell; set -a\n{text}\n{{ export -p; declare -f; }} > shell");
                let mut shell = Command::new("bash");
                let output = without_settings(&mut shell)
                    .current_dir(folder)
                    .args(["-euo", "pipefail", "-c", &text])
                    .output()?;
                let out = String::from_utf8_lossy(&output.stdout).into_owned();
                if !output.status.success() {
                    bail!("{}: failed\n{text}{out}{}", place(), String::from_utf8_lossy(&output.stderr));
                }
                printed = Some(out);
                count += 1;
            }
            kind @ ("json" | "text") => {
                if let Some(out) = printed.take()
                    && let Some(missing) = expected(kind, &text)?.into_iter().find(|part| !out.contains(part))
                {
                    bail!("{}: `{missing}` is not in the answer:\n{out}", place());
                }
            }
            _ => {}
        }
    }
    Ok(count)
}

/// What has to be in the output.
fn expected(kind: &str, text: &str) -> Result<Vec<String>> {
    if kind == "text" {
        return Ok(text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect());
    }
    let mut found = Vec::new();
    keys(&serde_json::from_str(text).context("a `json` block is not JSON")?, &mut found);
    Ok(found)
}

fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                found.push(format!("\"{key}\":"));
                keys(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

/// The blocks of a page.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(kind), None) => {
                open = Some(Block { kind: kind.trim().to_owned(), line: number + 1, text: String::new() });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}

/// What a page says to start: `SETTING=value … cargo run -p package`.
#[derive(Debug, PartialEq, Eq)]
struct Start {
    package: String,
    settings: Vec<(String, String)>,
}

impl Start {
    fn of(command: &str) -> Self {
        let words: Vec<&str> = command.split_whitespace().filter(|word| *word != "\\").collect();
        let package = words.iter().skip_while(|word| **word != "-p").nth(1);
        let settings = words.iter().map_while(|word| word.split_once('='));
        Self {
            package: (*package.unwrap_or(&"tessera")).to_owned(),
            settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }
}

/// A server with the settings of its page and defaults.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(start: &Start, folder: &Path) -> Result<Self> {
        let package = start.package.as_str();
        run_command(&mut cargo(&["build", "--package", package, "--bin", package]))?;
        let port = free_port()?;
        let log = File::create(folder.join("server.log"))?;
        let mut command = Command::new(target()?.join("debug").join(package));
        without_settings(&mut command).current_dir(folder);
        command.env("TESSERA_SERVER__PORT", port.to_string());
        command.envs(start.settings.iter().map(|(name, value)| (name, value)));
        let child =
            command.stdout(log.try_clone()?).stderr(log).spawn().context("cannot start the server")?;
        let mut server = Self { child, port };
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.child.try_wait()?.is_some() || Instant::now() > until {
                bail!("the server does not start: {}", server.log(folder));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    #[allow(clippy::unused_self, reason = "the log belongs to the server")]
    fn log(&self, folder: &Path) -> String {
        let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
        format!("the server said:\n{log}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_know_their_kind_and_line() {
        let found = blocks("a\n```sh\nls\n```\nb\n```json\n{\"a\": {\"b\": 1}}\n```\n");
        let kinds: Vec<_> = found.iter().map(|b| (b.kind.as_str(), b.line, b.text.as_str())).collect();
        assert_eq!(kinds, [("sh", 2, "ls\n"), ("json", 6, "{\"a\": {\"b\": 1}}\n")]);
    }

    #[test]
    fn a_command_says_what_it_starts() {
        let start = |package: &str, settings: &[(&str, &str)]| Start {
            package: package.to_owned(),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        assert_eq!(Start::of("cargo run\n"), start("tessera", &[]));
        assert_eq!(
            Start::of("A=1 B=2 \\\n  cargo run -p guest\n"),
            start("guest", &[("A", "1"), ("B", "2")])
        );
    }

    #[test]
    fn json_asks_for_its_keys() -> Result<()> {
        assert_eq!(expected("json", "{\"a\": [{\"b\": 1}]}")?, ["\"a\":", "\"b\":"]);
        assert_eq!(expected("text", " x\n\ny\n")?, ["x", "y"]);
        Ok(())
    }
}
