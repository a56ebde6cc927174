//! `[plugins.api-key]`. The comments of the fields are the reference.

use std::collections::BTreeMap;

use auth_core::{PluginConfig, Preset, access::Permissions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The configuration of keys that name no other.
pub(crate) const DEFAULT: &str = "default";

/// API keys.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Whose keys these are: `user`, or `organization`, which needs a plugin that keeps organizations.
    pub references: References,
    /// Headers that a key may come in, the first one first.
    pub headers: Vec<String>,
    /// A key in a header stands for its user. Every endpoint refuses a key that is no good then.
    pub sessions: bool,
    /// Such a key may do what its user may, change passwords too. Otherwise it is good for its permissions
    /// alone, and what changes credentials refuses it.
    pub whole_sessions: bool,
    /// Random letters of a key, behind the prefix.
    pub length: usize,
    /// The prefix of keys that ask for none.
    pub prefix: Option<String>,
    /// Characters of a key that are kept for people to tell keys apart; 0 for none.
    pub start: usize,
    pub prefix_length: Span,
    pub name_length: Span,
    /// A key needs a name.
    pub require_name: bool,
    /// Keys can carry metadata.
    pub metadata: bool,
    /// Bytes of metadata, as JSON.
    pub metadata_limit: usize,
    pub rate_limit: RateLimit,
    pub rotation: Rotation,
    pub usage: Usage,
    /// Anybody who finds a key can report it with `/api-key/report-leak`: it is disabled at once.
    pub leak_reports: bool,
    pub expiration: Expiration,
    /// What keys may do that are made without permissions of their own.
    #[serde(default)]
    pub permissions: Permissions,
    /// Further kinds of keys, by their `configId`: each is a table of values that differ from these.
    #[serde(default)]
    pub configurations: BTreeMap<String, Map<String, Value>>,
}

/// Whose keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum References {
    User,
    Organization,
}

/// How short and how long, in characters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The least.
    pub min: usize,
    /// The most.
    pub max: usize,
}

impl Span {
    /// In UTF-16 units, as every length of this API.
    pub(crate) fn fits(self, text: &str) -> bool {
        (self.min..=self.max).contains(&text.encode_utf16().count())
    }
}

/// Uses of one key in a window. It begins with the first use and ends when the key was not used for as long.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Without it no key is limited, whatever the key says.
    pub enabled: bool,
    /// Milliseconds, for keys that are made without a window of their own.
    pub window: i32,
    /// Uses in it.
    pub max: i32,
    /// Where a key takes many uses in a long window, a node takes them from the database in blocks and counts
    /// in memory. Never more than `max` pass; where several nodes serve one key, an eighth of them may be
    /// refused early. Without it every use is a statement.
    pub blocks: bool,
}

/// Giving a key a new text.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// Seconds that the old text stays good, where the request does not say.
    pub overlap: u32,
    /// Seconds that a request may ask for.
    pub max_overlap: u32,
}

/// How often keys are used, by day and endpoint.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// Counts, in a table of its own, and answers `/api-key/usage`. It is one for all kinds of keys.
    pub enabled: bool,
    /// Days that counts are kept.
    pub days: u32,
}

/// How long keys live.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expiration {
    /// Seconds, for keys that ask for nothing; without it they live for ever.
    pub default: Option<u32>,
    /// Clients may ask for a life of their own.
    pub custom: bool,
    /// The fewest days that they may ask for.
    pub min_days: u32,
    /// The most days that they may ask for.
    pub max_days: u32,
}

/// Ten years.
const LONGEST_DAYS: u32 = 3650;

