//! A server that a check starts, asks and ends.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::shell::{tessera, without_settings};

/// Ends a program when it is dropped.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts this build in a folder, on a port, with further settings. It sends no mail.
pub(crate) fn start(folder: &Path, port: u16, settings: &[&str]) -> Result<Running> {
    start_program(&tessera("dev")?, folder, port, settings)
}

/// As [`start`], with a server of somebody else's.
pub(crate) fn start_program(program: &Path, folder: &Path, port: u16, settings: &[&str]) -> Result<Running> {
    let mut command = Command::new(program);
    without_settings(&mut command).current_dir(folder).arg("serve");
    let port = format!("server.port={port}");
    for setting in [port.as_str(), "mail.transport=file", "mail.outbox=none"].iter().chain(settings) {
        command.args(["--set", setting]);
    }
    Ok(Running(command.stdout(Stdio::null()).spawn().context("cannot start the server")?))
}

pub(crate) fn wait(port: u16) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if Instant::now() > until {
            bail!("nothing listens on port {port}");
        }
        thread::sleep(Duration::from_millis(30));
    }
    Ok(())
}

/// Sends a request; gives the whole answer.
pub(crate) fn ask(port: u16, line: &str, headers: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        stream,
        "{line} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
