//! The page of figures.

use std::{fs, process::Command};

use super::{Args, measure::Figures};
use crate::shell::output;

/// A figure with the budget that it is held to.
pub(super) struct Row {
    what: String,
    measured: String,
    budget: String,
    met: Option<bool>,
}

impl Row {
    /// A ratio that should be at least this.
    pub(super) fn ratio(what: &str, value: f64, least: f64) -> Self {
        let (measured, budget) = (format!("{value:.2}"), format!("≥ {least:.2}"));
        Self { what: what.to_owned(), measured, budget, met: Some(value >= least) }
    }

    /// A figure that should be at most this.
    pub(super) fn most(what: &str, value: f64, most: f64, unit: &str) -> Self {
        let (measured, budget) = (format!("{value:.1} {unit}"), format!("≤ {most:.0} {unit}"));
        Self { what: what.to_owned(), measured, budget, met: Some(value <= most) }
    }
}

#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

impl Table {
    pub(super) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// A figure without a budget of its own.
    pub(super) fn figure(&mut self, what: &str, value: f64, unit: &str) {
        let measured = format!("{value:.1} {unit}");
        self.add(Row { what: what.to_owned(), measured, budget: String::new(), met: None });
    }

    pub(super) fn load(&mut self, what: &str, figures: &Figures) {
        let Figures { rps, p50_ms, p95_ms, p99_ms, .. } = figures;
        let measured = format!("{rps:.1} requests/s; p50 {p50_ms:.2}, p95 {p95_ms:.2}, p99 {p99_ms:.2} ms");
        self.add(Row { what: what.to_owned(), measured, budget: String::new(), met: None });
    }
}

pub(super) fn page(table: &Table, args: &Args) -> String {
    let mut page =
        "# Benchmarks\n\nWritten by `cargo xtask bench`. Ratios of one run on one machine: ".to_owned();
    page += "figures of other machines differ, their ratios hardly.\n\n";
    page += "| What | Measured | Budget | |\n|---|---|---|---|\n";
    for row in &table.rows {
        let mark = match row.met {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        page += &format!("| {} | {} | {} | {mark} |\n", row.what, row.measured, row.budget);
    }
    page += "\n## How\n\n";
    page += &format!(
        "- Command: `cargo xtask bench{}`, built with the profile `{}`.\n",
        words(args),
        args.profile
    );
    page += &format!("- Date: {}.\n", said("date", &["-u", "+%Y-%m-%d"]));
    page += &format!("- Machine: {}.\n", machine());
    page += &format!("- Compiler: {}.\n", said("rustc", &["--version"]));
    page += "- Load: `tessera-load`, one thread on the same machine, kept connections over the loopback interface;\n";
    page +=
        &format!("  {} connections on the hot path, {} that sign in, ", args.connections, super::SIGN_INS);
    page += &format!("{} seconds each.\n", args.seconds);
    page += "- Server: SQLite, rate limits off, mail thrown away, preset `better-auth` with argon2id of the default\n";
    page +=
        "  parameters. Start and memory are of the server's process, on a database that was there before.\n";
    page += "- Plugins: those that are on by default, where nothing else is said. Compared with Better Auth, both sides run\n";
    page += "  all that they have, so that each answer of `get-session` carries a signed token; Better Auth has more.\n";
    page +=
        "- A figure and its ceiling are measured in three turns; the turn with the middle ratio counts.\n";
    page += "- Figures of one core: the middle one of five processes, each the best of twenty rounds that take turns.\n";
    page
}

fn words(args: &Args) -> String {
    let users = args.users.map(|users| format!(" --users {users}")).unwrap_or_default();
    let better_auth = if args.better_auth { " --better-auth" } else { "" };
    format!(" --seconds {} --connections {}{users}{better_auth}", args.seconds, args.connections)
}

fn said(program: &str, arguments: &[&str]) -> String {
    output(Command::new(program).args(arguments))
        .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|line| line.trim_matches([' ', '\t', ':']));
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: Option<u64> =
        memory.lines().next().and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    let memory = kib.map(|kib| format!(", {} GiB", kib / 1024 / 1024)).unwrap_or_default();
    format!("{cores} cores ({}){memory}, {}", model.unwrap_or("of a kind unknown"), said("uname", &["-s"]))
}
