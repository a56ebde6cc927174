//! Which endpoints the tests of a crate call, for `cargo xtask plugin check`.
//!
//! With `TESSERA_TEST_SEEN` set to a folder, each endpoint that an actor calls is a line of
//! `<package>.seen` there: its method and its id. A line is written at once and whole, so that many
//! processes can write to one file; each writes a line once.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions, create_dir_all},
    io::Write,
    path::PathBuf,
    sync::{LazyLock, Mutex, PoisonError},
};

use auth_core::http::Method;
use auth_host::Host;

struct Seen {
    file: File,
    /// What this process has written.
    lines: BTreeSet<String>,
}

static SEEN: LazyLock<Option<Mutex<Seen>>> = LazyLock::new(|| {
    let path = file("seen")?;
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.unwrap_or_else(|error| panic!("TESSERA_TEST_SEEN: {}: {error}", path.display()));
    Some(Mutex::new(Seen { file, lines: BTreeSet::new() }))
});

/// The package whose tests run. Cargo says it to what it runs.
pub(crate) fn package() -> String {
    std::env::var("CARGO_PKG_NAME").unwrap_or_else(|_| "unknown".to_owned())
}

/// This package's file with an ending in the folder of `TESSERA_TEST_SEEN`, where that is set.
pub(crate) fn file(ending: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("TESSERA_TEST_SEEN").filter(|folder| !folder.is_empty())?);
    create_dir_all(&folder)
        .unwrap_or_else(|error| panic!("TESSERA_TEST_SEEN: {}: {error}", folder.display()));
    Some(folder.join(format!("{}.{ending}", package())))
}

/// Notes what a path below the base path leads to.
pub(crate) fn note(host: &Host, method: &Method, path: &str) {
    let Some(seen) = &*SEEN else { return };
    let Some(endpoint) = host.endpoint(method, path) else { return };
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let line = format!("{method} {endpoint}\n");
    if !seen.lines.contains(&line) {
        seen.file.write_all(line.as_bytes()).expect("a line about an endpoint");
        seen.lines.insert(line);
    }
}

/// As [`note`], of an address of the whole server.
pub(crate) fn note_at(host: &Host, method: &Method, address: &str) {
    let base = &host.core().settings().base_path;
    let below = address.strip_prefix(base.as_str()).or_else(|| address.strip_prefix("/api/v1"));
    if let Some(path) = below.or_else(|| host.at_root(address)) {
        note(host, method, path);
    }
}
