//! Where the database is and how it is used.

use std::{fmt, path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The `[database]` section.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:path/to/file.db`, `sqlite::memory:`, `postgres://user@host/name` or `mysql://user@host/name`.
    /// A bare path that ends in `.sqlite` or `.db` is a SQLite file.
    pub url: String,
    /// Connections at most. SQLite: readers; there is always one writer.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is answered with 503, in milliseconds.
    pub acquire_timeout_ms: u64,
    /// SQLite: how long a statement waits for a lock of another process, in milliseconds.
    pub busy_timeout_ms: u64,
    /// PostgreSQL, MySQL: how long one statement may run, in milliseconds. 0 means without end.
    /// MySQL holds only reads to it, MariaDB everything. Migrations are exempt.
    pub statement_timeout_ms: u64,
    /// SQLite: when a commit counts as written.
    pub synchronous: Synchronous,
    /// How long `migrate up` waits for another process that migrates, in milliseconds.
    pub migration_timeout_ms: u64,
    /// The server makes missing tables and columns when it starts. Without it, it refuses to start
    /// before `migrate up` was run.
    pub auto_migrate: bool,
}

/// SQLite's durability of a commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// Survives a killed process; a power cut may take the last commits.
    Normal,
    /// Survives a power cut as well.
    #[default]
    Full,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: "sqlite:tessera.db".to_owned(),
            max_connections: 10,
            acquire_timeout_ms: 5_000,
            busy_timeout_ms: 5_000,
            statement_timeout_ms: 30_000,
            synchronous: Synchronous::Full,
            migration_timeout_ms: 60_000,
            auto_migrate: true,
        }
    }
}

impl DatabaseConfig {
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// What is wrong with the values: `(key below the section, what to do about it)`.
    #[must_use]
    pub fn validate(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        if let Err(error) = Target::parse(&self.url) {
            problems.push(("url".to_owned(), error.to_string()));
        }
        if self.max_connections == 0 {
            problems.push(("max_connections".to_owned(), "must be 1 or more".to_owned()));
        }
        if self.acquire_timeout_ms == 0 {
            problems.push(("acquire_timeout_ms".to_owned(), "must be 1 or more".to_owned()));
        }
        problems
    }

    /// The SQLite file that opening would make, because it is not there yet.
    #[must_use]
    pub fn absent_file(&self) -> Option<PathBuf> {
        let Ok(Target::File(path)) = Target::parse(&self.url) else { return None };
        Some(PathBuf::from(path)).filter(|path| !path.exists())
    }

    pub(crate) fn acquire_timeout(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("url", &redact_url(&self.url))
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout_ms", &self.acquire_timeout_ms)
            .field("busy_timeout_ms", &self.busy_timeout_ms)
            .field("statement_timeout_ms", &self.statement_timeout_ms)
            .field("synchronous", &self.synchronous)
            .field("migration_timeout_ms", &self.migration_timeout_ms)
            .field("auto_migrate", &self.auto_migrate)
            .finish()
    }
}

/// Which driver a URL means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Memory,
    File(String),
    Postgres,
    MySql,
}

const KNOWN: &str = "sqlite:<path>, sqlite::memory:, postgres://…, mysql://…";

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        let Some((scheme, rest)) = url.split_once(':') else { return Self::bare(url) };
        match scheme {
            "sqlite" => Self::sqlite(rest.strip_prefix("//").unwrap_or(rest)),
            "postgres" | "postgresql" => Ok(Self::Postgres),
            "mysql" => Ok(Self::MySql),
            "" if url == ":memory:" => Ok(Self::Memory),
            _ if !rest.starts_with("//") => Self::bare(url),
            other => Err(StoreError::Config(format!(
                "`{other}` is not a database this server knows; it knows {KNOWN}"
            ))),
        }
    }

    fn bare(path: &str) -> Result<Self, StoreError> {
        let extension = std::path::Path::new(path).extension().and_then(|e| e.to_str());
        if matches!(extension, Some("db" | "sqlite" | "sqlite3")) {
            return Self::sqlite(path);
        }
        Err(StoreError::Config(format!("`{}` is not a database URL; one of {KNOWN}", redact_url(path))))
    }

    fn sqlite(rest: &str) -> Result<Self, StoreError> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if !matches!(query, "" | "mode=rwc") {
            return Err(StoreError::Config(format!(
                "parameters of a SQLite URL are not supported (`?{query}`); use the keys of this section"
            )));
        }
        match path {
            "" => Err(StoreError::Config("a SQLite URL needs a path: sqlite:path/to/file.db".to_owned())),
            ":memory:" => Ok(Self::Memory),
            path => Ok(Self::File(path.to_owned())),
        }
    }
}

