//! `[plugins.forward-auth]`.

use auth_core::{PluginConfig, Preset, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardAuthConfig {
    /// Answers carry the user's address in `X-Auth-Email`.
    pub email: bool,
    /// Only users with a verified address are let through.
    pub require_verified_email: bool,
    /// The primary store is asked each time, so that a session that was revoked on another node is
    /// refused at once. One query a request.
    pub strict: bool,
}

impl PluginConfig for ForwardAuthConfig {
    fn preset(_: Preset) -> Self {
        Self { email: false, require_verified_email: false, strict: false }
    }
}
