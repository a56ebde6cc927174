//! `[plugins.bearer]`.

use auth_core::{PluginConfig, Preset, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BearerConfig {
    /// Only signed tokens count, as `set-auth-token` has them. Without it the bare token of a list of
    /// sessions, or of a copy of the database, is enough to be that session.
    pub require_signature: bool,
}

impl PluginConfig for BearerConfig {
    fn preset(preset: Preset) -> Self {
        Self { require_signature: preset == Preset::Tessera }
    }
}
