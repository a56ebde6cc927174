//! `cargo xtask codegen`: the pages that the program itself knows best.
//!
//! The server prints its configuration's schema, its OpenAPI document and its plugins; the pages
//! are made of nothing else. To add a page: one function in `markdown`, one line in [`pages`].

mod config;
mod markdown;

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell::{Scratch, output, read, root, tessera, without_settings, write};

const FOLDER: &str = "docs/reference";

pub(crate) fn run(check: bool) -> Result<()> {
    let binary = tessera("dev")?;
    let scratch = Scratch::new("codegen")?;
    let ask = |arguments: &[&str]| -> Result<Value> {
        let mut command = Command::new(&binary);
        let text = output(without_settings(&mut command).current_dir(&scratch.0).args(arguments))?;
        serde_json::from_str(&text)
            .with_context(|| format!("`tessera {}` prints no JSON", arguments.join(" ")))
    };
    let schema = ask(&["config", "schema"])?;
    let openapi = ask(&["openapi"])?;
    let plugins = ask(&["plugins", "list", "--json"])?;
    let mut stale = Vec::new();
    for (name, text) in pages(&schema, &openapi, &plugins)? {
        let path = root().join(FOLDER).join(name);
        if read(&path).is_ok_and(|old| old == text) {
            continue;
        }
        stale.push(format!("{FOLDER}/{name}"));
        if !check {
            write(&path, &text)?;
            println!("wrote {FOLDER}/{name}");
        }
    }
    if check && !stale.is_empty() {
        bail!("not what the program says: {}; run `cargo xtask codegen`", stale.join(", "));
    }
    if stale.is_empty() {
        println!("{FOLDER} is what the program says");
    }
    Ok(())
}

fn pages(schema: &Value, openapi: &Value, plugins: &Value) -> Result<Vec<(&'static str, String)>> {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).map(|text| text + "\n");
    Ok(vec![
        ("config.schema.json", pretty(schema)?),
        ("openapi.json", pretty(openapi)?),
        ("config.md", config::page(schema)),
        ("endpoints.md", markdown::endpoints(openapi)),
        ("errors.md", markdown::errors(openapi)),
        ("plugins.md", markdown::plugins(plugins)),
    ])
}
