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
    /// Notes that a user may write.
    pub limit: u32,
    /// Days after which a note is removed.
    pub keep_days: u32,
    /// The first note of whoever signs up; none where it is empty.
    pub welcome: String,
    /// The value of the header `x-{{id}}` on every answer.
    pub header: String,
}

impl PluginConfig for Config {
    fn preset(_: Preset) -> Self {
        Self { limit: 100, keep_days: 365, welcome: String::new(), header: "on".to_owned() }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        if self.keep_days == 0 {
            wrong.push(("keep_days".to_owned(), "has to be at least 1".to_owned()));
        }
        if self.header.is_empty() || !self.header.bytes().all(|byte| byte.is_ascii_graphic()) {
            wrong.push(("header".to_owned(), "may hold visible ASCII".to_owned()));
        }
        wrong
    }
}
