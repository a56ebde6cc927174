//! `GET /two-factor/devices`: the devices that the caller trusts. Better Auth has no such endpoint.

use auth_core::{
    Cx, Failure, Json, Key, StrictSession, Timestamp,
    endpoint::{Endpoint, get},
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{TwoFactor, devices};

pub const LIST_DEVICES: Key<(), TrustedDevices> = Key::new("listTrustedDevices");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_DEVICES, "/two-factor/devices", list_devices)
        .tag(super::SECOND_FACTOR)
        .summary("Devices that are not asked for a second factor")
}

#[derive(Serialize, JsonSchema)]
pub struct TrustedDevices {
    pub devices: Vec<TrustedDevice>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrustedDevice {
    pub id: String,
    /// What the device called itself.
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    /// When it was not asked last.
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
    /// It is the one that asks.
    pub current: bool,
}

async fn list_devices(cx: Cx<TwoFactor>, session: StrictSession) -> Result<Json<TrustedDevices>, Failure> {
    let user = session.user.id.as_str();
    let current = devices::current(cx.call(), user).await?.map(|device| device.id);
    let found = devices::list(&cx, user).await?.into_iter();
    let shown = found.map(|device| TrustedDevice {
        current: current.as_deref() == Some(&device.id),
        id: device.id,
        user_agent: device.user_agent,
        created_at: device.created_at,
        last_used_at: device.last_used_at,
        expires_at: device.expires_at,
    });
    Ok(Json(TrustedDevices { devices: shown.collect() }))
}
