//! `POST /two-factor/devices/revoke-all`: every device is asked again. Better Auth has no such endpoint.

use auth_core::{
    Cx, Failure, Json, Key, StrictSession,
    endpoint::{Endpoint, post},
};

use super::Status;
use crate::{TwoFactor, cookies, devices};

pub const FORGET_DEVICES: Key<(), Status> = Key::new("revokeTrustedDevices");

pub(crate) fn endpoint() -> Endpoint {
    post(FORGET_DEVICES, "/two-factor/devices/revoke-all", forget_devices)
        .tag(super::SECOND_FACTOR)
        .summary("Trusts no device any more")
}

async fn forget_devices(cx: Cx<TwoFactor>, session: StrictSession) -> Result<Json<Status>, Failure> {
    let tx = cx.begin().await?;
    devices::forget_all(&cx, &tx, &session.user.id).await?;
    cx.call().commit_with(tx);
    cookies::expire_present(cx.call(), cookies::TRUST_DEVICE);
    Ok(Json(Status { status: true }))
}
