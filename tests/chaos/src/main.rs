//! Faults under load.

mod clock;
mod disk;
mod faults;
mod http;
mod load;
mod node;
mod report;
mod scenarios;
mod servers;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Result, ensure};
use clap::Parser;

/// Breaks things under a running server and counts what was lost.
#[derive(Parser)]
struct Args {
    /// How often each fault happens.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Only the scenarios whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Writes the table to this file as well.
    #[arg(long)]
    write: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let wanted = |name: &str| args.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let chosen: Vec<_> = scenarios::all().into_iter().filter(|one| wanted(one.name)).collect();
    ensure!(!chosen.is_empty(), "no scenario has such a name");
    let mut rows = Vec::new();
    for scenario in chosen {
        println!("{}", scenario.name);
        let row = scenarios::run(&scenario, args.rounds)?;
        println!("  {}", report::line(&row));
        rows.push(row);
    }
    if let Some(path) = &args.write {
        std::fs::write(path, report::page(&rows, args.rounds))?;
    }
    let bad: Vec<&str> = rows.iter().filter(|row| !row.held()).map(|row| row.name).collect();
    ensure!(bad.is_empty(), "did not hold: {}", bad.join(", "));
    Ok(())
}
