//! `cargo xtask mutants`: changes critical code and looks whether a test notices, by cargo-mutants; writes its part
//! of `docs/quality.md`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::{
    coverage::between,
    services::Services,
    shell::{cargo, output, read, root, target, works, write},
};

const PAGE: &str = "docs/quality.md";
const MARKS: (&str, &str) = ("<!-- mutants:begin -->", "<!-- mutants:end -->");
/// A test that a change keeps from ending ends after so many seconds.
const TIMEOUT: &str = "150";
/// What a group's last run has found, in its folder.
const FOUND: &str = "found.json";

/// Packages whose tests are run, and the database that they run on.
type Try = (&'static [&'static str], &'static str);

/// Code, and the tests that have to notice when it changes.
struct Group {
    name: &'static str,
    files: &'static [&'static str],
    /// Each with what all before it have missed.
    tries: &'static [Try],
    /// Of so many changes one is made: each is a build.
    every: usize,
}

const GROUPS: &[Group] = &[
    Group {
        name: "tokens",
        files: &["crates/auth-crypto/src/cookie_value.rs", "crates/auth-crypto/src/token_hash.rs"],
        tries: &[(&["auth-crypto"], "sqlite")],
        every: 1,
    },
    Group {
        name: "token pairs",
        files: &["plugins/bearer/src/pair.rs"],
        tries: &[(&["auth-plugin-bearer"], "sqlite")],
        every: 1,
    },
    Group {
        name: "consume",
        files: &["crates/auth-core/src/store/verifications.rs"],
        tries: &[
            (&["auth-host"], "sqlite"),
            (&["auth-host"], "mysql"),
            (&["auth-plugin-session", "auth-plugin-account"], "sqlite"),
        ],
        every: 2,
    },
    Group {
        name: "counters",
        files: &["crates/auth-limit/src/**"],
        tries: &[(&["auth-limit"], "sqlite")],
        every: 3,
    },
    Group {
        name: "limits",
        files: &["crates/auth-host/src/limits/**"],
        tries: &[(&["auth-host"], "sqlite")],
        every: 3,
    },
    Group {
        name: "rules and lockout",
        files: &["crates/auth-core/src/rate/**", "crates/auth-core/src/lockout.rs"],
        tries: &[(&["auth-core", "auth-limit", "auth-plugin-email-password"], "sqlite")],
        every: 5,
    },
    Group {
        name: "access control",
        files: &["crates/auth-core/src/access/**"],
        tries: &[(&["auth-core", "auth-plugin-organization"], "sqlite")],
        every: 8,
    },
    Group {
        name: "sessions",
        files: &["plugins/session/src/**"],
        tries: &[
            (&["auth-plugin-session"], "sqlite"),
            (&["auth-plugin-session"], "postgres"),
            (&["auth-plugin-multi-session", "auth-plugin-email-password"], "sqlite"),
        ],
        every: 6,
    },
    Group {
        name: "sessions of the core",
        files: &["crates/auth-core/src/session/**", "crates/auth-core/src/store/sessions.rs"],
        tries: &[
            (&["auth-plugin-session"], "sqlite"),
            (&["auth-host", "auth-plugin-multi-session"], "sqlite"),
        ],
        every: 6,
    },
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only the group of this name.
    #[arg(long)]
    only: Option<String>,
    /// One of so many changes, instead of each group's own number; 1 makes all of them, which takes hours.
    #[arg(long)]
    every: Option<usize>,
    /// Only makes the report anew, from what was run last.
    #[arg(long)]
    report: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let tools = target()?.join("tools");
    let path = format!("{}:{}", tools.join("bin").display(), std::env::var("PATH").unwrap_or_default());
    if !works(cargo(&["mutants", "--version"]).env("PATH", &path)) {
        crate::shell::run(cargo(&["install", "--locked", "cargo-mutants", "--root"]).arg(&tools))?;
    }
    let wanted = |group: &&Group| args.only.as_ref().is_none_or(|only| group.name == only);
    if !args.report {
        let services = Services::for_tests();
        for group in GROUPS.iter().filter(wanted) {
            let every = args.every.unwrap_or(group.every).max(1);
            println!("\n{}: one of {every}", group.name);
            group.run(every, &path, &services)?;
        }
    }
    let mut rows = Vec::new();
    for group in GROUPS {
        let all = output(group.command(&["--list"], &path)?.arg("--no-config"))?.lines().count();
        let found = read(&group.folder()?.join(FOUND)).ok();
        rows.push((group.name, all, found.map(|text| serde_json::from_str(&text)).transpose()?));
    }
    let page = root().join(PAGE);
    write(&page, &between(&read(&page)?, MARKS, &render(&rows))?)?;
    println!("wrote {PAGE}");
    Ok(())
}

impl Group {
    fn folder(&self) -> Result<PathBuf> {
        Ok(target()?.join("mutants").join(self.name.replace(' ', "-")))
    }

