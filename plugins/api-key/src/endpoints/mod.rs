//! One endpoint a file, in the order errors, input, output, handler.

pub mod create;
pub mod delete;
pub mod delete_expired;
pub mod get;
pub mod list;
pub mod report_leak;
pub mod rotate;
pub mod update;
pub mod usage;
pub mod verify;

use auth_core::endpoint::Tag;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const KEYS: Tag = Tag::new("api-keys");

/// `{success: true}`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Success {
    pub success: bool,
}
