//! Typed configuration of plugins, and the problems that the host reports.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A named set of figures. Every plugin's defaults come from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Tessera's own figures: long sessions, strict passwords, strict limits.
    #[default]
    Tessera,
    /// Better Auth's figures, for replacing it without a visible change.
    BetterAuth,
}

/// A plugin's section of the configuration, `[plugins.<id>]`.
///
/// Doc comments on the fields become the reference; `preset` gives the defaults.
///
/// ```
/// use auth_core::{
///     PluginConfig, Preset,
///     schemars::JsonSchema,
///     serde::{Deserialize, Serialize},
/// };
///
/// /// Notes of users.
/// #[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
/// #[serde(crate = "auth_core::serde", deny_unknown_fields)]
/// #[schemars(crate = "auth_core::schemars")]
/// pub struct Config {
///     /// Notes that a user may have.
///     pub limit: u32,
/// }
///
/// impl PluginConfig for Config {
///     fn preset(_: Preset) -> Self {
///         Self { limit: 100 }
///     }
///
///     fn validate(&self) -> Vec<(String, String)> {
///         match self.limit {
///             0 => vec![("limit".to_owned(), "has to be at least 1".to_owned())],
///             _ => Vec::new(),
///         }
///     }
/// }
///
/// assert!(Config::preset(Preset::Tessera).validate().is_empty());
/// ```
pub trait PluginConfig: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The defaults. What the operator writes is laid over them, key by key.
    fn preset(preset: Preset) -> Self;

    /// What is wrong with the values: `(key path below the section, what to do about it)`.
    fn validate(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// How a plugin's values meet those of the plugin that it extends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MergeStrategy {
    /// A value that is there stays.
    BaseWins,
    /// The extending plugin's value takes its place.
    #[default]
    CustomWins,
    /// As `CustomWins`, but lists are joined.
    Merge,
}

impl fmt::Display for MergeStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BaseWins => "base wins",
            Self::CustomWins => "custom wins",
            Self::Merge => "merge",
        })
    }
}

/// What an extending plugin adds to the defaults of the plugin that it extends. Tables are merged key
/// by key; the strategy says what happens where both have a value. What the operator wrote wins over
/// both.
///
/// ```
/// use auth_core::{MergeStrategy, Overlay, serde_json::json};
///
/// // In a plugin whose manifest says `.extends("organization")`:
/// // fn overlay(_: Preset) -> Option<Overlay>
/// let stricter = Overlay::new(json!({ "membership_limit": 50, "roles": { "guest": {} } }))
///     .key("roles", MergeStrategy::BaseWins);
/// # assert_eq!(stricter.parts().count(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Overlay {
    values: Value,
    strategy: MergeStrategy,
    keys: BTreeMap<&'static str, MergeStrategy>,
}

impl Overlay {
    /// An object as the extended plugin's section has it; its values win over that plugin's defaults.
    #[must_use]
    pub fn new(values: Value) -> Self {
        Self { values, strategy: MergeStrategy::default(), keys: BTreeMap::new() }
    }

    /// How all values meet those that are there.
    #[must_use]
    pub fn strategy(mut self, strategy: MergeStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// How the value of one key meets the one that is there, in place of what counts for all.
    #[must_use]
    pub fn key(mut self, key: &'static str, strategy: MergeStrategy) -> Self {
        self.keys.insert(key, strategy);
        self
    }

    /// For the host: the values by strategy, and by top-level key.
    pub fn parts(&self) -> impl Iterator<Item = (&String, &Value, MergeStrategy)> {
        self.values
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key, value, self.keys.get(key.as_str()).copied().unwrap_or(self.strategy)))
    }

    /// For the host: keys with a strategy and without a value, and whether there is an object at all.
    pub fn faults(&self) -> Vec<String> {
        let Some(object) = self.values.as_object() else {
            return vec!["is no object of keys and values".to_owned()];
        };
        let idle = self.keys.keys().filter(|key| !object.contains_key(**key));
        idle.map(|key| format!("has a strategy for `{key}` and no value")).collect()
    }
}

/// For plugins without settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoConfig {}

impl PluginConfig for NoConfig {
    fn preset(_: Preset) -> Self {
        Self {}
    }
}

/// One thing that keeps the host from starting. The host collects all of them before it stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a file and key path, a plugin, an endpoint.
    pub place: String,
    /// What is wrong and what would be right.
    pub what: String,
}

impl Problem {
    /// `place` is where an operator has to look, `what` a sentence that says what would be right.
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}
