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
    /// Whoever may do less than everything, by the `scope` of a signed token, is let through too, and
    /// `X-Auth-Scopes` says what for; `*` stands for everything. Without it they are refused: an
    /// application that does not look would take them for the whole user.
    pub scopes: bool,
    /// The primary store is asked each time, so that a session that was revoked on another node is
    /// refused at once. One query a request.
    pub strict: bool,
}

impl PluginConfig for ForwardAuthConfig {
    fn preset(_: Preset) -> Self {
        Self { email: false, require_verified_email: false, scopes: false, strict: false }
    }
}
