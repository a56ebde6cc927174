//! `[plugins.{{id}}]`. The comments of the fields are the reference.

use auth_core::{
    PluginConfig, Preset,
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
};

/// Notes of users.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", deny_unknown_fields)]
#[schemars(crate = "auth_core::schemars")]
pub struct Config {
    /// Notes that a user may have.
    pub limit: u32,
    /// The value of the header `x-{{id}}` on every answer.
    pub header: String,
}

impl PluginConfig for Config {
    fn preset(_: Preset) -> Self {
        Self { limit: 100, header: "on".to_owned() }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let is_text = !self.header.is_empty() && self.header.bytes().all(|b| b.is_ascii_graphic());
        if is_text { Vec::new() } else { vec![("header".to_owned(), "may hold visible ASCII".to_owned())] }
    }
}
