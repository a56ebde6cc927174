//! `cargo xtask compat`: whether plugins fit the host, and whether clients still fit the endpoints.
//!
//! The rules on manifests are in `manifests`, those on versions in `matrix`, those on endpoints in `compare`.

mod compare;
mod manifests;
pub(crate) mod matrix;
mod schema;
mod signature;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use semver::Version;
use serde::Serialize;

use self::{
    compare::{Change, Kind, compare},
    manifests::Build,
    matrix::{MATRIX, Matrix},
    signature::Snapshot,
};
use crate::{
    program::Program,
    shell::{read, root, write},
    upgrade_wire,
};

const SNAPSHOTS: &str = "docs/compat/api";

#[derive(Default, clap::Args)]
pub(crate) struct Args {
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
    /// Compares with the snapshot of this version, or with this file; without it, with the newest one.
    #[arg(long, value_name = "VERSION|FILE")]
    against: Option<String>,
    /// Writes the snapshot instead of comparing with it. A released version's is never written again.
    #[arg(long)]
    write: bool,
    /// Any server's OpenAPI document in the place of this build's: only endpoints are compared then.
    #[arg(long, value_name = "FILE", requires = "snapshot")]
    openapi: Option<PathBuf>,
    /// The snapshot, or an older OpenAPI document, that `--openapi` is compared with.
    #[arg(long, value_name = "FILE", requires = "openapi", conflicts_with = "against")]
    snapshot: Option<PathBuf>,
    /// With `--openapi`: a matrix with breaking changes that are meant.
    #[arg(long, value_name = "FILE", requires = "openapi")]
    matrix: Option<PathBuf>,
}

/// Something that fails the check.
#[derive(Debug, Serialize)]
struct Problem {
    check: &'static str,
    place: String,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Problem {
    fn new(check: &'static str, place: &str, what: String) -> Self {
        Self { check, place: place.to_owned(), what, hint: None }
    }

    fn hint(self, hint: &str) -> Self {
        Self { hint: Some(hint.to_owned()), ..self }
    }
}

/// A change that breaks somebody and that the matrix lists.
#[derive(Debug, Serialize)]
struct Meant {
    #[serde(flatten)]
    change: Change,
    since: String,
    migration: String,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    version: String,
    against: String,
    plugins: usize,
    endpoints: usize,
    problems: Vec<Problem>,
    meant: Vec<Meant>,
    additions: Vec<Change>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let report = match (&args.openapi, &args.snapshot) {
        (Some(document), Some(snapshot)) => foreign(args, document, snapshot)?,
        _ => own(args)?,
    };
    let Some(report) = report else { return Ok(()) };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.text());
    }
    match report.problems.len() {
        0 => Ok(()),
        count => bail!("compat: {count} things do not fit"),
    }
}

/// This build.
fn own(args: &Args) -> Result<Option<Report>> {
    let old = if args.write { None } else { Some(Snapshot::open(&chosen(args.against.as_deref())?)?) };
    let program = Program::build("compat")?;
    let build: Build = serde_json::from_value(program.ask(&["plugins", "manifests"])?)?;
    let mut problems = manifests::check(&build);
    let matrix = Matrix::open(&root().join(MATRIX))?;
    problems.extend(matrix.check(&build.version, &build.host_api));
    problems.extend(matrix.check_pins(&build.version, &upgrade_wire::pins()?));
    problems.extend(manifests::unhandled(&build, &matrix));
    let mut report = Report {
        version: matrix.name(&build.version),
        plugins: build.plugins.len(),
        problems,
        ..Report::default()
    };
    // Plugins that do not fit the host give no document.
    if report.problems.iter().any(|problem| problem.check == "manifest") {
        return Ok(Some(report));
    }
    let now = Snapshot::of(&program.ask_with_all(&["openapi"])?);
    let Some(old) = old else {
        write_own(&matrix, &now)?;
        return Ok(None);
    };
    report.endpoints(&old, &now, &matrix);
    Ok(Some(report))
}

