//! `[rate_limit]`.

use std::{borrow::Cow, collections::BTreeMap};

use auth_core::{
    Preset,
    rate::{Algorithm, Fail, KeyPart, Limit, PathRule, RateRule},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many requests a client may send.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimitConfig {
    pub enabled: bool,
    /// The window of the general rule, in seconds.
    pub window: u64,
    /// Requests of one client on one path in the window.
    pub max: u64,
    /// Tells clients how they stand: `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset`.
    pub headers: bool,
    /// What happens while the store of the counters does not answer, where a rule says nothing else:
    /// `memory` counts on each node, `open` lets requests pass, `closed` refuses them with 503.
    pub fail: Fail,
    /// Where requests are counted: `memory`, each node for itself; `redis`, all nodes together; or
    /// `database`, all nodes together at the cost of a write a request. Where `redis.url` is set, `redis`
    /// is what counts unless this says otherwise.
    pub storage: String,
    /// Clients and paths that are remembered at the same time, in memory.
    pub capacity: usize,
    /// Rules by path, exact or a prefix that ends with `*`; or by name. `max = 0` means no limit. The name
    /// of a plugin's rule changes that rule.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, RuleConfig>,
}

/// One rule. What it does not say is the general rule's, or that of the plugin's rule that it changes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// The paths, exact or a prefix that ends with `*`. Without it the rule's name is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<u64>,
    /// Requests in the window; 0 for no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<u64>,
    /// `fixed`, as Better Auth counts; `sliding`; or `token-bucket`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<AlgorithmName>,
    /// Requests at once, of a token bucket. Without it: `max`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
    /// What requests have in common to be counted together: `ip`, `path`, `account`, `session`,
    /// `api-key`. Without `path` all paths of the rule share a counter, which `path-class` says too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Vec<KeyPart>>,
    /// Counts beside the rule that the path has anyway, and not in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<bool>,
    /// As `rate_limit.fail`, for this rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Fail>,
}

/// How a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlgorithmName {
    Fixed,
    Sliding,
    TokenBucket,
}

/// More than anybody means, and few enough to count with.
const MOST: u64 = 1_000_000;
const LONGEST: u64 = 31 * 24 * 3600;

impl RateLimitConfig {
    pub(super) fn preset(preset: Preset) -> Self {
        let upstream = preset == Preset::BetterAuth;
        Self {
            enabled: true,
            window: if upstream { 10 } else { 60 },
            max: 100,
            headers: !upstream,
            fail: Fail::Memory,
            storage: "memory".to_owned(),
            capacity: 100_000,
            rules: BTreeMap::new(),
        }
    }

    /// The general rule's.
    pub(crate) fn limit(&self) -> Limit {
        Limit { window: self.window, max: self.max, algorithm: Algorithm::Fixed }
    }

    /// What is wrong, below `rate_limit`.
    pub(super) fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        if !matches!(self.storage.as_str(), "memory" | "database" | "redis") {
            let what = format!("`{}` is none of memory, database and redis", self.storage);
            wrong.push(("storage".to_owned(), what));
        }
        let figures = |key: &str, window: Option<u64>, max: Option<u64>| {
            let window = window.filter(|window| *window == 0 || *window > LONGEST);
            let window = window.map(|_| (format!("{key}window"), format!("has to be from 1 to {LONGEST}")));
            let max = max.filter(|max| *max > MOST);
            window.into_iter().chain(max.map(|_| (format!("{key}max"), format!("is more than {MOST}"))))
        };
        wrong.extend(figures("", Some(self.window), Some(self.max)));
        for (name, rule) in &self.rules {
            let key = format!("rules.{name}.");
            wrong.extend(figures(&key, rule.window, rule.max));
            let bucket = rule.algorithm == Some(AlgorithmName::TokenBucket);
            if rule.burst.is_some_and(|burst| burst == 0 || burst > MOST) {
                wrong.push((format!("{key}burst"), format!("has to be from 1 to {MOST}")));
            } else if rule.burst.is_some() && !bucket {
                let what = "is for `algorithm = \"token-bucket\"`".to_owned();
                wrong.push((format!("{key}burst"), what));
            }
            if rule.key.as_ref().is_some_and(Vec::is_empty) {
                wrong.push((format!("{key}key"), "has to name something".to_owned()));
            }
        }
        wrong
    }
}

impl RuleConfig {
    /// Another rule, with what this says of it.
    pub(crate) fn over(&self, mut rule: RateRule) -> RateRule {
        if let Some(path) = &self.path {
            rule.path = PathRule::parse(path);
        }
        rule.limit.window = self.window.unwrap_or(rule.limit.window);
        rule.limit.max = self.max.unwrap_or(rule.limit.max);
        let burst = self.burst.unwrap_or(rule.limit.max);
        rule.limit.algorithm = match self.algorithm {
            None => rule.limit.algorithm,
            Some(AlgorithmName::Fixed) => Algorithm::Fixed,
            Some(AlgorithmName::Sliding) => Algorithm::Sliding,
            Some(AlgorithmName::TokenBucket) => Algorithm::TokenBucket { burst },
        };
        if let Some(key) = &self.key {
            rule.key = Cow::Owned(key.clone());
        }
        rule.beside = self.beside.unwrap_or(rule.beside);
        rule.fail = self.fail.unwrap_or(rule.fail);
        rule
    }
}
