//! The developer's and the plugin author's tool: `cargo xtask <command>`.
//!
//! To add a command: one module with a `run`, one variant of [`Command`], one line in `main`.

#![allow(clippy::format_push_string, reason = "pages are written once, and `+=` reads as what it does")]

mod alerts;
mod bench;
mod book;
mod browser;
mod chaos;
mod ci;
mod client;
mod client_test;
mod codegen;
mod compat;
mod conformance;
mod coverage;
mod docs;
mod features;
mod gateway;
mod lines;
mod lint;
mod mutants;
mod openapi;
mod plugin;
mod program;
mod scaffold;
mod server;
mod services;
mod shell;
mod stability;
mod test;
mod third_party;
mod upgrade_wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, checks and measures Tessera, and makes plugins.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs every test on SQLite, and on a PostgreSQL and a Redis that it starts and stops itself.
    Test(test::Args),
    /// Everything that a change has to pass, in order, with the time of each step.
    Ci(ci::Args),
    /// Checks what the compiler does not: crate arrows, reasons, sizes, links.
    Lint,
    /// Writes the generated part of `docs/reference`.
    Codegen {
        /// Changes nothing; fails where the files are not what they would become.
        #[arg(long)]
        check: bool,
    },
    /// Checks plugins against the host, and endpoints against those of the last release.
    Compat(compat::Args),
    /// Tries newer versions of upstream's npm packages, and takes the pins back where something differs.
    UpgradeWire(upgrade_wire::Args),
    /// Runs the official npm client and the differential harness against this build.
    Conformance(conformance::Args),
    /// Tells which lines tests run, and writes it into `docs/quality.md`.
    Coverage(coverage::Args),
    /// Changes critical code and tells which changes no test notices, into `docs/quality.md`. Takes an hour.
    Mutants(mutants::Args),
    /// Builds, starts and asks each set of features, and writes `docs/reference/features.md`.
    Features(features::Args),
    /// Runs the book's nginx configuration with a real nginx in front of this build.
    Gateway,
    /// Opens sockets from a headless Chromium to two nodes of this build.
    Browser,
    /// Checks dashboards and alert rules with promtool and against the figures of a real run.
    Alerts,
    /// Measures this build against its budgets and writes `docs/benchmarks.md`.
    Bench(bench::Args),
    /// Breaks Redis, PostgreSQL and nodes under load and writes `docs/reliability.md`.
    Chaos(chaos::Args),
    /// Makes a new plugin: a member of this workspace, or a repository of its own with a server.
    NewPlugin(scaffold::Args),
    /// Adds an endpoint to a plugin, with its test.
    NewEndpoint(scaffold::endpoint::Args),
    /// Adds a table or a column to what a plugin declares.
    NewMigration(scaffold::schema::Args),
    /// Changes which plugins the server is built with.
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// Makes a plugin outside of the workspace, tests it, starts its server and calls it.
    ThirdParty,
    /// Builds the book in `target/book` and checks its links.
    Book(book::Args),
    /// Runs the commands that README and tutorial print.
    Docs,
    /// Writes a typed client from an OpenAPI document, as `tessera openapi` prints it.
    Client(client::Args),
    /// Runs the TypeScript clients of this build and of a third party's plugin.
    ClientTest,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Test(args) => test::run(&args),
        Command::Ci(args) => ci::run(&args),
        Command::Lint => lint::run(),
        Command::Codegen { check } => codegen::run(check),
        Command::Compat(args) => compat::run(&args),
        Command::UpgradeWire(args) => upgrade_wire::run(&args),
        Command::Conformance(args) => conformance::run(&args),
        Command::Coverage(args) => coverage::run(&args),
        Command::Mutants(args) => mutants::run(&args),
        Command::Features(args) => features::run(&args),
        Command::Gateway => gateway::run(),
        Command::Browser => browser::run(),
        Command::Alerts => alerts::run(),
        Command::Bench(args) => bench::run(&args),
        Command::Chaos(args) => chaos::run_all(&args),
        Command::NewPlugin(args) => scaffold::run(&args),
        Command::NewEndpoint(args) => scaffold::endpoint::run(&args),
        Command::NewMigration(args) => scaffold::schema::run(&args),
        Command::Plugin(command) => plugin::run(&command),
        Command::ThirdParty => third_party::run(),
        Command::Book(args) => book::run(&args),
        Command::Docs => docs::run(),
        Command::Client(args) => client::run(&args),
        Command::ClientTest => client_test::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