/// Any two documents.
fn foreign(args: &Args, document: &Path, snapshot: &Path) -> Result<Option<Report>> {
    let now = Snapshot::open(document)?;
    if args.write {
        write(snapshot, &now.text()?)?;
        println!("wrote {}: {} endpoints", snapshot.display(), now.endpoints.len());
        return Ok(None);
    }
    ensure!(snapshot.exists(), "there is no {} yet; `--write` makes it", snapshot.display());
    let matrix = args.matrix.as_deref().map(Matrix::open).transpose()?.unwrap_or_default();
    let mut report = Report { version: matrix.name(&now.version), ..Report::default() };
    report.endpoints(&Snapshot::open(snapshot)?, &now, &matrix);
    Ok(Some(report))
}

fn write_own(matrix: &Matrix, now: &Snapshot) -> Result<()> {
    let path = root().join(SNAPSHOTS).join(format!("{}.json", now.version));
    let is_released = matrix.row(&now.version).is_some_and(|row| row.released.is_some());
    if is_released && path.exists() {
        bail!("{} is released: its endpoints are what they were. Raise the version first", now.version);
    }
    write(&path, &now.text()?)?;
    println!("wrote {}: {} endpoints", path.display(), now.endpoints.len());
    Ok(())
}

/// The snapshot of a version, a file, or the newest snapshot.
fn chosen(against: Option<&str>) -> Result<PathBuf> {
    let folder = root().join(SNAPSHOTS);
    if let Some(named) = against {
        let places = [folder.join(format!("{named}.json")), PathBuf::from(named)];
        return places
            .into_iter()
            .find(|place| place.is_file())
            .with_context(|| format!("{SNAPSHOTS} has no snapshot of {named}, and no file is called that"));
    }
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {SNAPSHOTS}"))? {
        let path = entry?.path();
        let version = path.file_stem().and_then(|name| Version::parse(name.to_str()?).ok());
        found.extend(version.map(|version| (version, path)));
    }
    let newest = found.pop_last().map(|(_, path)| path);
    newest.with_context(|| {
        format!("{SNAPSHOTS} is empty; `cargo xtask compat --write` makes the first snapshot")
    })
}

impl Report {
    fn endpoints(&mut self, old: &Snapshot, new: &Snapshot, matrix: &Matrix) {
        self.against = matrix.name(&old.version);
        self.endpoints = new.endpoints.len();
        for change in compare(old, new) {
            let check = match change.kind {
                Kind::Addition => {
                    self.additions.push(change);
                    continue;
                }
                Kind::MissingEndpoint => "missing-endpoint",
                Kind::MissingMethod => "missing-method",
                Kind::SignatureMismatch => "signature-mismatch",
            };
            match matrix.allows(&change.endpoint, &old.version) {
                Some((release, meant)) => self.meant.push(Meant {
                    change,
                    since: release.version.to_string(),
                    migration: meant.migration.clone(),
                }),
                None => self.problems.push(Problem::new(check, &change.endpoint, change.what)),
            }
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for change in &self.additions {
            text += &format!("added    {}: {}\n", change.endpoint, change.what);
        }
        for Meant { change, since, migration } in &self.meant {
            text += &format!(
                "breaking {}: {}\n         meant, since {since}: {migration}\n",
                change.endpoint, change.what
            );
        }
        for problem in &self.problems {
            text += &format!("{}: {}: {}\n", problem.check, problem.place, problem.what);
            if let Some(hint) = &problem.hint {
                text += &format!("         to do: {hint}\n");
            }
        }
        let breaks = |problem: &Problem| {
            problem.check.starts_with("missing-") || problem.check == "signature-mismatch"
        };
        if self.problems.iter().any(breaks) {
            text += &format!(
                "\nWhat breaks clients is listed in {MATRIX} with what to do about it, or not done.\n\
                 Where {} was never released, `cargo xtask compat --write` takes a new snapshot of it.\n",
                self.against
            );
        }
        text += &format!(
            "compat: {} against {}: {} plugins, {} endpoints; {} added, {} broken as meant, {} wrong\n",
            self.version,
            self.against,
            self.plugins,
            self.endpoints,
            self.additions.len(),
            self.meant.len(),
            self.problems.len()
        );
        text
    }
}

/// The page of the matrix, for `codegen`.
pub(crate) fn page() -> Result<(String, String)> {
    const PAGE: &str = "docs/compat/README.md";
    let matrix = Matrix::open(&root().join(MATRIX))?;
    Ok((PAGE.to_owned(), matrix.page(&read(&root().join(PAGE))?)?))
}
