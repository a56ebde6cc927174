//! `cargo xtask client`: typed clients from an OpenAPI document.

use std::path::PathBuf;

use anyhow::{Context, Result};
use auth_codegen::Options;
use serde_json::Value;

use crate::shell::{read, write};

/// The client of this workspace's own plugins.
pub(crate) const OURS: &str = "crates/auth-client/src/api.rs";

/// An event stream does not end and a WebSocket goes both ways: no method stands for them.
pub(crate) const SKIPPED: [&str; 2] = ["realtimeEvents", "realtimeSocket"];

#[derive(clap::Args)]
pub(crate) struct Args {
    language: Language,
    /// The document, as `tessera openapi` prints it.
    #[arg(long)]
    openapi: PathBuf,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
    /// Only the endpoints of these plugins.
    #[arg(long)]
    group: Vec<String>,
    /// Operations to leave out, by id.
    #[arg(long)]
    skip: Vec<String>,
    /// Where the written Rust finds the crate `auth-client`.
    #[arg(long, default_value = "auth_client")]
    runtime: String,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Language {
    Rust,
    Typescript,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let document: Value = serde_json::from_str(&read(&args.openapi)?)
        .with_context(|| format!("{} is no JSON", args.openapi.display()))?;
    let options =
        Options { runtime: args.runtime.clone(), groups: args.group.clone(), skip: args.skip.clone() };
    let text = match args.language {
        Language::Rust => auth_codegen::rust(&document, &options)?,
        Language::Typescript => auth_codegen::typescript(&document, &options)?,
    };
    write(&args.out, &text)?;
    println!("wrote {}", args.out.display());
    Ok(())
}

/// The text of [`OURS`].
pub(crate) fn ours(openapi: &Value) -> Result<String> {
    let skip = SKIPPED.map(str::to_owned).to_vec();
    let options = Options { runtime: "crate".to_owned(), skip, ..Options::default() };
    Ok(auth_codegen::rust(openapi, &options)?)
}
