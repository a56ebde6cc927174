//! `cargo xtask third-party`: whoever makes a plugin elsewhere can build, test, extend and serve it.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{
    scaffold::{endpoint, make_external_here, schema},
    server::{ask, start_program, wait},
    shell::{Scratch, cargo, free_port, output, read, root, run as execute, target, without_settings, write},
};

const ADA: &str = r#"{"name":"Ada","email":"ada@example.com","password":"Correct-Horse-42"}"#;
const JSON: &str = "content-type: application/json\r\n";

pub(crate) fn run() -> Result<()> {
    let scratch = Scratch::new("third-party")?;
    let folder = scratch.0.join("guest-book");
    make_external_here("guest-book", &folder)?;
    share_builds(&folder)?;
    sound(&folder)?;
    serves(&folder)?;
    extend(&folder)?;
    execute(in_folder(&folder, &["test", "--quiet", "openapi"])?.env("UPDATE_GOLDEN", "1"))?;
    sound(&folder)?;
    println!("a plugin outside of the workspace is built, tested, served and extended");
    Ok(())
}

/// Cargo in its folder, with the builds of the workspace.
fn in_folder(folder: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = cargo(arguments);
    command.current_dir(folder).env("CARGO_TARGET_DIR", target()?);
    Ok(command)
}

/// What its CI does.
fn sound(folder: &Path) -> Result<()> {
    execute(&mut in_folder(folder, &["fmt", "--all", "--check"])?)?;
    execute(&mut in_folder(folder, &["test", "--quiet", "--workspace"])?)?;
    let clippy = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
    execute(&mut in_folder(folder, &clippy)?)
}

/// Its own server answers its endpoint, and says so in its document.
fn serves(folder: &Path) -> Result<()> {
    let says = |words: &[&str]| {
        let mut server = in_folder(folder, &[&["run", "--quiet", "--"], words].concat())?;
        output(without_settings(&mut server))
    };
    let listed = says(&["plugins", "list"])?;
    ensure!(listed.contains("guest-book"), "`plugins list` does not know the plugin:\n{listed}");
    let whole = says(&["openapi"])?;
    let (whole, own): (Value, Value) =
        (serde_json::from_str(&whole)?, serde_json::from_str(&read(&folder.join("openapi.json"))?)?);
    let paths = own.get("paths").and_then(Value::as_object).context("openapi.json has no paths")?;
    ensure!(!paths.is_empty(), "openapi.json has no paths");
    for (path, item) in paths {
        let served = whole.get("paths").and_then(|paths| paths.get(path));
        ensure!(served == Some(item), "the server's document has another {path} than openapi.json");
    }

    let port = free_port()?;
    let program = target()?.join("debug/guest-book-server");
    let _running = start_program(&program, folder, port, &[])?;
    wait(port)?;
    let origin = format!("origin: http://127.0.0.1:{port}\r\n");
    let signed_up = ask(port, "POST /api/auth/sign-up/email", JSON, ADA)?;
    let set = signed_up.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    let cookies: Vec<&str> = set.collect();
    let headers = format!("{JSON}{origin}cookie: {}\r\n", cookies.join("; "));
    let added = ask(port, "POST /api/auth/guest-book/add", &headers, r#"{"text":"hello"}"#)?;
    let listed = ask(port, "GET /api/auth/guest-book/list", &headers, "")?;
    for answer in [added, listed] {
        if !answer.starts_with("HTTP/1.1 200") || !answer.contains(r#""text":"hello""#) {
            bail!("the plugin's endpoint does not answer: {answer}\nafter {signed_up}");
        }
    }
    Ok(())
}

/// Everything that the scaffold can add.
fn extend(folder: &Path) -> Result<()> {
    let plugin = folder.to_str().context("the folder's name is not text")?;
    endpoint::add(plugin, endpoint::Method::Post, "/guest-book/greet")?;
    endpoint::add(plugin, endpoint::Method::Get, "/guest-book/who-am-i")?;
    for what in [
        schema::What::Table { name: "guestBookVisit".to_owned() },
        schema::What::column("user", "nickName", schema::Kind::Text),
        schema::What::column("session", "guestBookSeenAt", schema::Kind::Date),
        schema::What::column("guestBookNote", "mood", schema::Kind::Text),
        schema::What::column("guestBookVisit", "count", schema::Kind::Integer),
    ] {
        schema::add(plugin, &what)?;
    }
    Ok(())
}

/// The workspace's versions and profiles, so that nothing is built twice. An author does without.
pub(crate) fn share_builds(folder: &Path) -> Result<()> {
    write(&folder.join("Cargo.lock"), &read(&root().join("Cargo.lock"))?)?;
    let workspace = read(&root().join("Cargo.toml"))?;
    let profiles = workspace.find("[profile.").map_or("", |start| workspace.get(start..).unwrap_or_default());
    let manifest = folder.join("Cargo.toml");
    let own = read(&manifest)?;
    write(&manifest, &format!("{own}\n{profiles}"))
}
