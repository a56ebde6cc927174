//! `cargo xtask client-test`: the written TypeScript clients, checked by the compiler and run by node, against
//! this build and against a server with a plugin that is not ours. The Rust ones are tested in `auth-client`.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use auth_codegen::Options;
use serde_json::Value;

use crate::{
    client::SKIPPED,
    conformance::npm_install,
    server::{Running, start, wait},
    shell::{
        Scratch, cargo, copy_folder, free_port, output, read, root, run as execute, target, without_settings,
        write,
    },
};

const EXAMPLE: [&str; 4] = ["--package", "auth-client", "--example", "guest_book"];

pub(crate) fn run() -> Result<()> {
    let place = target()?.join("clients");
    copy_folder(&root().join("tests/clients"), &place)?;
    npm_install(&place, &read(&root().join("tests/clients/package.json"))?)?;
    execute(cargo(&["build"]).args(EXAMPLE))?;
    let guest = target()?.join("debug/examples/guest_book");

    let ours: Value = serde_json::from_str(&read(&root().join("docs/reference/openapi.json"))?)?;
    client(&ours, &place.join("ours.ts"))?;
    let theirs = output(Command::new(&guest).arg("document"))?;
    client(&serde_json::from_str(&theirs)?, &place.join("guest-book.ts"))?;
    execute(Command::new("node").current_dir(&place).arg("node_modules/typescript/bin/tsc"))?;

    let folder = Scratch::new("clients")?;
    let port = free_port()?;
    let base = format!("http://127.0.0.1:{port}");
    let address = format!("base_url={base}");
    let plugins = ["bearer", "jwt", "api-key", "organization"].map(|id| format!("plugins.{id}.enabled=true"));
    // There is nobody to open a letter.
    let own = [address.as_str(), "plugins.organization.require_verified_email=false"];
    let settings: Vec<&str> = own.into_iter().chain(plugins.iter().map(String::as_str)).collect();
    let _server = start(&folder.0, port, &settings)?;
    wait(port)?;
    execute(node(&place, "journey.js").env("BASE", format!("{base}/api/auth")))?;

    let mut serve = Command::new(&guest);
    without_settings(&mut serve).arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut guests = Running(serve.spawn().context("cannot start the guests' server")?);
    let mut port = String::new();
    BufReader::new(guests.0.stdout.take().context("it says nothing")?).read_line(&mut port)?;
    execute(node(&place, "guest.js").env("GUEST_BASE", format!("http://127.0.0.1:{}/api/auth", port.trim())))
}

fn client(document: &Value, file: &Path) -> Result<()> {
    let options = Options { skip: SKIPPED.map(str::to_owned).to_vec(), ..Options::default() };
    write(file, &auth_codegen::typescript(document, &options)?)
}

fn node(place: &Path, script: &str) -> Command {
    let mut command = Command::new("node");
    without_settings(&mut command).current_dir(place).arg(Path::new("out").join(script));
    command
}
