//! `cargo xtask features`: every set of features is built, started and asked, and what is not compiled in is
//! really absent. Writes `docs/reference/features.md`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    lint::plugin_ids,
    server::{ask, start_program, wait},
    shell::{Scratch, cargo, free_port, output, read, root, run as execute, target, without_settings, write},
};

const PAGE: &str = "docs/reference/features.md";
const SETS: [&str; 4] = ["minimal", "standard", "enterprise", "full"];
/// In every build: without a database there is nothing to start, and CI has no OpenSSL to link.
const ALWAYS: &str = "sqlite,vendored-openssl";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Also builds each set as it is released, and writes how large it is.
    #[arg(long)]
    measure: bool,
}

/// What was found out about a set.
struct Row {
    name: String,
    plugins: Vec<String>,
    routes: usize,
    tables: usize,
    crates: usize,
}

/// One that is built.
struct Build {
    name: String,
    features: String,
}

impl Build {
    fn all(plugins: &[String]) -> Vec<Self> {
        let named = |name: &str, features: String| Self { name: name.to_owned(), features };
        let mut builds = vec![named("none", ALWAYS.to_owned())];
        for id in plugins {
            // Nobody is signed in without the plugin that keeps sessions; all others require it.
            let with = if id == "session" { String::new() } else { ",session".to_owned() };
            builds.push(named(id, format!("{id}{with},{ALWAYS}")));
        }
        builds.extend(SETS.map(|set| named(set, format!("{set},{ALWAYS}"))));
        builds
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let set = ["--package", "tessera", "--no-default-features", "--features", &self.features];
        cargo(&[arguments, &set].concat())
    }

    fn program(&self, profile: &str) -> Result<PathBuf> {
        execute(&mut self.cargo(&["build", "--bin", "tessera", "--profile", profile]))?;
        Ok(target()?.join(if profile == "dev" { "debug" } else { profile }).join("tessera"))
    }

