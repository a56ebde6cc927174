//! Typed configuration of plugins, and the problems that the host reports.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

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

/// What an extending plugin adds to the defaults of the plugin that it extends. The operator's file
/// still wins over both.
///
/// ```
/// use auth_core::{MergeStrategy, Overlay, serde_json::json};
///
/// // In a plugin whose manifest says `.extends("organization")`:
/// // fn overlay(_: Preset) -> Option<Overlay>
/// let stricter = Overlay { values: json!({ "member_limit": 50 }), strategy: MergeStrategy::CustomWins };
/// # assert!(stricter.values.is_object());
/// ```
#[derive(Clone, Debug)]
pub struct Overlay {
    /// An object: keys below `[plugins.<id>]` of the extended plugin, with their values.
    pub values: serde_json::Value,
    /// Who wins where both have a value.
    pub strategy: MergeStrategy,
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
