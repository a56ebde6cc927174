//! `cargo xtask test`.

use anyhow::{Result, bail};

use crate::{
    services::Services,
    shell::{cargo, run as execute, works},
};

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Starts no PostgreSQL and no Redis; what needs them is skipped.
    #[arg(long, conflicts_with = "require_services")]
    pub(crate) no_services: bool,
    /// Fails where a PostgreSQL or a Redis is not to be had.
    #[arg(long)]
    pub(crate) require_services: bool,
    /// Names, or parts of names, of the tests to run; further words of the runner after `--`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) filters: Vec<String>,
}

pub(crate) fn run_all(require_services: bool) -> Result<()> {
    self::run(&Args { require_services, ..Args::default() })
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let services = if args.no_services {
        Services::none("--no-services")
    } else {
        Services::start()
    };
    if args.require_services && !services.skipped.is_empty() {
        bail!("--require-services: cannot run {}", services.skipped.join("; nor "));
    }
    let outcome = tests(args, &services);
    if !services.skipped.is_empty() {
        println!("\n==================== SKIPPED ====================");
        for what in &services.skipped {
            println!("  {what}");
        }
        println!("=================================================");
    }
    outcome
}

fn tests(args: &Args, services: &Services) -> Result<()> {
    let nextest = works(&mut cargo(&["nextest", "--version"]));
    let mut command = if nextest {
        cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        println!("cargo-nextest is not installed; `cargo test` does the same more slowly");
        cargo(&["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"])
    };
    if !nextest && !args.filters.is_empty() {
        command.arg("--");
    }
    execute(services.tell(command.args(&args.filters)))?;
    if args.filters.is_empty() {
        execute(services.tell(&mut cargo(&["test", "--doc", "--workspace", "--quiet"])))?;
    }
    Ok(())
}
