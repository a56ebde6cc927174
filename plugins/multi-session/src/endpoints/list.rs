//! `GET /multi-session/list-device-sessions`: the accounts that this browser is signed in with.

use auth_core::{Cx, Failure, Json, Key};

use super::DeviceSession;
use crate::{MultiSession, cookies};

pub const LIST_DEVICE_SESSIONS: Key<(), Vec<DeviceSession>> = Key::new("listDeviceSessions");

/// Whoever has no cookies has no accounts. Of two sessions of a user the first one counts.
pub async fn list_device_sessions(cx: Cx<MultiSession>) -> Result<Json<Vec<DeviceSession>>, Failure> {
    let tokens = cookies::tokens(cx.call());
    let mut list: Vec<DeviceSession> = Vec::new();
    for (session, user) in cookies::live(cx.call(), &tokens).await? {
        if !list.iter().any(|known| known.user.id == user.id) {
            list.push(DeviceSession { session, user });
        }
    }
    Ok(Json(list))
}
