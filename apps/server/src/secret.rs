//! The secret that the server makes and keeps for itself.
//!
//! The file holds one secret a line, the one in use first. A line `2:…` has a version, which goes
//! with what it sealed; a line without one is from before the first rotation.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use auth_core::{crypto::OsRng, ports::Rng};
use auth_host::{SecretVersion, Sources};
use base64::{Engine, engine::general_purpose::STANDARD};

/// Secrets that are kept after rotations, the one in use included.
const KEPT: usize = 4;

pub(crate) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("secret")
}

/// Whether the configuration brings a secret, so that the file does not count.
pub(crate) fn is_configured(sources: &Sources) -> bool {
    sources.has("secret") || sources.has("secrets")
}

/// The sources with the file's secrets, where the configuration has none. The file is made on the
/// first start.
pub(crate) fn provide(sources: Sources, data_dir: &Path) -> Result<Sources> {
    if is_configured(&sources) {
        return Ok(sources);
    }
    let path = path(data_dir);
    let kept = match Kept::read(&path)? {
        Some(kept) => kept,
        None => Kept::create(&path)?,
    };
    Ok(kept.apply(sources))
}

/// What the file holds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    versions: Vec<(u32, String)>,
    unversioned: Option<String>,
}

impl Kept {
    /// `None` where there is no file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Self::parse(&text).with_context(|| format!("{} is no file of secrets", path.display())).map(Some)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut kept = Self { versions: Vec::new(), unversioned: None };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let versioned =
                line.split_once(':').and_then(|(v, secret)| Some((v.parse().ok()?, secret.to_owned())));
            if let Some(version) = versioned {
                kept.versions.push(version);
                continue;
            }
            ensure!(kept.unversioned.is_none(), "it has two lines without a version");
            kept.unversioned = Some(line.to_owned());
        }
        ensure!(!kept.versions.is_empty() || kept.unversioned.is_some(), "it is empty");
        Ok(kept)
    }

    /// Makes the file. Where another process was faster, its file counts.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let kept = Self { versions: Vec::new(), unversioned: Some(random()) };
        if let Some(folder) = path.parent() {
            make_private_folder(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        // Written beside and linked in place: nobody ever reads a half of it, and of two that start
        // at once one wins.
        let beside = beside(path);
        write_private(&beside, &kept.to_text())
            .with_context(|| format!("cannot write {}", beside.display()))?;
        let linked = fs::hard_link(&beside, path);
        drop(fs::remove_file(&beside));
        match linked {
            Ok(()) => Ok(kept),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::read(path)?.with_context(|| format!("{} has gone", path.display()))
            }
            Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
        }
    }

    /// Puts a new secret in front and writes the file. Says which versions stayed and went.
    pub(crate) fn rotate(mut self, path: &Path) -> Result<Rotated> {
        let version = self.versions.iter().map(|(version, _)| *version).max().unwrap_or(0) + 1;
        self.versions.insert(0, (version, random()));
        let mut dropped = Vec::new();
        while self.versions.len() > KEPT || (self.versions.len() == KEPT && self.unversioned.is_some()) {
            match self.unversioned.take() {
                Some(_) => dropped.push("the first".to_owned()),
                None => dropped.extend(self.versions.pop().map(|(old, _)| format!("version {old}"))),
            }
        }
        let beside = beside(path);
        write_private(&beside, &self.to_text())
            .with_context(|| format!("cannot write {}", beside.display()))?;
        fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))?;
        let older = self.versions.len() - 1 + usize::from(self.unversioned.is_some());
        Ok(Rotated { version, older, dropped })
    }

    fn apply(self, sources: Sources) -> Sources {
        let sources = match self.unversioned {
            Some(secret) => sources.set("secret", secret),
            None => sources,
        };
        if self.versions.is_empty() {
            return sources;
        }
        let versions = self.versions.into_iter().map(|(version, value)| SecretVersion { version, value });
        sources.set("secrets", versions.collect::<Vec<_>>())
    }

    fn to_text(&self) -> String {
        let versions = self.versions.iter().map(|(version, secret)| format!("{version}:{secret}\n"));
        versions.chain(self.unversioned.iter().map(|secret| format!("{secret}\n"))).collect()
    }
}

pub(crate) struct Rotated {
    pub(crate) version: u32,
    /// Secrets that still open what they sealed.
    pub(crate) older: usize,
    pub(crate) dropped: Vec<String>,
}

/// 32 random bytes.
fn random() -> String {
    let mut bytes = [0; 32];
    OsRng.fill(&mut bytes);
    STANDARD.encode(bytes)
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.new", std::process::id()))
}

/// A folder that only the server's user can look into, unless it is there already.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