    /// The crates that are linked into it, of ours and of others.
    fn crates(&self) -> Result<BTreeSet<String>> {
        let tree = output(&mut self.cargo(&["tree", "--edges", "normal", "--prefix", "none"]))?;
        Ok(tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
    }
}

/// For CI: the page without its sizes is what it says.
pub(crate) fn check() -> Result<()> {
    let page = render(&rows()?, &sizes(&read(&root().join(PAGE))?));
    // A machine of CI has no room for a program of every set.
    execute(&mut cargo(&["clean", "--quiet", "--package", "tessera"]))?;
    ensure!(
        read(&root().join(PAGE))? == page,
        "{PAGE} is not what the builds say; run `cargo xtask features`"
    );
    Ok(())
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let rows = rows()?;
    let mut known = read(&root().join(PAGE)).map(|page| sizes(&page)).unwrap_or_default();
    if args.measure {
        for build in Build::all(&plugin_ids()?) {
            let size = fs::metadata(build.program("dist")?)?.len();
            println!("{}: {size} bytes", build.name);
            known.insert(build.name, megabytes(size));
            // An hour of builds: what is known by now is kept.
            write(&root().join(PAGE), &render(&rows, &known))?;
        }
    }
    write(&root().join(PAGE), &render(&rows, &known))?;
    println!("wrote {PAGE}");
    Ok(())
}

fn rows() -> Result<Vec<Row>> {
    let plugins = plugin_ids()?;
    Build::all(&plugins).iter().map(|build| look_at(build, &plugins)).collect()
}

/// Builds, starts and asks.
fn look_at(build: &Build, plugins: &[String]) -> Result<Row> {
    let program = build.program("dev")?;
    let scratch = Scratch::new("features")?;
    let says = |words: &[&str]| -> Result<String> {
        let mut command = Command::new(&program);
        output(without_settings(&mut command).current_dir(&scratch.0).args(words))
    };
    let manifests: Value = serde_json::from_str(&says(&["plugins", "manifests"])?)?;
    let there = manifests.get("plugins").and_then(Value::as_array).context("no list of plugins")?;
    let there: Vec<String> =
        there.iter().filter_map(|plugin| Some(plugin.get("id")?.as_str()?.to_owned())).collect();
    let enabled: Vec<String> = there.iter().map(|id| format!("plugins.{id}.enabled=true")).collect();
    let sets: Vec<&str> = enabled.iter().flat_map(|set| ["--set", set.as_str()]).collect();

    let crates = build.crates()?;
    for id in plugins.iter().filter(|id| !there.contains(id)) {
        ensure!(
            !crates.contains(&format!("auth-plugin-{id}")),
            "{}: {id} is linked all the same",
            build.name
        );
    }
    let wanted = build.features.split(',').filter(|feature| plugins.iter().any(|id| id == feature));
    for id in wanted {
        ensure!(there.iter().any(|known| known == id), "{}: {id} is not there", build.name);
    }
    let openapi: Value = serde_json::from_str(&says(&[&["openapi"], &sets[..]].concat())?)?;
    let paths = openapi.get("paths").and_then(Value::as_object).context("the document has no paths")?;
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    let mut routes = Vec::new();
    for (path, method, operation) in operations {
        let tags = operation.get("tags").and_then(Value::as_array).into_iter().flatten();
        for id in tags.filter_map(Value::as_str).filter(|tag| plugins.iter().any(|id| id == tag)) {
            ensure!(there.iter().any(|known| known == id), "{}: {path} is of {id}", build.name);
        }
        routes.push((method.to_uppercase(), path.clone()));
    }
    let plan = says(&[&["migrate", "plan"], &sets[..]].concat())?;
    let made = plan.lines().filter_map(|line| line.strip_prefix("create table "));
    // Each owner has a table that says what was done to the others.
    let tables = made.filter(|name| !name.starts_with("\"tessera_migrations")).count();
    ensure!(tables > 0, "{}: `migrate plan` makes no table", build.name);

    serves(build, &program, &scratch.0, &enabled, &routes, &there)?;
    println!(
        "{}: {} plugins, {} routes, {tables} tables, starts and answers",
        build.name,
        there.len(),
        routes.len()
    );
    Ok(Row { name: build.name.clone(), plugins: there, routes: routes.len(), tables, crates: crates.len() })
}

/// Starts it and asks every address of its document: none is missing, none fails.
fn serves(
    build: &Build,
    program: &Path,
    folder: &Path,
    enabled: &[String],
    routes: &[(String, String)],
    there: &[String],
) -> Result<()> {
    let port = free_port()?;
    let settings: Vec<&str> =
        enabled.iter().map(String::as_str).chain(["rate_limit.enabled=false"]).collect();
    let _running = start_program(program, folder, port, &settings)?;
    wait(port)?;
    let answer = |method: &str, path: &str| -> Result<(u16, String)> {
        let answer = ask(port, &format!("{method} /api/auth{path}"), "", "")?;
        let status = answer.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        let status = status.with_context(|| format!("{method} {path} was answered with {answer:?}"))?;
        Ok((status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
    };
    ensure!(answer("GET", "/ok")?.0 == 200, "{}: the server is not well", build.name);
    let expected = if there.iter().any(|id| id == "session") { 200 } else { 404 };
    ensure!(answer("GET", "/get-session")?.0 == expected, "{}: get-session is not {expected}", build.name);
    let nothing = answer("GET", "/there-is-nothing-here")?;
    ensure!(
        nothing.0 == 404,
        "{}: an address without an endpoint is answered with {}",
        build.name,
        nothing.0
    );
    for (method, path) in routes.iter().filter(|(_, path)| !path.contains('{')) {
        let answer = answer(method, path)?;
        ensure!(answer.0 < 500, "{}: {method} {path} is answered with {}", build.name, answer.0);
        ensure!(answer != nothing, "{}: {method} {path} is in the document and not served", build.name);
    }
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// The sizes that a page has, by the names of its rows.
fn sizes(page: &str) -> BTreeMap<String, String> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let row = |line: &str| match &cells(line)[..] {
        [_, name, _, _, _, _, size, _] if size.ends_with(" MB") => {
            Some((name.trim_matches('`').to_owned(), size.clone()))
        }
        _ => None,
    };
    page.lines().filter_map(row).collect()
}

fn render(rows: &[Row], sizes: &BTreeMap<String, String>) -> String {
    let mut page = "# Features

Written by `cargo xtask features`: each set was built, started with every plugin in it enabled, and asked at each address of its
OpenAPI document. What a set does not name is not in the program. CI does this for every change.

```console
$ cargo build --release -p tessera --no-default-features --features minimal,mimalloc
```

| Features | Plugins | Routes | Tables | Crates | Size |
|---|---|---|---|---|---|
"
    .to_owned();
    for row in rows {
        let plugins = match &row.plugins[..] {
            [] => "none".to_owned(),
            some if some.len() > 6 => format!("{} of them", some.len()),
            some => some.join(", "),
        };
        let size = sizes.get(&row.name).map_or("", String::as_str);
        let Row { name, routes, tables, crates, .. } = row;
        page += &format!("| `{name}` | {plugins} | {routes} | {tables} | {crates} | {size} |\n");
    }
    page + "
Routes are methods of paths in the OpenAPI document; tables are those that `tessera migrate plan` makes in an empty database; crates are
all that are linked, the standard library aside. Sizes are of the stripped binary of the profile `dist`, by `cargo xtask features --measure`
on x86-64 Linux; they are as old as their last measurement.

Each row of a plugin has `session` with it, which all require, and each row has `sqlite` and `vendored-openssl`. `standard` is the
default: all plugins, with SQLite and PostgreSQL. `enterprise` adds traces for an OpenTelemetry collector (`otlp`), `full` adds MySQL.
`mimalloc` is the allocator that releases have.
"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_its_sizes() {
        let row = Row { name: "none".to_owned(), plugins: Vec::new(), routes: 2, tables: 4, crates: 300 };
        let known = BTreeMap::from([("none".to_owned(), megabytes(12_345_678))]);
        let page = render(&[row], &known);
        assert!(page.contains("| `none` | none | 2 | 4 | 300 | 12.3 MB |"), "{page}");
        assert_eq!(sizes(&page), known);
        assert!(sizes("| a | b |").is_empty(), "other tables have no sizes");
    }
}
