//! Rate rules, and the port of the limiter that counts them.

use std::{borrow::Cow, fmt, time::Duration};

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// How many requests of one client a path takes in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The window, in seconds.
    pub window: u64,
    /// Requests in it.
    pub max: u64,
}

impl Limit {
    #[must_use]
    pub const fn new(max: u64, window: Duration) -> Self {
        Self { window: window.as_secs(), max }
    }
}

/// Which paths a rule is for, below the base path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRule {
    Exact(Cow<'static, str>),
    Prefix(Cow<'static, str>),
}

impl PathRule {
    #[must_use]
    pub fn fits(&self, path: &str) -> bool {
        match self {
            Self::Exact(exact) => path == exact,
            Self::Prefix(prefix) => path.starts_with(prefix.as_ref()),
        }
    }
}

/// As the configuration writes it.
impl fmt::Display for PathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(exact) => f.write_str(exact),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}

/// A plugin's rule for its own paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRule {
    pub path: PathRule,
    pub limit: Limit,
    /// Rules for paths of many plugins, asked after every plugin's own.
    pub general: bool,
}

impl RateRule {
    #[must_use]
    pub const fn exact(path: &'static str, limit: Limit) -> Self {
        Self { path: PathRule::Exact(Cow::Borrowed(path)), limit, general: false }
    }

    #[must_use]
    pub const fn prefix(path: &'static str, limit: Limit) -> Self {
        Self { path: PathRule::Prefix(Cow::Borrowed(path)), limit, general: false }
    }

    /// A rule that gives way to those of the plugins whose paths it covers.
    #[must_use]
    pub const fn general(mut self) -> Self {
        self.general = true;
        self
    }
}

/// What the limiter says to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allowed,
    /// Refused; trying again makes sense after this many seconds.
    Refused {
        retry_after: u64,
    },
}

/// Counts. A refused request does not lengthen the window.
#[async_trait]
pub trait Limiter: Send + Sync + 'static {
    async fn hit(&self, key: &str, limit: Limit, now_millis: i64) -> Result<Verdict, Failure>;
}