    fn command(&self, arguments: &[&str], path: &str) -> Result<Command> {
        let mut command = cargo(&["mutants", "--workspace"]);
        command.args(arguments).env("PATH", path);
        for file in self.files {
            command.args(["--file", file]);
        }
        // One for all copies of the sources, so that what they depend on is built once.
        command.env("CARGO_TARGET_DIR", target()?.join("mutants/build"));
        Ok(command)
    }

    fn run(&self, every: usize, path: &str, services: &Services) -> Result<()> {
        let folder = self.folder()?;
        fs::create_dir_all(&folder)?;
        let shard = format!("0/{every}");
        let mut all = Found::default();
        for (at, (tests, backend)) in self.tries.iter().enumerate() {
            let mut command = self.command(&[], path)?;
            if at == 0 {
                command.args(["--shard", &shard, "--sharding", "round-robin"]);
            } else {
                command.args(all.missed.iter().flat_map(|name| ["--re".to_owned(), exactly(name)]));
            }
            command.args(["--test-tool", "nextest", "--baseline", "skip", "--timeout", TIMEOUT]);
            command.args(["--test-package", &tests.join(","), "--output"]).arg(&folder);
            // 2: some were missed; 3: some ran out of time. Both are in the report.
            let code = services.tell(&mut command).env("TESSERA_TEST_BACKEND", backend).status()?.code();
            if !matches!(code, Some(0 | 2 | 3)) {
                bail!("cargo-mutants ended with {code:?}");
            }
            all.add(&folder.join("mutants.out"))?;
            if all.missed.is_empty() {
                break;
            }
        }
        write(&folder.join(FOUND), &serde_json::to_string_pretty(&all)?)
    }
}

/// The expression that fits one name.
fn exactly(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    let escaped =
        name.chars().map(|c| if plain(c) { c.to_string() } else { format!("\\x{{{:X}}}", u32::from(c)) });
    format!("^{}$", escaped.collect::<String>())
}

/// What a run has found.
#[derive(Default, Serialize, Deserialize)]
struct Found {
    caught: usize,
    endless: usize,
    /// Did not compile, and so says nothing.
    unbuilt: usize,
    missed: Vec<String>,
}

impl Found {
    /// Adds what one more try has found of what was missed.
    fn add(&mut self, folder: &Path) -> Result<()> {
        let lines = |name: &str| -> Result<Vec<String>> {
            Ok(read(&folder.join(name))?.lines().map(str::to_owned).collect())
        };
        self.caught += lines("caught.txt")?.len();
        self.endless += lines("timeout.txt")?.len();
        self.unbuilt += lines("unviable.txt")?.len();
        self.missed = lines("missed.txt")?;
        Ok(())
    }

    fn share(&self) -> String {
        let noticed = self.caught + self.endless;
        let per_mille = (noticed * 1000).checked_div(noticed + self.missed.len()).unwrap_or(1000);
        format!("{}.{} %", per_mille / 10, per_mille % 10)
    }
}

fn render(rows: &[(&str, usize, Option<Found>)]) -> String {
    let mut page = String::from(
        "| Critical | Changes | Tried | Noticed | Did not end | Missed | Did not compile | Noticed of those that compile |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for (name, all, found) in rows {
        page += &match found {
            None => format!("| {name} | {all} | not run | | | | | |\n"),
            Some(found) => {
                let tried = found.caught + found.endless + found.unbuilt + found.missed.len();
                format!(
                    "| {name} | {all} | {tried} | {} | {} | {} | {} | {} |\n",
                    found.caught,
                    found.endless,
                    found.missed.len(),
                    found.unbuilt,
                    found.share()
                )
            }
        };
    }
    let missed = rows.iter().filter_map(|row| row.2.as_ref()).flat_map(|found| &found.missed);
    let missed: Vec<_> = missed.map(|line| format!("- `{}`\n", line.replace('`', "'"))).collect();
    if !missed.is_empty() {
        page += &format!("\nMissed:\n\n{}", missed.concat());
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_expression() {
        assert_eq!(
            exactly("a.rs:1: replace + with -"),
            "^a\\x{2E}rs\\x{3A}1\\x{3A} replace \\x{2B} with \\x{2D}$"
        );
    }

    #[test]
    fn what_no_test_noticed_is_told() {
        let missed = vec!["src/a.rs:1:2: replace + with -".to_owned()];
        let found = Found { caught: 8, endless: 1, unbuilt: 2, missed };
        let page = render(&[("tokens", 36, Some(found)), ("limits", 54, None)]);
        assert!(page.contains("| tokens | 36 | 12 | 8 | 1 | 1 | 2 | 90.0 % |"), "{page}");
        assert!(page.contains("| limits | 54 | not run |"), "{page}");
        assert!(page.ends_with("Missed:\n\n- `src/a.rs:1:2: replace + with -`\n"), "{page}");
    }
}
