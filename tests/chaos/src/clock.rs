//! The clocks of the nodes, by libfaketime.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};

pub(crate) const HOUR: i64 = 3600;

/// What every node's clock is ahead by.
pub(crate) struct Clock {
    file: PathBuf,
    library: Option<PathBuf>,
}

/// This machine's time, which those of the nodes are compared with.
#[expect(clippy::disallowed_methods, reason = "there is no other clock than the machine's")]
pub(crate) fn now() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}

impl Clock {
    /// One that can be set, or the machine's.
    pub(crate) fn new(folder: &Path, can_be_set: bool) -> Result<Self> {
        let file = folder.join("clock");
        let library = can_be_set.then(library).transpose()?;
        let clock = Self { file, library };
        clock.set(0)?;
        Ok(clock)
    }

    pub(crate) fn set(&self, seconds: i64) -> Result<()> {
        // Replaced at once: a node must not read half of it.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{seconds:+}"))?;
        Ok(fs::rename(new, &self.file)?)
    }

    pub(crate) fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let Some(library) = &self.library else { return Vec::new() };
        vec![
            ("LD_PRELOAD", library.clone()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.clone()),
            ("FAKETIME_NO_CACHE", "1".into()),
            // Timers go on as they did, as they do when a real clock is set.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".into()),
        ]
    }
}

fn library() -> Result<PathBuf> {
    let folders = fs::read_dir("/usr/lib")?.flatten().map(|entry| entry.path());
    let mut places = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    places
        .find(|place| place.exists())
        .context("there is no libfaketime; install Debian's package `faketime`")
}
