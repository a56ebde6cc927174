//! The server that a page starts.

use std::{
    fs::File,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::shell::{cargo, run, target, without_settings};

/// What a page says to start: `SETTING=value … cargo run -p package`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// Nothing where the page means the package that the reader is in.
    package: Option<String>,
    settings: Vec<(String, String)>,
}

impl Start {
    pub(super) fn of(command: &str) -> Self {
        let words: Vec<&str> = command.split_whitespace().filter(|word| *word != "\\").collect();
        let package = words.iter().skip_while(|word| **word != "-p").nth(1);
        let settings = words.iter().map_while(|word| word.split_once('='));
        Self {
            package: package.map(|package| (*package).to_owned()),
            settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    /// Builds a package of the workspace, or the one in a folder that the reader has made.
    fn build(&self, own: Option<&Path>) -> Result<PathBuf> {
        let debug = target()?.join("debug");
        if let Some(folder) = own {
            run(cargo(&["build"]).current_dir(folder).env("CARGO_TARGET_DIR", target()?))?;
            return Ok(debug.join(folder.file_name().unwrap_or_default()));
        }
        let package = self.package.as_deref().unwrap_or("tessera");
        run(&mut cargo(&["build", "--package", package, "--bin", package]))?;
        Ok(debug.join(package))
    }
}

/// A server with the settings of its page and defaults.
pub(super) struct Server(Child);

impl Server {
    /// `own` is the folder of the reader's package, where it is one, and has its name.
    pub(super) fn start(start: &Start, port: u16, folder: &Path, own: Option<&Path>) -> Result<Self> {
        let program = start.build(own)?;
        let output = File::create(folder.join("server.log"))?;
        let mut command = Command::new(program);
        without_settings(&mut command).current_dir(own.unwrap_or(folder));
        command.env("TESSERA_SERVER__PORT", port.to_string());
        command.envs(start.settings.iter().map(|(name, value)| (name, value)));
        let child = command.stdout(output.try_clone()?).stderr(output).spawn();
        let mut server = Self(child.context("cannot start the server")?);
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.0.try_wait()?.is_some() || Instant::now() > until {
                bail!("the server does not start");
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

/// What it said.
pub(super) fn log(folder: &Path) -> String {
    let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
    format!("the server said:\n{log}")
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_says_what_it_starts() {
        let start = |package: Option<&str>, settings: &[(&str, &str)]| Start {
            package: package.map(str::to_owned),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        assert_eq!(Start::of("cargo run\n"), start(None, &[]));
        assert_eq!(
            Start::of("A=1 B=2 \\\n  cargo run -p guest\n"),
            start(Some("guest"), &[("A", "1"), ("B", "2")])
        );
    }
}
