//! `cargo xtask conformance`: real clients against this build.
//!
//! The npm packages are test dependencies and no part of the project: they are installed by name
//! below the target directory, from `tests/conformance/package.json`.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    services::{Services, install},
    shell::{
        bridge, copy_folder, python_package, read, root, run as execute, target, which, without_settings,
        write,
    },
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Of the differential scenarios, only those whose name or file contains this.
    #[arg(long)]
    only: Option<String>,
    /// The plugins beyond the core to enable on both sides: ids with commas, `none`, or `all`.
    #[arg(long, default_value = "none")]
    plugins: String,
    /// What the server of the differential harness stands on: `sqlite`; `postgres`; or `pair`, two nodes
    /// on PostgreSQL with a Redis, where requests alternate.
    #[arg(long, default_value = "sqlite")]
    setup: Setup,
    /// Only the project's own journeys.
    #[arg(long)]
    own: bool,
    /// Only the differential harness.
    #[arg(long, conflicts_with = "own")]
    harness: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Setup {
    Sqlite,
    Postgres,
    Pair,
}

impl Default for Args {
    fn default() -> Self {
        Self { only: None, plugins: "none".to_owned(), setup: Setup::Sqlite, own: false, harness: false }
    }
}

/// Everything, in every set-up.
pub(crate) fn run_all() -> Result<()> {
    run(&Args::default())?;
    for setup in [Setup::Postgres, Setup::Pair] {
        println!("on {setup:?}");
        run(&Args { setup, harness: true, ..Args::default() })?;
    }
    Ok(())
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let place = prepare()?;
    let binary = bridge()?;
    if !args.harness && args.only.is_none() {
        own(&place, &binary)?;
    }
    if args.own {
        return Ok(());
    }
    let Some(harness) = harness(&place)? else {
        println!(
            "SKIPPED: the differential harness is not beside this project; TESSERA_CONFORMANCE=<folder> names it"
        );
        return Ok(());
    };
    let services = match args.setup {
        Setup::Sqlite => Services::none("this runs on SQLite"),
        Setup::Postgres | Setup::Pair => Services::start(),
    };
    let place = Place { harness: &harness, binary: &binary, setup: args.setup, services: &services };
    place.differ(&args.plugins, args.only.as_deref())?;
    // Once more with everything that this build has: what is enabled must not change the rest.
    let further = further(&binary)?;
    if args.plugins == "none" && !further.is_empty() {
        place.differ(&further.join(","), args.only.as_deref())?;
    }
    Ok(())
}

/// Where the differential harness runs.
struct Place<'a> {
    harness: &'a Path,
    binary: &'a Path,
    setup: Setup,
    services: &'a Services,
}

impl Place<'_> {
    /// The same requests to Better Auth and to this build.
    fn differ(&self, plugins: &str, only: Option<&str>) -> Result<()> {
        let mut command = node(self.harness, "diff.mjs", self.binary);
        if plugins != "all" {
            command.args(["--plugins", plugins]);
        }
        if let Some(only) = only {
            command.args(["--only", only]);
        } else {
            command.arg("--allow").arg(allowed(self.harness, plugins)?);
        }
        let mut launch = launcher();
        if self.setup != Setup::Sqlite {
            // The copy stands beside the npm packages that it needs.
            launch = self.harness.parent().context("the harness is in a folder")?.join("own/launch");
            let missing = || self.services.skipped.join("; ");
            let name = if self.setup == Setup::Pair { "pair" } else { "postgres" };
            command.env("TESSERA_SETUP", name);
            command.env("TESSERA_TEST_POSTGRES", self.services.postgres.as_ref().with_context(missing)?);
            command.env("TESSERA_TEST_REDIS", self.services.redis.as_ref().with_context(missing)?);
        }
        let report = self.harness.join("report.json");
        execute(command.arg("--target-launch").arg(launch).arg("--json").arg(&report))?;
        // A server that does not start is skipped by the harness, which is no success.
        let report: serde_json::Value = serde_json::from_str(&read(&report)?)?;
        let skipped = report.get("skipped").and_then(|skipped| skipped.as_array()).map_or(0, Vec::len);
        ensure!(skipped == 0, "{skipped} scenarios had no server");
        Ok(())
    }
}

/// The meant differences: those that name a plugin (`with`) only where it is enabled. A row that makes no
/// difference fails the run.
fn allowed(harness: &Path, plugins: &str) -> Result<PathBuf> {
    let mut rows: Vec<serde_json::Value> =
        serde_json::from_str(&read(&root().join("tests/conformance/allow.json"))?)?;
    let is_on = |id: &str| plugins == "all" || plugins.split(',').any(|enabled| enabled == id);
    rows.retain(|row| row.get("with").and_then(serde_json::Value::as_str).is_none_or(is_on));
    let place = harness.join("allow.json");
    write(&place, &serde_json::to_string(&rows)?)?;
    Ok(place)
}

/// The plugins of this build that are not on by default.
fn further(binary: &Path) -> Result<Vec<String>> {
    let mut list = Command::new(binary);
    let output = without_settings(&mut list).args(["plugins", "list", "--json"]).output()?;
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let plugins =
        listed.get("plugins").and_then(|plugins| plugins.as_array()).context("no list of plugins")?;
    let off = plugins
        .iter()
        .filter(|plugin| plugin.get("enabled").and_then(serde_json::Value::as_bool) == Some(false));
    Ok(off.filter_map(|plugin| plugin.get("id")?.as_str().map(str::to_owned)).collect())
}

