//! A small disk of its own, for SQLite.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// A file system in memory, of 32 MB.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// It takes the right to mount one.
    pub(crate) fn mount(at: &Path) -> Result<Self> {
        fs::create_dir_all(at)?;
        let status =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=32m", "tmpfs"]).arg(at).status()?;
        ensure!(status.success(), "a disk of its own cannot be mounted; this takes root");
        Ok(Self(at.to_owned()))
    }

    pub(crate) fn unmount(&mut self) {
        // It goes with the machine otherwise.
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }

    fn database(&self) -> PathBuf {
        self.0.join("tessera.sqlite")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.database().display())
    }

    pub(crate) fn ask(&self, sql: &str) -> Result<String> {
        let program = "import sqlite3, sys\nfor row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(row[0])";
        let output = Command::new("python3").args(["-c", program]).arg(self.database()).arg(sql).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Takes all the room that there is.
    pub(crate) fn fill(&self) -> Result<()> {
        let mut file = File::create(self.0.join("ballast"))?;
        for size in [64 * 1024, 512] {
            let part = vec![0; size];
            loop {
                match file.write_all(&part) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error).context("the disk cannot be filled"),
                }
            }
        }
        Ok(())
    }

    pub(crate) fn is_full(&self) -> bool {
        fs::write(self.0.join("probe"), vec![0; 64 * 1024]).is_err()
    }

    pub(crate) fn make_room(&self) -> Result<()> {
        drop(fs::remove_file(self.0.join("probe")));
        Ok(fs::remove_file(self.0.join("ballast"))?)
    }
}
