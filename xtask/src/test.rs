//! `cargo xtask test`.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::{
    plugin,
    services::Services,
    shell::{cargo, metadata, run as execute, works},
};

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Starts no PostgreSQL, MariaDB and Redis; what needs them is skipped.
    #[arg(long, conflicts_with = "require_services")]
    pub(crate) no_services: bool,
    /// Fails where one of them is not to be had.
    #[arg(long)]
    pub(crate) require_services: bool,
    /// Names, or parts of names, of the tests to run; further words of the runner after `--`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) filters: Vec<String>,
    /// Where the tests note which endpoints they call.
    #[arg(skip)]
    seen: Option<PathBuf>,
}

/// What is run on MySQL's kin as well: hosts, sessions, accounts and passwords. `auth-store` and `auth-limit`
/// look for the server themselves.
pub(crate) const ON_MYSQL: [&str; 4] =
    ["auth-host", "auth-plugin-session", "auth-plugin-account", "auth-plugin-email-password"];

pub(crate) fn run_all(require_services: bool) -> Result<()> {
    let seen = Some(plugin::check::fresh_folder()?);
    self::run(&Args { require_services, seen, ..Args::default() })
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let services = if args.no_services { Services::none("--no-services") } else { Services::for_tests() };
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
    // Packages that are named take the place of the whole workspace.
    let chosen = args.filters.iter().any(|word| word.starts_with("-p") || word.starts_with("--package"));
    let all = if chosen { Vec::new() } else { vec!["--workspace".to_owned()] };
    let mut command = runner();
    if let Some(seen) = &args.seen {
        command.env(plugin::check::SEEN, seen);
    }
    execute(services.tell(command.args(all).args(&args.filters)))?;
    if !args.filters.is_empty() {
        println!(
            "only what was asked for, on SQLite; without filters the same runs on PostgreSQL, some of it on MariaDB"
        );
        return Ok(());
    }
    if services.postgres.is_some() {
        println!("\nThe same hosts once more, on PostgreSQL:");
        let packages = on_the_kit()?.into_iter().flat_map(|name| ["--package".to_owned(), name]);
        let mut command = runner();
        execute(services.tell(command.args(packages)).env("TESSERA_TEST_BACKEND", "postgres"))?;
        in_pairs(services)?;
    }
    if services.mysql.is_some() {
        println!("\nWhat signs people in once more, on MariaDB:");
        let packages = ON_MYSQL.iter().flat_map(|name| ["--package", name]);
        execute(services.tell(runner().args(packages).env("TESSERA_TEST_BACKEND", "mysql")))?;
    }
    if let Some((stop, start)) = &services.switch {
        println!("\nAlone, because it stops PostgreSQL and starts it again:");
        let mut command = cargo(&["test", "--package", "auth-store", "--test", "it", "--"]);
        command.args(["--ignored", "--exact", "connecting::a_server_that_was_away_is_used_again"]);
        command.env("TESSERA_TEST_POSTGRES_STOP", stop).env("TESSERA_TEST_POSTGRES_START", start);
        execute(services.tell(&mut command))?;
    }
    execute(services.tell(&mut cargo(&["test", "--doc", "--workspace"])))
}

/// The plugins once more, each application as two nodes.
fn in_pairs(services: &Services) -> Result<()> {
    if !has_nextest() {
        println!("cargo-nextest is not installed; two nodes by turns are left out");
        return Ok(());
    }
    println!("\nThe plugins once more, as two nodes that requests go to by turns, on PostgreSQL:");
    let plugins = on_the_kit()?.into_iter().filter(|name| name.starts_with("auth-plugin-"));
    let packages = plugins.flat_map(|name| ["--package".to_owned(), name]);
    let mut command = cargo(&["nextest", "run", "--profile", "pairs"]);
    command.env("TESSERA_TEST_BACKEND", "postgres").env("TESSERA_TEST_NODES", "2");
    execute(services.tell(command.args(packages)))
}

fn has_nextest() -> bool {
    works(&mut cargo(&["nextest", "--version"]))
}

pub(crate) fn runner() -> Command {
    if has_nextest() {
        return cargo(&["nextest", "run", "--no-fail-fast"]);
    }
    println!("cargo-nextest is not installed; `cargo test` does the same more slowly");
    cargo(&["test", "--no-fail-fast", "--lib", "--bins", "--tests"])
}

/// The packages whose tests run a host, and so run on either database.
fn on_the_kit() -> Result<Vec<String>> {
    let packages = metadata()?.get("packages").and_then(Value::as_array);
    let needs_kit = |package: &&Value| {
        let dependencies = package.get("dependencies").and_then(Value::as_array);
        let mut names = dependencies.into_iter().flatten().filter_map(|d| d.get("name")?.as_str());
        names.any(|name| name == "auth-testkit")
    };
    let packages = packages.into_iter().flatten().filter(needs_kit);
    Ok(packages.filter_map(|p| Some(p.get("name")?.as_str()?.to_owned())).collect())
}
