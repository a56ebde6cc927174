//! `POST /two-factor/devices/revoke`: one device is asked again. Better Auth has no such endpoint.

use auth_core::{
    Body, Cx, Json, Key, StrictSession,
    endpoint::{Endpoint, post},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Status;
use crate::{TwoFactor, devices};

pub const FORGET_DEVICE: Key<ForgetDevice, Status> = Key::new("revokeTrustedDevice");

pub(crate) fn endpoint() -> Endpoint {
    post(FORGET_DEVICE, "/two-factor/devices/revoke", forget_device)
        .tag(super::SECOND_FACTOR)
        .summary("Trusts a device no more")
}

auth_core::errors! {
    pub enum ForgetDeviceError {
        /// Somebody else's too.
        NotFound => (404, "TRUSTED_DEVICE_NOT_FOUND", "Trusted device not found"),
    }
}

#[derive(Deserialize, JsonSchema)]
pub struct ForgetDevice {
    pub id: String,
}

async fn forget_device(
    cx: Cx<TwoFactor>,
    session: StrictSession,
    Body(input): Body<ForgetDevice>,
) -> Result<Json<Status>, ForgetDeviceError> {
    if !devices::forget(&cx, &session.user.id, &input.id).await? {
        return Err(ForgetDeviceError::NotFound);
    }
    Ok(Json(Status { status: true }))
}
