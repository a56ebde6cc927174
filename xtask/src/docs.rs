//! `cargo xtask docs`: what README and tutorial print is what happens.
//!
//! The lines of every block marked `sh` are run, in their order, in an empty folder with a server
//! beside it. A block marked `json` or `text` after one says what has to be in its output: each
//! line of text, each key of JSON. A `console` block is not run. A block that starts the server
//! (`cargo run`) is what this test did already.

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

use crate::shell::{Scratch, free_port, read, root, tessera, which, without_settings};

const PAGES: [&str; 2] = ["README.md", "docs/tutorial/first-sign-in.md"];
/// The address that the pages print.
const PRINTED: &str = "127.0.0.1:3000";

/// A block of a page: its kind, its first line's number, its text.
struct Block {
    kind: String,
    line: usize,
    text: String,
}

pub(crate) fn run() -> Result<()> {
    if which("curl").is_none() {
        crate::services::install("curl")?;
    }
    let binary = tessera("dev")?;
    let mut commands = 0;
    for page in PAGES {
        let scratch = Scratch::new("docs")?;
        let server = Server::start(&binary, &scratch.0)?;
        let here = check(page, &scratch.0, &server).with_context(|| server.log(&scratch.0))?;
        println!("{page}: {here} blocks did what the page says");
        commands += here;
    }
    if commands == 0 {
        bail!("the pages hold no block that could be run");
    }
    Ok(())
}

fn check(page: &str, folder: &Path, server: &Server) -> Result<usize> {
    let mut printed = None;
    let mut count = 0;
    for block in blocks(&read(&root().join(page))?) {
        let place = || format!("{page}, line {}", block.line);
        let text = block.text.replace(PRINTED, &server.address());
        match block.kind.as_str() {
            "sh" if text.trim_start().starts_with("cargo run") => printed = None,
            "sh" => {
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

fn blocks(page: &str) -> Vec<Block> {
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

/// A server with nothing but its defaults, as after `cargo run`.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(binary: &Path, folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let log = File::create(folder.join("server.log"))?;
        let mut command = Command::new(binary);
        let base = format!("base_url=http://127.0.0.1:{port}");
        without_settings(&mut command).current_dir(folder).args(["serve", "--set", &base]);
        command.args(["--set", &format!("server.port={port}")]);
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
    fn json_asks_for_its_keys() -> Result<()> {
        assert_eq!(expected("json", "{\"a\": [{\"b\": 1}]}")?, ["\"a\":", "\"b\":"]);
        assert_eq!(expected("text", " x\n\ny\n")?, ["x", "y"]);
        Ok(())
    }
}
