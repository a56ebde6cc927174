//! `cargo xtask browser`: a real browser, with two nodes on one PostgreSQL and one Redis.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{
    conformance::{node, prepare},
    services::{Services, install},
    shell::{bridge, copy_folder, root, run as execute, which},
};

pub(crate) fn run() -> Result<()> {
    let chromium = chromium()?;
    let place = prepare()?.join("own");
    copy_folder(&root().join("tests/browser"), &place)?;
    let binary = bridge()?;
    let services = Services::start();
    let missing = || services.skipped.join("; ");
    let postgres = services.postgres.as_ref().with_context(missing)?;
    let redis = services.redis.as_ref().with_context(missing)?;
    let mut command = node(&place, "sockets.mjs", &binary);
    command.env("CHROMIUM", chromium);
    execute(command.env("TESSERA_TEST_POSTGRES", postgres).env("TESSERA_TEST_REDIS", redis))
}

fn chromium() -> Result<PathBuf> {
    let found = || ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(which);
    if let Some(found) = found() {
        return Ok(found);
    }
    install("chromium")?;
    let usual = Path::new("/usr/bin/chromium");
    found().or_else(|| usual.exists().then(|| usual.to_owned())).context("there is no Chromium")
}
