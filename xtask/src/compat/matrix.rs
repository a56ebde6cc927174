//! `docs/compat/matrix.toml`: what each version goes with, and what it broke.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, bail};
use semver::Version;
use serde::Deserialize;

use super::Problem;
use crate::shell::read;

pub(crate) const MATRIX: &str = "docs/compat/matrix.toml";
const BEGIN: &str = "<!-- The matrix, written by `cargo xtask codegen`. -->\n";
const END: &str = "<!-- The end of the matrix. -->\n";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matrix {
    #[serde(default, rename = "release")]
    pub(super) releases: Vec<Release>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Release {
    pub(super) version: Version,
    /// The day; without it this version is being worked on.
    pub(super) released: Option<String>,
    pub(super) host_api: Version,
    /// What happens to a database.
    migrations: String,
    pub(super) upstream: BTreeMap<String, Range>,
    #[serde(default)]
    pub(super) breaking: Vec<Breaking>,
}

/// Half-open, so that no version is in the ranges of two neighbours.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    min: Version,
    below: Version,
}

/// A change that somebody has to do something about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Breaking {
    pub(super) description: String,
    /// What to do.
    pub(super) migration: String,
    /// `GET /path`; a `*` at the end stands for any rest.
    #[serde(default)]
    pub(super) endpoints: Vec<String>,
    /// The plugins that it touches.
    #[serde(default)]
    pub(super) plugins: Vec<String>,
    /// Those of them that were changed, or need no change.
    #[serde(default)]
    pub(super) handled: Vec<String>,
}

impl Range {
    pub(super) fn contains(&self, version: &Version) -> bool {
        self.min <= *version && *version < self.below
    }
}

impl Breaking {
    pub(super) fn touches(&self, endpoint: &str) -> bool {
        self.endpoints.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => endpoint.starts_with(start),
            None => pattern == endpoint,
        })
    }
}

impl Matrix {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        toml::from_str(&read(path)?).with_context(|| path.display().to_string())
    }

    pub(super) fn row(&self, version: &str) -> Option<&Release> {
        self.releases.iter().find(|release| release.version.to_string() == version)
    }

    /// The version, and whether it is still being worked on.
    pub(super) fn name(&self, version: &str) -> String {
        match self.row(version) {
            Some(row) if row.released.is_none() => format!("{version} (unreleased)"),
            _ => version.to_owned(),
        }
    }

    /// The breaking change of a version after `since` that an endpoint's change belongs to.
    pub(super) fn allows(&self, endpoint: &str, since: &str) -> Option<(&Release, &Breaking)> {
        let since = Version::parse(since).ok();
        let newer =
            self.releases.iter().filter(|release| since.as_ref().is_none_or(|s| release.version > *s));
        newer
            .flat_map(|release| release.breaking.iter().map(move |change| (release, change)))
            .find(|(_, change)| change.touches(endpoint))
    }

    /// What is wrong with the matrix itself, for a build of a version.
    pub(super) fn check(&self, version: &str, host_api: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |place: &str, what: String| problems.push(Problem::new("matrix", place, what));
        match self.row(version) {
            None => say(version, format!("{MATRIX} has no row for this version; add one")),
            Some(row) if row.host_api.to_string() != host_api => {
                say(version, format!("its row says host API {}, and the host has {host_api}", row.host_api));
            }
            Some(_) => {}
        }
        for pair in self.releases.windows(2) {
            if let [newer, older] = pair
                && newer.version <= older.version
            {
                say(
                    &newer.version.to_string(),
                    format!("stands above {}; the newest is on top", older.version),
                );
            }
        }
        for release in &self.releases {
            let place = release.version.to_string();
            if release.migrations.trim().is_empty() {
                say(&place, "does not say what happens to a database (`migrations`)".to_owned());
            }
            for (package, range) in release.upstream.iter().filter(|(_, range)| range.min >= range.below) {
                say(
                    &place,
                    format!("no version of {package} is from {} to below {}", range.min, range.below),
                );
            }
            for change in &release.breaking {
                if change.description.trim().is_empty() || change.migration.trim().is_empty() {
                    say(&place, "a breaking change needs a description and a migration".to_owned());
                }
                for id in change.handled.iter().filter(|id| !change.plugins.contains(id)) {
                    say(&place, format!("`{id}` handles a change that is not said to touch it (`plugins`)"));
                }
            }
        }
        problems
    }

    /// The pins are in the ranges of a version, and the ranges are of what is pinned.
    pub(super) fn check_pins(&self, version: &str, pins: &BTreeMap<String, Version>) -> Vec<Problem> {
        let Some(row) = self.row(version) else { return Vec::new() };
        let mut problems = Vec::new();
        for (package, pinned) in pins {
            let what = match row.upstream.get(package) {
                Some(range) if range.contains(pinned) => continue,
                Some(range) => format!(
                    "is pinned to {pinned}, and {version} is for {} to below {}",
                    range.min, range.below
                ),
                None => format!("is pinned to {pinned}, and the row of {version} has no range for it"),
            };
            problems.push(Problem::new("upstream", package, what));
        }
        for package in row.upstream.keys().filter(|package| !pins.contains_key(*package)) {
            let what = format!("the row of {version} has a range for it, and docs/compat/compat.toml no pin");
            problems.push(Problem::new("upstream", package, what));
        }
        problems
    }

    /// The page with the matrix as tables between its marks.
    pub(crate) fn page(&self, page: &str) -> Result<String> {
        let parts = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
        let Some((before, after)) = parts else {
            bail!("docs/compat/README.md has lost the marks of its generated part");
        };
        Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", self.tables()))
    }

    fn tables(&self) -> String {
        let mut text =
            "| Tessera | Released | Host API | Upstream | Migrations |\n|---|---|---|---|---|\n".to_owned();
        for release in &self.releases {
            let ranges = release.upstream.iter();
            let ranges: Vec<_> =
                ranges.map(|(package, r)| format!("`{package}` ≥ {}, < {}", r.min, r.below)).collect();
            text += &format!(
                "| {} | {} | {} | {} | {} |\n",
                release.version,
                release.released.as_deref().unwrap_or("not yet"),
                release.host_api,
                ranges.join("<br>"),
                release.migrations
            );
        }
        text += "\n### What broke\n\n";
        let changes: Vec<_> =
            self.releases.iter().flat_map(|r| r.breaking.iter().map(move |change| (r, change))).collect();
        if changes.is_empty() {
            return text + "Nothing yet.\n";
        }
        text += "| Since | What changed | What to do | Endpoints | Plugins |\n|---|---|---|---|---|\n";
        for (release, change) in changes {
            let code =
                |all: &[String]| all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
            text += &format!(
                "| {} | {} | {} | {} | {} |\n",
                release.version,
                change.description,
                change.migration,
                code(&change.endpoints),
                code(&change.plugins)
            );
        }
        text
    }
}
