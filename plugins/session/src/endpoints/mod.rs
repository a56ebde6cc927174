//! One endpoint, one file.

pub mod devices;
pub mod get_session;
pub mod list;
pub mod refresh;
pub mod revoke;
pub mod sign_out;
pub mod update;

use auth_core::{User, model, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

/// `{status: true}`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    pub status: bool,
}

/// Who is signed in, on which session.
#[derive(Serialize, JsonSchema)]
pub struct SessionView {
    pub session: model::Session,
    pub user: User,
    /// The session is due for `POST /get-session`. Only where refreshing is deferred.
    #[serde(rename = "needsRefresh", skip_serializing_if = "Option::is_none")]
    pub needs_refresh: Option<bool>,
}
