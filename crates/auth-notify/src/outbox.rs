//! The file transport: one JSON object a line.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use auth_core::ports::Message;
use serde_json::{Map, Value};

/// Opens for appending; only the owner may read it, because letters carry secrets.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Appends `{type, to, …data}` by one write, so that lines of several processes do not mix. The
/// file is opened anew, so that it may be moved away at any time.
pub(crate) fn append(path: &Path, message: &Message) -> io::Result<()> {
    let mut entry = Map::new();
    entry.insert("type".to_owned(), message.kind.into());
    entry.insert("to".to_owned(), message.to.as_str().into());
    for (key, value) in &message.data {
        entry.entry(key.as_str()).or_insert_with(|| value.clone());
    }
    let mut line = serde_json::to_vec(&Value::Object(entry))?;
    line.push(b'\n');
    open(path)?.write_all(&line)
}
