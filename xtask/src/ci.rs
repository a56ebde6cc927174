//! `cargo xtask ci`: what a change has to pass.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::{
    alerts, book, browser, client_test, codegen, compat, conformance, docs, features, gateway, lint, openapi,
    plugin,
    shell::{cargo, run as execute, works},
    stability, test, third_party,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Goes on after a step that failed, to show all that is wrong.
    #[arg(long)]
    keep_going: bool,
    /// Only the steps whose names contain this.
    #[arg(long)]
    only: Option<String>,
}

/// What a step did not do, if anything.
pub(crate) type Outcome = Result<Option<&'static str>>;

struct Step {
    name: &'static str,
    run: fn() -> Outcome,
}

const STEPS: &[Step] = &[
    Step { name: "fmt", run: || done(execute(&mut cargo(&["fmt", "--all", "--check"]))) },
    Step { name: "lint", run: || done(lint::run()) },
    Step { name: "clippy", run: clippy },
    Step { name: "features", run: || done(features::check()) },
    Step { name: "traces", run: traces },
    Step { name: "rustdoc", run: rustdoc },
    Step { name: "deny", run: deny },
    Step { name: "test", run: || done(test::run_all(true)) },
    Step { name: "plugin-check", run: || done(plugin::check::after_tests()) },
    Step { name: "codegen", run: || done(codegen::run(true)) },
    Step { name: "compat", run: || done(compat::run(&compat::Args::default())) },
    Step { name: "semver", run: stability::run_against_last_tag },
    Step { name: "openapi", run: || done(openapi::run()) },
    Step { name: "book", run: || done(book::build().map(drop)) },
    Step { name: "docs", run: || done(docs::run()) },
    Step { name: "clients", run: || done(client_test::run()) },
    Step { name: "third-party", run: || done(third_party::run()) },
    Step { name: "gateway", run: || done(gateway::run()) },
    Step { name: "alerts", run: || done(alerts::run()) },
    Step { name: "browser", run: || done(browser::run()) },
    Step { name: "conformance", run: || done(conformance::run_all()) },
];

fn done(result: Result<()>) -> Outcome {
    result.map(|()| None)
}

fn clippy() -> Outcome {
    done(execute(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])))
}

/// What the usual build leaves out.
fn traces() -> Outcome {
    execute(&mut cargo(&[
        "clippy",
        "-p",
        "tessera",
        "--features",
        "otlp",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    done(execute(&mut cargo(&["nextest", "run", "-p", "tessera", "--features", "otlp", "traces"])))
}

fn rustdoc() -> Outcome {
    let mut command = cargo(&["doc", "--no-deps", "--workspace"]);
    done(execute(command.env("RUSTDOCFLAGS", "-D warnings")))
}

/// Licences, bans and sources. Advisories need a database that is fetched from elsewhere: whoever
/// is online asks for them with `cargo deny check advisories`.
fn deny() -> Outcome {
    if !works(&mut cargo(&["deny", "--version"])) {
        bail!("cargo-deny is not installed: `cargo install --locked cargo-deny`");
    }
    execute(&mut cargo(&["fetch", "--locked"]))?;
    execute(&mut cargo(&["deny", "--offline", "check", "bans", "licenses", "sources"]))?;
    Ok(Some("advisories: their database is fetched from elsewhere; run `cargo deny check advisories` online"))
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut summary = Vec::new();
    let mut failed = 0_usize;
    let wanted = |step: &&Step| args.only.as_ref().is_none_or(|only| step.name.contains(only.as_str()));
    let begun = Instant::now();
    for step in STEPS.iter().filter(wanted) {
        println!("\n──── {} ────", step.name);
        let started = Instant::now();
        let (mark, note) = match (step.run)() {
            Ok(note) => ("ok", note.unwrap_or_default().to_owned()),
            Err(error) => {
                println!("error: {error:#}");
                failed += 1;
                ("FAILED", format!("{error:#}"))
            }
        };
        summary.push(format!("{:>8}  {:<12} {mark:<6} {note}", seconds(started.elapsed()), step.name));
        if failed > 0 && !args.keep_going {
            break;
        }
    }
    println!("\n──── summary ────");
    for line in &summary {
        println!("{line}");
    }
    println!("{:>8}  all", seconds(begun.elapsed()));
    if failed > 0 {
        bail!("{failed} of the steps failed");
    }
    if summary.is_empty() {
        bail!("no step has such a name");
    }
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}
