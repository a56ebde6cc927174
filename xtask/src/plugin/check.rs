//! `cargo xtask plugin check`: what every plugin keeps.
//!
//! The suite itself is `auth_testkit::check`, a test of each plugin. What it cannot see from inside of
//! one test is looked at here: endpoints that no test of the plugin calls, and error codes that mean
//! something else in another plugin. The kit leaves notes in a folder for it ([`SEEN`]).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    shell::{metadata, read, root, run as execute, target},
    test::runner,
};

/// Names the folder to the test kit.
pub(crate) const SEEN: &str = "TESSERA_TEST_SEEN";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The plugins' ids.
    #[arg(required_unless_present = "all")]
    ids: Vec<String>,
    /// All plugins of the workspace.
    #[arg(long, conflicts_with = "ids")]
    all: bool,
}

/// A plugin of the workspace.
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) package: String,
}

/// What a plugin's suite says of it.
#[derive(Deserialize)]
struct Note {
    endpoints: Vec<Endpoint>,
    errors: Vec<Meaning>,
    /// Codes that have several meanings for a reason.
    ambiguous: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Endpoint {
    id: String,
    route: String,
}

#[derive(Clone, Deserialize, PartialEq)]
struct Meaning {
    code: String,
    status: u16,
    message: String,
}

/// The folder that tests of this process have left notes in.
static NOTED: OnceLock<PathBuf> = OnceLock::new();

/// An empty folder for notes of the tests that run now.
pub(crate) fn fresh_folder() -> Result<PathBuf> {
    let folder = target()?.join("plugin-check");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    Ok(NOTED.get_or_init(|| folder).clone())
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let known = members()?;
    for id in &args.ids {
        if !known.iter().any(|member| member.id == *id) {
            let ids: Vec<_> = known.iter().map(|member| member.id.as_str()).collect();
            bail!("there is no plugin `{id}` in `plugins`; there are: {}", ids.join(", "));
        }
    }
    let wanted: Vec<Member> =
        known.into_iter().filter(|member| args.all || args.ids.contains(&member.id)).collect();
    let folder = fresh_folder()?;
    let packages = wanted.iter().flat_map(|member| ["--package", &member.package]);
    execute(runner().args(packages).env(SEEN, &folder))?;
    evaluate(&folder, &wanted)
}

/// As [`run`] of all, where their tests have run before in this process: nothing runs twice.
pub(crate) fn after_tests() -> Result<()> {
    match NOTED.get() {
        Some(folder) => evaluate(folder, &members()?),
        None => run(&Args { ids: Vec::new(), all: true }),
    }
}

/// The plugins of `plugins/`, by id.
pub(crate) fn members() -> Result<Vec<Member>> {
    let folder = root().join("plugins");
    let packages = metadata()?.get("packages").and_then(Value::as_array).into_iter().flatten();
    let member = |package: &Value| {
        let manifest = Path::new(package.get("manifest_path")?.as_str()?);
        let id = manifest.parent()?.strip_prefix(&folder).ok()?.to_str()?.to_owned();
        let package = package.get("name")?.as_str()?.to_owned();
        package.starts_with("auth-plugin-").then_some(Member { id, package })
    };
    let mut members: Vec<_> = packages.filter_map(member).filter(|member| !member.id.contains('/')).collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(members)
}

fn evaluate(folder: &Path, members: &[Member]) -> Result<()> {
    let mut findings = Vec::new();
    let mut notes: BTreeMap<&str, Note> = BTreeMap::new();
    for Member { id, package } in members {
        let path = folder.join(format!("{package}.plugin"));
        if !path.exists() {
            findings.push(format!(
                "plugin {id}: no test of it calls `auth_testkit::check::plugin`; put one called `conforms` into \
                 plugins/{id}/tests/it/main.rs"
            ));
            continue;
        }
        let note: Note =
            serde_json::from_str(&read(&path)?).with_context(|| format!("cannot read {}", path.display()))?;
        let seen = folder.join(format!("{package}.seen"));
        let seen = if seen.exists() { read(&seen)? } else { String::new() };
        let silent = untested(&note, &seen);
        println!("{id}: {} endpoints, {} without a test", note.endpoints.len(), silent.len());
        findings.extend(silent.iter().map(|endpoint| {
            format!("plugin {id}: no test of it calls {} ({})", endpoint.route, endpoint.id)
        }));
        notes.insert(id, note);
    }
    findings.extend(clashes(&notes));
    if findings.is_empty() {
        return Ok(());
    }
    bail!("{} findings\n  {}", findings.len(), findings.join("\n  "))
}

/// The endpoints that have no line among those that tests have called. One method of an endpoint, and
/// one of its addresses, is enough.
fn untested<'n>(note: &'n Note, seen: &str) -> Vec<&'n Endpoint> {
    let called: BTreeSet<&str> = seen.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    note.endpoints.iter().filter(|endpoint| !called.contains(endpoint.id.as_str())).collect()
}

/// Codes that are something else in another plugin.
fn clashes(notes: &BTreeMap<&str, Note>) -> Vec<String> {
    let mut findings = Vec::new();
    let mut meanings: BTreeMap<&str, (&str, &Meaning)> = BTreeMap::new();
    let errors = notes.iter().flat_map(|(id, note)| {
        let clear = note.errors.iter().filter(|error| !note.ambiguous.contains(&error.code));
        clear.map(|error| (*id, error))
    });
    for (id, error) in errors {
        let (other, first) = *meanings.entry(&error.code).or_insert((id, error));
        if other != id && first != error {
            findings.push(format!(
                "plugin {id}: the error {} is {} \"{}\", and {} \"{}\" in plugin {other}: take another code",
                error.code, error.status, error.message, first.status, first.message
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(codes: &[(&str, u16)], ambiguous: &[&str]) -> Note {
        let meaning = |(code, status): &(&str, u16)| Meaning {
            code: (*code).to_owned(),
            status: *status,
            message: "Said".to_owned(),
        };
        let endpoint = |id: &str| Endpoint { id: id.to_owned(), route: format!("GET /{id}") };
        Note {
            endpoints: ["one", "two"].map(endpoint).into(),
            errors: codes.iter().map(meaning).collect(),
            ambiguous: ambiguous.iter().map(|code| (*code).to_owned()).collect(),
        }
    }

    #[test]
    fn an_endpoint_that_no_test_calls_is_told() {
        let note = note(&[], &[]);
        let silent =
            |seen: &str| untested(&note, seen).iter().map(|e| e.id.as_str()).collect::<Vec<_>>().join(" ");
        assert_eq!(silent("GET one\nPOST two\n"), "");
        assert_eq!(silent("POST one\nGET other\n"), "two");
        assert_eq!(silent(""), "one two");
    }

    #[test]
    fn a_code_means_the_same_in_all_plugins() {
        let told = |a: Note, b: Note| clashes(&BTreeMap::from([("a", a), ("b", b)])).len();
        assert_eq!(told(note(&[("X", 400), ("Y", 401)], &[]), note(&[("X", 400)], &[])), 0);
        assert_eq!(told(note(&[("X", 400)], &[]), note(&[("X", 404)], &[])), 1);
        assert_eq!(told(note(&[("X", 400)], &["X"]), note(&[("X", 404)], &[])), 0);
    }
}
