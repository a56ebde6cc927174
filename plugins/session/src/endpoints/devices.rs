//! `GET /devices`: where the user is signed in, for a page that people look at.
//!
//! Unlike `list-sessions` it tells no token, so the session need not be fresh.

use auth_core::{Cx, Failure, Json, Key, StrictSession, Timestamp, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

use crate::{SessionPlugin, activity, device};

pub const LIST_DEVICES: Key<(), Vec<Device>> = Key::new("listDevices");

/// A session, without what would let anybody use it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// For `POST /revoke-session`, as its `token`.
    pub id: String,
    /// Such as `Firefox on Linux`, or `Unknown device`.
    pub name: String,
    /// Empty where it is unknown.
    pub ip_address: String,
    pub created_at: Timestamp,
    /// When it was last used: to the moment where this process saw it, within two minutes otherwise.
    pub last_active_at: Timestamp,
    pub expires_at: Timestamp,
    /// The one that asks.
    pub current: bool,
}

/// The one that asks first, then those that were used last.
pub async fn list_devices(
    cx: Cx<SessionPlugin>,
    session: StrictSession,
) -> Result<Json<Vec<Device>>, Failure> {
    let plugin = cx.plugin();
    let mut list = Vec::new();
    for row in cx.sessions().list_live(cx.db(), &session.user.id).await? {
        if plugin.is_idle_now(&cx, &row).await? {
            continue;
        }
        let seen = plugin.activity.of(&row.id, activity::stored(&row));
        list.push(Device {
            name: device::name(row.user_agent.as_deref().unwrap_or_default()),
            ip_address: row.ip_address.unwrap_or_default(),
            created_at: row.created_at,
            last_active_at: seen.last(),
            expires_at: row.expires_at,
            current: row.id == session.session.id,
            id: row.id,
        });
    }
    list.sort_by_key(|one: &Device| std::cmp::Reverse((one.current, one.last_active_at)));
    Ok(Json(list))
}