impl PluginConfig for Config {
    fn preset(preset: Preset) -> Self {
        let ours = preset == Preset::Tessera;
        let rate_limit = if ours {
            RateLimit { enabled: true, window: 3_600_000, max: 1000, blocks: true }
        } else {
            RateLimit { enabled: true, window: 86_400_000, max: 10, blocks: true }
        };
        Self {
            references: References::User,
            headers: vec!["x-api-key".to_owned()],
            sessions: ours,
            whole_sessions: false,
            length: 64,
            prefix: None,
            start: 6,
            prefix_length: Span { min: 1, max: 32 },
            name_length: Span { min: 1, max: 32 },
            require_name: false,
            metadata: ours,
            metadata_limit: 8192,
            rate_limit,
            rotation: Rotation { overlap: 86_400, max_overlap: 30 * 86_400 },
            usage: Usage { enabled: ours, days: 90 },
            leak_reports: ours,
            expiration: Expiration { default: None, custom: true, min_days: 1, max_days: 365 },
            permissions: Permissions::default(),
            configurations: BTreeMap::new(),
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = self.check();
        for (name, table) in &self.configurations {
            let place = format!("configurations.{name}");
            if !is_name(name) {
                let what = "is no name for keys: up to 64 letters, digits, `-` and `_`, and not `default`";
                wrong.push((place, what.to_owned()));
                continue;
            }
            match self.with(table) {
                Ok(config) => {
                    wrong.extend(
                        config.check().into_iter().map(|(key, what)| (format!("{place}.{key}"), what)),
                    );
                }
                Err(error) => wrong.push((place, error.to_string())),
            }
        }
        wrong
    }
}

impl Config {
    /// This configuration where the table says nothing else.
    pub(crate) fn with(&self, table: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut values = serde_json::to_value(Self { configurations: BTreeMap::new(), ..self.clone() })?;
        if let Value::Object(base) = &mut values {
            lay_over(base, table);
        }
        serde_json::from_value(values)
    }

    fn check(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        let mut say = |key: &str, what: &str| wrong.push((key.to_owned(), what.to_owned()));
        if self.headers.is_empty() || self.headers.iter().any(|name| !is_header(name)) {
            say("headers", "has to be a list of headers, such as `x-api-key`");
        }
        if !(32..=256).contains(&self.length) {
            say("length", "has to be between 32 and 256 letters: fewer can be guessed");
        }
        if self.start > 16 {
            say("start", "has to be at most 16: who sees a list must not see the key");
        }
        if let Some(prefix) = &self.prefix
            && (!is_prefix(prefix) || !self.prefix_length.fits(prefix))
        {
            say("prefix", "has to be as short as `prefix_length` says, of letters, digits, `-` and `_`");
        }
        for (key, span) in [("prefix_length", self.prefix_length), ("name_length", self.name_length)] {
            if span.min > span.max || span.max > 255 {
                say(key, "needs `min` up to `max`, and `max` up to 255");
            }
        }
        if self.metadata_limit > 65_536 {
            say("metadata_limit", "has to be at most 65536 bytes");
        }
        if self.rate_limit.window < 1 || self.rate_limit.max < 1 {
            say("rate_limit", "needs a `window` of at least a millisecond and a `max` of at least 1");
        }
        if self.rotation.overlap > self.rotation.max_overlap
            || self.rotation.max_overlap > LONGEST_DAYS * 86_400
        {
            say("rotation", "needs `overlap` up to `max_overlap`, and that up to ten years");
        }
        if self.usage.days < 1 || self.usage.days > LONGEST_DAYS {
            say("usage.days", "has to be between 1 and 3650");
        }
        let life = &self.expiration;
        if life.min_days > life.max_days || life.max_days > LONGEST_DAYS {
            say("expiration", "needs `min_days` up to `max_days`, and `max_days` up to 3650 (ten years)");
        }
        if life.default.is_some_and(|seconds| seconds == 0 || seconds > LONGEST_DAYS * 86_400) {
            say("expiration.default", "has to be between a second and ten years");
        }
        if !self.configurations.is_empty() && self.configurations.contains_key(DEFAULT) {
            say("configurations", "`default` is what stands outside of them");
        }
        wrong
    }
}

fn lay_over(base: &mut Map<String, Value>, table: &Map<String, Value>) {
    for (key, value) in table {
        match (base.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(over)) if key != "permissions" => {
                lay_over(inner, over);
            }
            _ => drop(base.insert(key.clone(), value.clone())),
        }
    }
}

fn is_name(name: &str) -> bool {
    name != DEFAULT && name.len() <= 64 && is_prefix(name)
}

pub(crate) fn is_prefix(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A lower-case header that is not one of HTTP's own.
fn is_header(name: &str) -> bool {
    let own = ["authorization", "cookie", "host", "origin", "content-type", "content-length"];
    is_prefix(name) && name.to_ascii_lowercase() == name && !own.contains(&name)
}
