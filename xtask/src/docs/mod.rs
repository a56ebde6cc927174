//! `cargo xtask docs`: what README and tutorials print is what happens.
//!
//! A page begins in an empty folder, and its blocks happen in their order:
//!
//! - `sh` is run. What one block defines, and the folder that it goes to, is there for the next. `cargo run` starts
//!   the server beside it: this build, or the package of the reader's own that the page has made so far.
//! - `<language> file=<path>` is written to that file.
//! - `json` or `text` after `sh` says what has to be in its output: each line of text, each key of JSON.
//! - Everything else, such as `console`, is only read.

mod blocks;
mod server;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

pub(crate) use blocks::{Block, blocks};

use crate::{
    shell::{Scratch, free_port, read, root, target, which, without_settings, write},
    third_party::share_builds,
};
use server::{Server, Start, log};

const PAGES: [&str; 5] = [
    "README.md",
    "docs/tutorial/first-sign-in.md",
    "docs/tutorial/multi-tenant.md",
    "docs/tutorial/first-plugin.md",
    "docs/how-to/examples.md",
];
/// Programs that the pages call.
const TOOLS: [&str; 2] = ["curl", "jq"];
/// The address that the pages print.
const PRINTED: &str = "127.0.0.1:3000";
/// How the manifests of the pages name the checkout beside the reader's folder.
const CHECKOUT: &str = "../tessera/";

pub(crate) fn run() -> Result<()> {
    for tool in TOOLS.into_iter().filter(|tool| which(tool).is_none()) {
        crate::services::install(tool)?;
    }
    let mut commands = 0;
    for page in PAGES {
        let scratch = Scratch::new("docs")?;
        let mut reader = Reader::new(&scratch.0)?;
        for block in blocks(&read(&root().join(page))?) {
            let place = || format!("{page}, line {}\n{}", block.line, log(&scratch.0));
            reader.follow(&block).with_context(place)?;
        }
        if reader.server.is_none() {
            bail!("{page} starts no server");
        }
        println!("{page}: {} blocks did what the page says", reader.done);
        commands += reader.done;
    }
    if commands == 0 {
        bail!("the pages hold no block that could be run");
    }
    Ok(())
}

/// Somebody who does what a page says.
struct Reader<'p> {
    folder: &'p Path,
    port: u16,
    server: Option<Server>,
    /// The folder of a package that the page makes.
    package: Option<PathBuf>,
    /// What the last command printed.
    printed: Option<String>,
    done: usize,
}

impl<'p> Reader<'p> {
    fn new(folder: &'p Path) -> Result<Self> {
        Ok(Self { folder, port: free_port()?, server: None, package: None, printed: None, done: 0 })
    }

    fn follow(&mut self, block: &Block) -> Result<()> {
        let text = block.text.replace(PRINTED, &format!("127.0.0.1:{}", self.port));
        if let Some(file) = block.file() {
            self.done += 1;
            return self.write(file, &text);
        }
        match block.kind.as_str() {
            "sh" if block.starts_server() => {
                self.printed = None;
                // A page may start it twice; the first one goes before the second one comes.
                self.server = None;
                let own = self.package.as_deref();
                self.server = Some(Server::start(&Start::of(&text), self.port, self.folder, own)?);
            }
            "sh" => {
                self.printed = Some(self.execute(&text)?);
                self.done += 1;
            }
            kind @ ("json" | "text") => {
                if let Some(out) = self.printed.take()
                    && let Some(missing) = expected(kind, &text)?.into_iter().find(|part| !out.contains(part))
                {
                    bail!("`{missing}` is not in the answer:\n{out}");
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn write(&mut self, file: &str, text: &str) -> Result<()> {
        let path = self.folder.join(file);
        let checkout = format!("{}/", root().display());
        write(&path, &text.replace(CHECKOUT, &checkout))?;
        if path.file_name().is_some_and(|name| name == "Cargo.toml") {
            let package = path.parent().unwrap_or(self.folder);
            share_builds(package)?;
            self.package = Some(package.to_owned());
        }
        Ok(())
    }

    fn execute(&self, text: &str) -> Result<String> {
        let state = self.folder.join("shell");
        if !state.exists() {
            write(&state, "")?;
        }
        // Where the block before was is where this one begins.
        let text = format!(
            ". \"$SHELL_STATE\"; cd \"$PWD\"; set -a\n{text}\n{{ export -p; declare -f; }} > \"$SHELL_STATE\""
        );
        let mut shell = Command::new("bash");
        without_settings(&mut shell).current_dir(self.folder).env_remove("CARGO_MANIFEST_DIR");
        shell.env("SHELL_STATE", &state).env("CARGO_TARGET_DIR", target()?);
        let output = shell.args(["-euo", "pipefail", "-c", &text]).output()?;
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("failed\n{text}\n{out}{}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(out)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_asks_for_its_keys() -> Result<()> {
        assert_eq!(expected("json", "{\"a\": [{\"b\": 1}]}")?, ["\"a\":", "\"b\":"]);
        assert_eq!(expected("text", " x\n\ny\n")?, ["x", "y"]);
        Ok(())
    }

    #[test]
    fn a_reader_writes_files_and_stays_where_the_page_went() -> Result<()> {
        let scratch = Scratch::new("reader")?;
        let mut reader = Reader::new(&scratch.0)?;
        let page = "```sh\nmkdir -p a/b; cd a; NAME=ada\n```\n```txt file=a/b/c.txt\nhello\n```\n\
                    ```sh\ncat b/c.txt; echo \"$NAME\"\n```\n```text\nhello\nada\n```\n";
        for block in blocks(page) {
            reader.follow(&block)?;
        }
        assert_eq!(reader.done, 3);
        let told: Vec<_> = blocks("```sh\necho one\n```\n```text\ntwo\n```\n")
            .iter()
            .map(|block| reader.follow(block).is_ok())
            .collect();
        assert_eq!(told, [true, false]);
        Ok(())
    }
}
