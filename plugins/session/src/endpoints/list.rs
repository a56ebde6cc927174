//! `GET /list-sessions`: the devices on which the user is signed in.

use auth_core::{Cx, Failure, FreshSession, Json, Key, model};

use crate::SessionPlugin;

pub const LIST_SESSIONS: Key<(), Vec<model::Session>> = Key::new("listSessions");

pub async fn list_sessions(
    cx: Cx<SessionPlugin>,
    session: FreshSession,
) -> Result<Json<Vec<model::Session>>, Failure> {
    Ok(Json(cx.sessions().list_live(cx.db(), &session.user.id).await?))
}
