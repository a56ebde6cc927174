//! The layers that configuration comes from.

use std::path::PathBuf;

use auth_core::Problem;
use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Env, Format, Serialized, Toml},
    value::{Dict, Map},
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{
    alias,
    load::{place, section},
};

/// What the names of environment variables begin with.
const PREFIX: &str = "TESSERA_";

/// Where configuration comes from: layers, of which a later one wins over those before.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) figment: Figment,
    /// Each by itself, for what tells them apart.
    layers: Vec<Figment>,
}

/// What one layer says of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The layer, as one would name it: a file, an environment variable, a plugin.
    pub layer: String,
    pub value: Json,
}

impl Sources {
    /// No file and no environment: what an embedder or a test sets, and defaults.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// A TOML file. One that is not there is an error only if it was asked for by name.
    #[must_use]
    pub fn file(self, path: PathBuf) -> Self {
        self.layer(Toml::file(path))
    }

    /// TOML text.
    #[must_use]
    pub fn toml(self, text: &str) -> Self {
        self.layer(Toml::string(text))
    }

    /// `TESSERA_BASE_URL`, `TESSERA_PLUGINS__SESSION__EXPIRES_IN`: two underscores go one level
    /// down, and in names of plugins `_` may stand for `-`.
    #[must_use]
    pub fn env(self) -> Self {
        let env = Env::prefixed(PREFIX)
            .ignore(&["log", "config", "bin"])
            // The test kit's: a program may be run within a test.
            .filter(|key| !key.starts_with("test_"))
            .map(|key| env_key(key.as_str()).into());
        self.layer(env.split("."))
    }

    /// A value by key path that the program itself sets; wins over everything before.
    #[must_use]
    pub fn set(self, key: &str, value: impl serde::Serialize) -> Self {
        self.layer(ByProgram(Serialized::default(key, value)))
    }

    /// Any other layer.
    #[must_use]
    pub fn layer(mut self, provider: impl Provider) -> Self {
        let layer = Figment::from(alias::Renamed(provider));
        self.figment = self.figment.merge(&layer);
        self.layers.push(layer);
        self
    }
}

impl Sources {
    /// A section that belongs to the program: readable even where the host's part has problems, so
    /// that all of them can be told at once.
    pub fn section<T: DeserializeOwned + serde::Serialize>(
        &self,
        key: &str,
        defaults: &T,
    ) -> Result<T, Vec<Problem>> {
        section(&self.figment, key, defaults)
    }

    /// File and key path of a value, as far as the layers know.
    #[must_use]
    pub fn place(&self, key: &str) -> String {
        place(&self.figment, key)
    }

    /// Whether any layer says something about a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.figment.find_value(key).is_ok()
    }

    /// What each layer says of a key, in their order: the last one wins.
    #[must_use]
    pub fn said(&self, key: &str) -> Vec<Said> {
        let one = |layer: &Figment| {
            let value = layer.find_value(key).ok()?;
            let from = layer.get_metadata(value.tag()).or_else(|| layer.find_metadata(key));
            let layer = from.map_or_else(String::new, |from| match &from.source {
                // Where in the program's text a value was set helps nobody who runs it.
                Some(figment::Source::File(path)) => path.display().to_string(),
                _ if from.name.starts_with(&format!("`{PREFIX}`")) => variable(key),
                _ => from.name.to_string(),
            });
            Some(Said { layer, value: serde_json::to_value(value).ok()? })
        };
        self.layers.iter().filter_map(one).collect()
    }
}

fn env_key(key: &str) -> String {
    let lower = key.to_lowercase();
    let mut parts: Vec<String> = lower.split("__").map(str::to_owned).collect();
    if parts.first().is_some_and(|p| p == "plugins")
        && let Some(id) = parts.get_mut(1)
    {
        *id = id.replace('_', "-");
    }
    parts.join(".")
}

/// The variable for a key.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").replace('-', "_").to_uppercase())
}

/// What the program sets says so.
struct ByProgram<P>(P);

impl<P: Provider> Provider for ByProgram<P> {
    fn metadata(&self) -> Metadata {
        Metadata::named("the program")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        self.0.data()
    }
}
