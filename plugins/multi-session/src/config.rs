//! `[plugins.multi-session]`.

use auth_core::{PluginConfig, Preset, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

use crate::cookies::MOST;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultiSessionConfig {
    /// Accounts that one browser keeps, from 1 to 50. Who signs in with one more is signed in, but that
    /// session is not kept when the browser goes over to another one.
    pub maximum_sessions: usize,
    /// The cookie that keeps a session follows the session's own: it is renewed together with it, and ends
    /// with the browser where the session is not to be remembered. Off, it lives from the sign-in on for
    /// as long as any session, as in Better Auth.
    pub follow_session: bool,
}

impl PluginConfig for MultiSessionConfig {
    fn preset(preset: Preset) -> Self {
        Self { maximum_sessions: 5, follow_session: preset == Preset::Tessera }
    }

    fn validate(&self) -> Vec<(String, String)> {
        if (1..=MOST).contains(&self.maximum_sessions) {
            return Vec::new();
        }
        vec![("maximum_sessions".to_owned(), format!("has to be between 1 and {MOST}"))]
    }
}
