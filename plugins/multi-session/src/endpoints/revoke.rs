//! `POST /multi-session/revoke`: signs one account of this browser out.

use auth_core::{Body, Cx, Json, Key, StrictSession, schemars::JsonSchema, store::Revoke};
use serde::{Deserialize, Serialize};

use super::{MultiSessionError, NamedSession};
use crate::{MultiSession, cookies};

pub const REVOKE_DEVICE_SESSION: Key<NamedSession, Revoked> = Key::new("revokeDeviceSession");

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Revoked {
    /// `true`.
    pub status: bool,
}

/// Where it was the active one, the browser goes over to the next that it has.
pub async fn revoke_device_session(
    cx: Cx<MultiSession>,
    session: StrictSession,
    Body(input): Body<NamedSession>,
) -> Result<Json<Revoked>, MultiSessionError> {
    let call = cx.call();
    let token = cookies::proven(call, &input.session_token).ok_or(MultiSessionError::InvalidToken)?;
    if session.session.token == token {
        let mut rest = cookies::tokens(call);
        rest.retain(|other| *other != token);
        match cookies::live(call, &rest).await?.into_iter().next() {
            Some((next, user)) => call.reissue_session(next, user),
            None => call.end_session(),
        }
    }
    let tx = cx.begin().await?;
    if let Some((gone, _)) = cx.sessions().find_by_token(&tx, &token).await? {
        cx.sessions().revoke(&tx, &gone.user_id, Revoke::Token(&token)).await?;
    }
    call.commit_with(tx);
    cookies::forget(call, &token);
    Ok(Json(Revoked { status: true }))
}
