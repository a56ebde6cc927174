//! One endpoint, one file.

pub mod change_password;
pub mod request_reset;
pub mod reset_callback;
pub mod reset_password;
pub mod send_verification;
pub mod set_password;
pub mod sign_in;
pub mod sign_up;
pub mod verify_email;
pub mod verify_password;

use auth_core::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{status: true}`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    pub status: bool,
}

/// The identifier of a reset token in the verification table.
pub(crate) const RESET_PREFIX: &str = "reset-password:";
