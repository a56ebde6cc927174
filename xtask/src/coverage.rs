//! `cargo xtask coverage`: which lines tests run, by llvm-cov; writes its part of `docs/quality.md`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    services::{Services, install},
    shell::{cargo, output, program, read, root, run as execute, target, works, write},
    test,
};

const PAGE: &str = "docs/quality.md";
const MARKS: (&str, &str) = ("<!-- coverage:begin -->", "<!-- coverage:end -->");
/// Of every hundred lines in the workspace so many are run.
const LEAST: f64 = 90.0;
/// What is no part of the product: tests, and the developer's own tool.
const LEFT_OUT: &str = r"(/tests?/|_tests\.rs|/xtask/)";

/// Modules of which every line has to be run, and what they are.
const CRITICAL: &[(&str, &[&str])] = &[
    (
        "sessions",
        &["crates/auth-core/src/session/", "crates/auth-core/src/store/sessions.rs", "plugins/session/src/"],
    ),
    (
        "tokens",
        &[
            "crates/auth-crypto/src/cookie_value.rs",
            "crates/auth-crypto/src/token_hash.rs",
            "plugins/bearer/src/pair.rs",
        ],
    ),
    ("consume", &["crates/auth-core/src/store/verifications.rs"]),
    (
        "limiter",
        &[
            "crates/auth-limit/src/",
            "crates/auth-host/src/limits/",
            "crates/auth-core/src/rate/",
            "crates/auth-core/src/lockout.rs",
        ],
    ),
    ("access control", &["crates/auth-core/src/access/"]),
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only makes the report anew, from the last run.
    #[arg(long)]
    report: bool,
}

/// Lines, and those of them that were run.
#[derive(Clone, Copy, Default)]
struct Lines {
    all: u64,
    run: u64,
}

impl Lines {
    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.run += other.run;
    }

    fn missed(self) -> u64 {
        self.all.saturating_sub(self.run)
    }

    /// In hundredths of a percent, so that nothing is rounded up to all of them.
    fn percent(self) -> String {
        let share = self.run.saturating_mul(10_000).checked_div(self.all).unwrap_or(10_000);
        format!("{}.{:02} %", share / 100, share % 100)
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let tools = Tools::find()?;
    if !args.report {
        execute(&mut tools.command(&["clean", "--workspace"])?)?;
        let services = Services::for_tests();
        let some: Vec<_> = test::ON_MYSQL.iter().flat_map(|name| ["--package", name]).collect();
        for (backend, packages) in
            [("sqlite", &["--workspace"][..]), ("postgres", &["--workspace"]), ("mysql", &some)]
        {
            let mut command = tools.command(&["nextest", "--no-report", "--no-fail-fast"])?;
            execute(services.tell(command.args(packages).env("TESSERA_TEST_BACKEND", backend)))?;
        }
        if !services.skipped.is_empty() {
            bail!("these figures want everything to be run; missing: {}", services.skipped.join("; "));
        }
    }
    let report = output(&mut tools.command(&["report", "--lcov", "--ignore-filename-regex", LEFT_OUT])?)?;
    let files = files(&report);
    let page = root().join(PAGE);
    write(&page, &between(&read(&page)?, MARKS, &render(&files))?)?;
    println!("wrote {PAGE}");
    judge(&files)
}

/// What llvm-cov needs.
struct Tools {
    /// Debian's LLVM of the compiler's version: rustup has none where components cannot be fetched.
    llvm: Option<PathBuf>,
    path: String,
}

impl Tools {
    fn find() -> Result<Self> {
        let tools = target()?.join("tools");
        let binaries = tools.join("bin");
        let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default());
        if !works(cargo(&["llvm-cov", "--version"]).env("PATH", &path)) {
            execute(cargo(&["install", "--locked", "cargo-llvm-cov", "--root"]).arg(&tools))?;
        }
        let version = output(program("rustc").arg("-vV"))?;
        let llvm = version.lines().find_map(|line| line.strip_prefix("LLVM version: "));
        let major = llvm.and_then(|version| version.split('.').next()).context("rustc names no LLVM")?;
        let folder = PathBuf::from(format!("/usr/lib/llvm-{major}/bin"));
        if !folder.join("llvm-cov").exists() && !Self::of_rustup()? {
            install(&format!("llvm-{major}"))?;
        }
        Ok(Self { llvm: folder.join("llvm-cov").exists().then_some(folder), path })
    }

    fn of_rustup() -> Result<bool> {
        let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
        let tools = Path::new(sysroot.trim()).join("lib/rustlib");
        let hosts = std::fs::read_dir(tools)?.filter_map(Result::ok);
        Ok(hosts.into_iter().any(|host| host.path().join("bin/llvm-cov").exists()))
    }

    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = cargo(&[&["llvm-cov"], arguments].concat());
        command.env("PATH", &self.path).env("CARGO_TARGET_DIR", target()?);
        if let Some(llvm) = &self.llvm {
            command.env("LLVM_COV", llvm.join("llvm-cov")).env("LLVM_PROFDATA", llvm.join("llvm-profdata"));
        }
        Ok(command)
    }
}