/// What services in Python check tokens with.
const PYJWT: &str = "pyjwt[crypto]==2.15.1";

/// The project's own journeys.
const JOURNEYS: [&str; 4] = ["journey.mjs", "organizations.mjs", "adopt.mjs", "tokens.mjs"];

/// The project's own journeys, with a PostgreSQL where there is one.
fn own(place: &Path, binary: &Path) -> Result<()> {
    let services = Services::start();
    for script in JOURNEYS {
        journey(place, binary, script, &services)?;
    }
    for what in services.skipped.iter().filter(|what| what.contains("PostgreSQL")) {
        println!("SKIPPED: {what}");
    }
    Ok(())
}

fn journey(place: &Path, binary: &Path, script: &str, services: &Services) -> Result<()> {
    let mut command = node(&place.join("own"), script, binary);
    command.env("BOOK", root().join("docs")).env("PYTHONPATH", python_package(PYJWT)?);
    if let Some(url) = &services.postgres {
        command.env("TESSERA_TEST_POSTGRES", url);
    }
    execute(&mut command)
}

/// A part of the suite against other versions of upstream.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) outcome: Result<()>,
    /// What the differential harness wrote: its report, and the rows of meant differences that it was given.
    pub(crate) report: Option<(serde_json::Value, serde_json::Value)>,
}

/// Everything on SQLite, against the packages of a `package.json` that are installed in a folder. A part that
/// fails does not keep the others from being run.
pub(crate) fn trial(place: &Path, manifest: &str) -> Result<Vec<Part>> {
    copy_folder(&root().join("tests/conformance"), &place.join("own"))?;
    npm_install(place, manifest)?;
    let binary = bridge()?;
    let services = Services::start();
    let mut parts: Vec<_> = JOURNEYS
        .into_iter()
        .map(|script| {
            let outcome = journey(place, &binary, script, &services);
            Part { name: script.to_owned(), outcome, report: None }
        })
        .collect();
    let harness = harness(place)?.context(
        "the differential harness is not beside this project; TESSERA_CONFORMANCE=<folder> names it",
    )?;
    let report = harness.join("report.json");
    let place = Place { harness: &harness, binary: &binary, setup: Setup::Sqlite, services: &services };
    let further = further(&binary)?.join(",");
    for plugins in ["none", further.as_str()] {
        // A report that was written before tells nothing.
        write(&report, "null")?;
        let outcome = place.differ(plugins, None);
        let json = |path: &Path| -> Result<_> { Ok(serde_json::from_str(&read(path)?)?) };
        let report = Some((json(&report)?, json(&harness.join("allow.json"))?));
        parts.push(Part { name: format!("differential, plugins: {plugins}"), outcome, report });
    }
    Ok(parts)
}

/// Node with a script of a folder.
pub(crate) fn node(folder: &Path, script: &str, binary: &Path) -> Command {
    let mut command = Command::new("node");
    without_settings(&mut command).current_dir(folder).arg(script);
    command.env("TESSERA_BIN", binary).env("TESSERA_LAUNCH", launcher());
    command
}

pub(crate) fn launcher() -> PathBuf {
    root().join("tests/conformance/launch")
}

/// A folder with the npm packages and a copy of the project's own scripts.
pub(crate) fn prepare() -> Result<PathBuf> {
    let place = target()?.join("conformance");
    let source = root().join("tests/conformance");
    copy_folder(&source, &place.join("own"))?;
    npm_install(&place, &read(&source.join("package.json"))?)?;
    Ok(place)
}

/// Installs the packages of a `package.json`, given as its text, into a folder, and node where it is missing.
pub(crate) fn npm_install(place: &Path, manifest: &str) -> Result<()> {
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if which(program).is_none() {
            install(package)?;
        }
    }
    let stamp = place.join("installed.json");
    if read(&stamp).is_ok_and(|installed| installed == manifest) {
        return Ok(());
    }
    // What an installation that fails leaves is none.
    write(&stamp, "")?;
    write(&place.join("package.json"), manifest)?;
    let mut npm = Command::new("npm");
    npm.current_dir(place).args([
        "install",
        "--legacy-peer-deps",
        "--no-audit",
        "--no-fund",
        "--loglevel",
        "error",
    ]);
    // Node brings the headers that a native package is built with; others would be fetched.
    if let Some(home) = node_home() {
        npm.env("npm_config_nodedir", home);
    }
    execute(&mut npm)?;
    write(&stamp, manifest)
}

fn node_home() -> Option<PathBuf> {
    let node = std::fs::canonicalize(which("node")?).ok()?;
    let home = node.parent()?.parent()?.to_path_buf();
    home.join("include/node/node.h").exists().then_some(home)
}

/// A copy of the differential harness, where it is to be had.
pub(crate) fn harness(place: &Path) -> Result<Option<PathBuf>> {
    let source = match env::var_os("TESSERA_CONFORMANCE").map(PathBuf::from) {
        Some(named) if !named.join("diff.mjs").exists() => {
            bail!("TESSERA_CONFORMANCE names {}, where there is no diff.mjs", named.display())
        }
        Some(named) => named,
        None => root().parent().context("the workspace is at the root")?.join("shared/conformance"),
    };
    if !source.join("diff.mjs").exists() {
        return Ok(None);
    }
    let copy = place.join("harness");
    copy_folder(&source, &copy)?;
    Ok(Some(copy))
}
