//! Which requests a limit is for, and whose requests are counted together.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fail, Limit};

/// Which paths a rule is for, below the base path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRule {
    /// This path alone.
    Exact(Cow<'static, str>),
    /// All paths that begin so.
    Prefix(Cow<'static, str>),
}

impl PathRule {
    /// As the configuration writes it: a prefix ends with `*`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(prefix) => Self::Prefix(prefix.to_owned().into()),
            None => Self::Exact(text.to_owned().into()),
        }
    }

    /// Whether it is for this path, below the base path.
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

/// What requests have to have in common to be counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPart {
    /// The client's address; of IPv6 the network.
    Ip,
    /// The path. Without it all paths of the rule share a counter.
    Path,
    /// Says that they do.
    PathClass,
    /// Whom the body names: `email`, `username`, `phoneNumber` or `newEmail`.
    Account,
    /// The session cookie or bearer token that was sent, whether or not it is good for anything.
    Session,
    /// The API key that was sent, whether or not it is good for anything.
    ApiKey,
}

/// A plugin's rule for its own paths.
///
/// ```
/// use std::time::Duration;
///
/// use auth_core::{
///     Registrar,
///     rate::{KeyPart, Limit, RateRule},
/// };
///
/// let mut host = Registrar::default();
/// // Five a minute from one address.
/// host.rate(RateRule::exact("/notes/add", Limit::new(5, Duration::from_secs(60))));
/// // And, beside it, fifty a day for one session, which the configuration knows as `notes-daily`.
/// let daily = Limit::sliding(50, Duration::from_secs(24 * 3600));
/// host.rate(RateRule::exact("/notes/add", daily).beside("notes-daily", &[KeyPart::Session]));
/// # assert_eq!(host.rates.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRule {
    /// Which requests it is for.
    pub path: PathRule,
    /// How many of them pass.
    pub limit: Limit,
    /// Rules for paths of many plugins, asked after every plugin's own.
    pub general: bool,
    /// What the configuration and figures call it. Rules with one name count together. Without one it
    /// is called by its paths.
    pub name: Option<Cow<'static, str>>,
    /// What requests have in common that count together; the address and the path, unless it says otherwise.
    pub key: Cow<'static, [KeyPart]>,
    /// Counts beside the rule that a path has anyway, and beside others like it.
    pub beside: bool,
    /// What happens while the store of the counters does not answer.
    pub fail: Fail,
}

impl RateRule {
    const fn of(path: PathRule, limit: Limit) -> Self {
        Self {
            path,
            limit,
            general: false,
            name: None,
            key: Cow::Borrowed(&[KeyPart::Ip, KeyPart::Path]),
            beside: false,
            fail: Fail::Memory,
        }
    }

    /// A rule for one path, such as `/sign-in/email`. Each address has a counter.
    #[must_use]
    pub const fn exact(path: &'static str, limit: Limit) -> Self {
        Self::of(PathRule::Exact(Cow::Borrowed(path)), limit)
    }

    /// A rule for all paths that begin so. Each address has a counter for each path.
    #[must_use]
    pub const fn prefix(path: &'static str, limit: Limit) -> Self {
        Self::of(PathRule::Prefix(Cow::Borrowed(path)), limit)
    }

    /// A rule that gives way to those of the plugins whose paths it covers.
    #[must_use]
    pub const fn general(mut self) -> Self {
        self.general = true;
        self
    }

    /// A rule that counts beside the one that the path has anyway, under a name that the configuration
    /// can change it by.
    #[must_use]
    pub fn beside(mut self, name: &'static str, key: &'static [KeyPart]) -> Self {
        self.beside = true;
        self.name = Some(Cow::Borrowed(name));
        self.key = Cow::Borrowed(key);
        self
    }

    /// What it is called.
    #[must_use]
    pub fn label(&self) -> Cow<'_, str> {
        match &self.name {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(self.path.to_string()),
        }
    }

    /// Whether requests that differ in this are counted apart.
    #[must_use]
    pub fn counts(&self, part: KeyPart) -> bool {
        self.key.contains(&part)
    }
}
