//! One endpoint a file, in the order errors, input, output, handler.

pub mod devices;
pub mod disable;
pub mod enable;
pub mod forget_device;
pub mod forget_devices;
pub mod generate_backup_codes;
pub mod generate_totp;
pub mod qr;
pub mod send_otp;
pub mod totp_uri;
pub mod verify_backup_code;
pub mod verify_otp;
pub mod verify_totp;
pub mod view_backup_codes;

use auth_core::{endpoint::Tag, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

const SECOND_FACTOR: Tag = Tag::new("second-factor");

/// `{status: true}`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    pub status: bool,
}