/// Lines by file, with names below the workspace. A line is run if any copy of it is: code with types left open has
/// one for each set of types.
fn files(report: &str) -> BTreeMap<String, Lines> {
    let root = root();
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    let mut file = None;
    for line in report.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            file = Path::new(path).strip_prefix(&root).ok().and_then(Path::to_str).map(str::to_owned);
        } else if let (Some(name), Some(("DA", count))) = (&file, line.split_once(':')) {
            let run = count.split(',').nth(1).is_some_and(|times| times != "0");
            files.entry(name.clone()).or_default().add(Lines { all: 1, run: u64::from(run) });
        }
    }
    files
}

fn sum<'f>(files: impl Iterator<Item = (&'f String, &'f Lines)>) -> Lines {
    let mut all = Lines::default();
    files.for_each(|(_, lines)| all.add(*lines));
    all
}

fn of<'f>(
    files: &'f BTreeMap<String, Lines>,
    places: &'f [&str],
) -> impl Iterator<Item = (&'f String, &'f Lines)> {
    files.iter().filter(|(name, _)| places.iter().any(|place| name.starts_with(place)))
}

fn render(files: &BTreeMap<String, Lines>) -> String {
    let mut page = format!(
        "All of the workspace: **{}** of {} lines.\n\n",
        sum(files.iter()).percent(),
        sum(files.iter()).all
    );
    page += "| Critical | Lines | Run | Not run |\n|---|---|---|---|\n";
    for (name, places) in CRITICAL {
        let lines = sum(of(files, places));
        let missed: Vec<_> = of(files, places).filter(|(_, lines)| lines.missed() > 0).collect();
        let tell = |(name, lines): &(&String, &Lines)| format!("`{name}` {}", lines.missed());
        let missed: Vec<_> = missed.iter().map(tell).collect();
        page += &format!("| {name} | {} | {} | {} |\n", lines.all, lines.percent(), missed.join(", "));
    }
    page += "\n| Crate | Lines | Run |\n|---|---|---|\n";
    let mut crates: BTreeMap<String, Lines> = BTreeMap::new();
    for (name, lines) in files {
        let name = name.split('/').take(2).collect::<Vec<_>>().join("/");
        crates.entry(name).or_default().add(*lines);
    }
    for (name, lines) in crates {
        page += &format!("| `{name}` | {} | {} |\n", lines.all, lines.percent());
    }
    page
}

/// A page with a text between two marks.
pub(crate) fn between(page: &str, (begin, end): (&str, &str), text: &str) -> Result<String> {
    let (head, rest) = page.split_once(begin).with_context(|| format!("{PAGE} has no {begin}"))?;
    let (_, tail) = rest.split_once(end).with_context(|| format!("{PAGE} has no {end}"))?;
    Ok(format!("{head}{begin}\n{text}{end}{tail}"))
}

fn judge(files: &BTreeMap<String, Lines>) -> Result<()> {
    let all = sum(files.iter());
    println!("{} of {} lines are run", all.percent(), all.all);
    let mut wrong = Vec::new();
    #[allow(clippy::cast_precision_loss, reason = "a share of some ten thousand lines")]
    if (all.run as f64) < all.all as f64 * LEAST / 100.0 {
        wrong.push(format!("{} of all lines are run, and {LEAST} % have to be", all.percent()));
    }
    for (name, places) in CRITICAL {
        for (file, lines) in of(files, places).filter(|(_, lines)| lines.missed() > 0) {
            wrong.push(format!("{name}: {} lines of {file} are never run", lines.missed()));
        }
    }
    if wrong.is_empty() { Ok(()) } else { bail!("{}", wrong.join("\n  ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> BTreeMap<String, Lines> {
        let file = |name: &str, all, run| (name.to_owned(), Lines { all, run });
        BTreeMap::from([
            file("crates/auth-limit/src/memory.rs", 100, 99),
            file("crates/auth-core/src/access/mod.rs", 10, 10),
            file("apps/server/src/main.rs", 890, 880),
        ])
    }

    #[test]
    fn a_critical_line_that_is_not_run_is_told() {
        let told = judge(&files()).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(told, "limiter: 1 lines of crates/auth-limit/src/memory.rs are never run");
    }

    #[test]
    fn lines_are_counted_by_file() {
        let place = root().join("crates/a/src/lib.rs");
        let found = super::files(&format!("SF:{}\nDA:1,5\nDA:2,0\nend_of_record\n", place.display()));
        let lines = found.get("crates/a/src/lib.rs").map(|lines| (lines.all, lines.run));
        assert_eq!((found.len(), lines), (1, Some((2, 1))));
    }

    #[test]
    fn nothing_is_rounded_up() {
        assert_eq!(Lines { all: 100_000, run: 99_999 }.percent(), "99.99 %");
        assert_eq!(Lines { all: 3, run: 3 }.percent(), "100.00 %");
    }

    #[test]
    fn a_page_keeps_what_stands_around() -> Result<()> {
        let page = between("a\n<1>\nold\n<2>\nb\n", ("<1>", "<2>"), "new\n")?;
        assert_eq!(page, "a\n<1>\nnew\n<2>\nb\n");
        Ok(())
    }
}
