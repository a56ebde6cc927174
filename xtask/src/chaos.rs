//! `cargo xtask chaos`: faults under load, and the page about them.

use anyhow::{Context, Result};

use crate::{
    services::{Services, install},
    shell::{cargo, program, root, run, target},
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often each fault happens.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Only the scenarios whose name contains this; writes no page.
    #[arg(long)]
    only: Option<String>,
}

pub(crate) fn run_all(args: &Args) -> Result<()> {
    run(&mut cargo(&["build", "--package", "tessera", "--package", "tessera-chaos"]))?;
    if !holds("/usr/lib", "faketime/libfaketimeMT.so.1") {
        install("faketime")?;
    }
    let services = Services::start();
    let own = "faults need a PostgreSQL that may be stopped: unset TESSERA_TEST_POSTGRES";
    let (stop, start) = services.switch.clone().context(own)?;
    let bin = target()?.join("debug");
    let mut chaos = program(bin.join("tessera-chaos"));
    chaos.arg("--rounds").arg(args.rounds.to_string());
    match &args.only {
        Some(only) => chaos.arg("--only").arg(only),
        None => chaos.arg("--write").arg(root().join("docs/reliability.md")),
    };
    chaos.env("TESSERA_BIN", bin.join("tessera"));
    chaos.env("TESSERA_TEST_POSTGRES_STOP", stop).env("TESSERA_TEST_POSTGRES_START", start);
    run(services.tell(&mut chaos))
}

/// Whether a file is in any folder of a folder.
fn holds(folder: &str, file: &str) -> bool {
    let folders = std::fs::read_dir(folder).into_iter().flatten().flatten();
    folders.into_iter().any(|entry| entry.path().join(file).exists())
}
