//! `cargo xtask codegen`: the pages that the program itself knows best.
//!
//! The server prints its configuration's schema, its OpenAPI document and its plugins; the pages
//! are made of nothing else, but for those that print what tests hold it to. To add a page: one function in
//! `markdown`, one line in [`pages`].

mod architecture;
mod cases;
mod config;
mod markdown;
mod permissions;

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::{
    book, client, compat, lint,
    program::Program,
    shell::{read, root, write},
};

const FOLDER: &str = "docs/reference";
const CASES: &str = "docs/security/cases.md";

pub(crate) fn run(check: bool) -> Result<()> {
    let program = Program::build("codegen")?;
    let ask = |arguments: &[&str]| program.ask(arguments);
    let schema = ask(&["config", "schema"])?;
    let preset =
        |name: &str| ask(&["config", "dump", "--format", "json", "--set", &format!("preset={name}")]);
    let defaults = config::Defaults { ours: preset("tessera")?, upstream: preset("better-auth")? };
    let plugins = ask(&["plugins", "list", "--json"])?;
    // What there is to enable is documented too.
    let openapi = program.ask_with_all(&["openapi"])?;
    let figures = program.ask_with_all(&["plugins", "list", "--json"])?;
    let mut stale = Vec::new();
    for (name, text) in pages(&schema, &defaults, &openapi, &plugins, &figures)? {
        let path = root().join(&name);
        if read(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if !check {
            write(&path, &text)?;
            println!("wrote {name}");
        }
        stale.push(name);
    }
    if check && !stale.is_empty() {
        bail!("not what the program says: {}; run `cargo xtask codegen`", stale.join(", "));
    }
    if stale.is_empty() {
        println!("{FOLDER} is what the program says");
    }
    Ok(())
}

fn pages(
    schema: &Value,
    defaults: &config::Defaults,
    openapi: &Value,
    plugins: &Value,
    figures: &Value,
) -> Result<Vec<(String, String)>> {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).map(|text| text + "\n");
    let reference = [
        ("config.schema.json", pretty(schema)?),
        ("openapi.json", pretty(openapi)?),
        ("config.md", config::page(schema, defaults)),
        ("endpoints.md", markdown::endpoints(openapi)),
        ("errors.md", markdown::errors(openapi)),
        ("plugins.md", markdown::plugins(plugins)),
        ("metrics.md", markdown::metrics(figures)),
        ("permissions.md", permissions::page(&read(&root().join(permissions::DATA))?)?),
    ];
    let mut pages: Vec<_> =
        reference.into_iter().map(|(name, text)| (format!("{FOLDER}/{name}"), text)).collect();
    pages.push((CASES.to_owned(), security_cases()?));
    pages.push(compat::page()?);
    pages.extend(from_files()?);
    pages.push((client::OURS.to_owned(), client::ours(openapi)?));
    Ok(pages)
}

/// Pages that are written from other files of the project, without building it.
pub(crate) fn from_files() -> Result<[(String, String); 2]> {
    Ok([
        (book::SUMMARY.to_owned(), book::summary(&read(&root().join(book::PAGES))?)),
        (architecture::PAGE.to_owned(), architecture::page()?),
    ])
}

/// The table of cases with the tests that name them.
fn security_cases() -> Result<String> {
    let mut tests = BTreeMap::new();
    for file in lint::files(&root())?.iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        if ["crates", "plugins", "apps"].iter().any(|folder| file.starts_with(folder)) {
            cases::find(file, &read(&root().join(file))?, &mut tests);
        }
    }
    let page = read(&root().join(CASES))?;
    let known = cases::numbers(&page);
    let lost: Vec<_> = tests.iter().filter(|(number, _)| !known.contains(number)).collect();
    if !lost.is_empty() {
        bail!("{CASES} has no row for cases that tests name: {lost:?}");
    }
    println!("security cases: {} of {} have a test that names them", tests.len(), known.len());
    Ok(cases::page(&page, &tests))
}