/// A URL that may be printed: passwords become `***`.
#[must_use]
pub fn redact_url(url: &str) -> String {
    let (base, query) = match url.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (url, None),
    };
    let mut shown = match base.split_once("://") {
        // The last `@` ends the credentials even where the password holds an unescaped one.
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((credentials, host)) => match credentials.split_once(':') {
                Some((user, _)) => format!("{scheme}://{user}:***@{host}"),
                None => base.to_owned(),
            },
            None => base.to_owned(),
        },
        None => base.to_owned(),
    };
    if let Some(query) = query {
        // A password with an unescaped `?` ends up here: show nothing of such a query.
        if query.contains('@') {
            let scheme = base.split_once("://").map_or("", |(scheme, _)| scheme);
            return format!("{scheme}://***");
        }
        let pairs: Vec<_> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((key, _)) if key.to_ascii_lowercase().contains("password") => format!("{key}=***"),
                _ => pair.to_owned(),
            })
            .collect();
        shown = format!("{shown}?{}", pairs.join("&"));
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]

    use super::*;

    #[test]
    fn the_scheme_chooses_the_driver() {
        let file = |path: &str| Target::File(path.to_owned());
        for (url, target) in [
            ("sqlite::memory:", Target::Memory),
            ("sqlite://:memory:", Target::Memory),
            (":memory:", Target::Memory),
            ("sqlite:a/b.db", file("a/b.db")),
            ("sqlite:///var/a.db", file("/var/a.db")),
            ("sqlite:a.db?mode=rwc", file("a.db")),
            ("/var/a.sqlite", file("/var/a.sqlite")),
            ("a.db", file("a.db")),
            ("postgres://x@h/d", Target::Postgres),
            ("postgresql://x@h/d", Target::Postgres),
            ("mysql://x@h/d", Target::MySql),
        ] {
            assert_eq!(Target::parse(url).unwrap(), target, "{url}");
        }
    }

    #[test]
    fn unknown_schemes_name_the_known_ones() {
        for url in ["mongodb://u:secret@h/d", "postgre", "", "sqlite:", "sqlite:a.db?mode=ro"] {
            let error = Target::parse(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        let error = Target::parse("mongodb://h/d").unwrap_err().to_string();
        assert!(error.contains("postgres://") && error.contains("sqlite:"), "{error}");
    }

    #[test]
    fn passwords_are_never_shown() {
        for (url, shown) in [
            ("postgres://u:pw@h:5432/d", "postgres://u:***@h:5432/d"),
            ("postgres://u:p@w@h/d?sslmode=require", "postgres://u:***@h/d?sslmode=require"),
            ("postgres://u@h/d?password=pw", "postgres://u@h/d?password=***"),
            ("postgres://u:p?w@h/d", "postgres://***"),
            ("postgres://h/d", "postgres://h/d"),
            ("sqlite:a.db", "sqlite:a.db"),
        ] {
            assert_eq!(redact_url(url), shown);
        }
        let config = DatabaseConfig::new("postgres://u:hunter2@h/d");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(serde_json::from_str::<DatabaseConfig>(r#"{"url":"a.db","pool":3}"#).is_err());
        let config: DatabaseConfig = serde_json::from_str(r#"{"url":"a.db"}"#).unwrap();
        assert_eq!((config.max_connections, config.synchronous), (10, Synchronous::Full));
        assert_eq!(DatabaseConfig { max_connections: 0, ..config }.validate().len(), 1);
    }
}
