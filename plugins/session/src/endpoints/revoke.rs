//! `POST /revoke-session`, `/revoke-sessions`, `/revoke-other-sessions`.

use auth_core::{Body, Cx, Failure, Json, Key, StrictSession, schemars::JsonSchema, store::Revoke};
use serde::Deserialize;

use super::Status;
use crate::SessionPlugin;

pub const REVOKE_SESSION: Key<RevokeSession, Status> = Key::new("revokeSession");
pub const REVOKE_SESSIONS: Key<(), Status> = Key::new("revokeSessions");
pub const REVOKE_OTHERS: Key<(), Status> = Key::new("revokeOtherSessions");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct RevokeSession {
    /// The token of one of the caller's own sessions, from the list; or its id, which stays where the
    /// session gets another token meanwhile.
    pub token: String,
}

async fn revoke(
    cx: &Cx<SessionPlugin>,
    session: &StrictSession,
    which: Revoke<'_>,
) -> Result<Json<Status>, Failure> {
    let tx = cx.begin().await?;
    let mut gone = cx.sessions().revoke(&tx, &session.user.id, which).await?;
    if let Revoke::Token(token) = which
        && gone.is_empty()
    {
        gone = cx.sessions().revoke(&tx, &session.user.id, Revoke::Id(token)).await?;
    }
    cx.call().commit_with(tx);
    if gone.iter().any(|gone| gone.token == session.session.token) {
        cx.call().end_session();
    }
    Ok(Json(Status { status: true }))
}

/// A token of somebody else, or of nobody, is a success that does nothing.
pub async fn revoke_session(
    cx: Cx<SessionPlugin>,
    session: StrictSession,
    Body(input): Body<RevokeSession>,
) -> Result<Json<Status>, Failure> {
    revoke(&cx, &session, Revoke::Token(&input.token)).await
}

pub async fn revoke_sessions(cx: Cx<SessionPlugin>, session: StrictSession) -> Result<Json<Status>, Failure> {
    revoke(&cx, &session, Revoke::All).await
}

pub async fn revoke_other_sessions(
    cx: Cx<SessionPlugin>,
    session: StrictSession,
) -> Result<Json<Status>, Failure> {
    revoke(&cx, &session, Revoke::Except(&session.session.token)).await
}
