//! `POST /multi-session/set-active`: the browser goes over to another of its sessions.

use auth_core::{Body, Cx, Json, Key};

use super::{DeviceSession, MultiSessionError, NamedSession};
use crate::{MultiSession, cookies};

pub const SET_ACTIVE: Key<NamedSession, DeviceSession> = Key::new("setActiveSession");

/// The store is asked: a session that has ended elsewhere must not come back.
pub async fn set_active(
    cx: Cx<MultiSession>,
    Body(input): Body<NamedSession>,
) -> Result<Json<DeviceSession>, MultiSessionError> {
    let token = cookies::proven(cx.call(), &input.session_token).ok_or(MultiSessionError::InvalidToken)?;
    let found = cx.sessions().find_by_token(cx.db(), &token).await?;
    let Some((session, user)) = found.filter(|(session, _)| session.expires_at > cx.now()) else {
        cookies::forget(cx.call(), &token);
        return Err(MultiSessionError::InvalidToken);
    };
    if !cx.session_admits(&session).await? {
        return Err(MultiSessionError::InvalidToken);
    }
    cx.call().reissue_session(session.clone(), user.clone());
    Ok(Json(DeviceSession { session, user }))
}
