//! One endpoint, one file.

pub mod list;
pub mod revoke;
pub mod set_active;

use auth_core::{User, model, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

auth_core::errors! {
    pub enum MultiSessionError {
        InvalidToken => (401, "INVALID_SESSION_TOKEN", "Invalid session token"),
    }
}

/// Names one of the browser's sessions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedSession {
    /// Its token. It counts for nothing without the cookie that the browser has for it.
    pub session_token: String,
}

/// An account that the browser is signed in with.
#[derive(Serialize, JsonSchema)]
pub struct DeviceSession {
    pub session: model::Session,
    pub user: User,
}
