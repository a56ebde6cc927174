//! `POST /update-session`: changes fields that the configuration declares on sessions.

use auth_core::{
    Body, Cx, Failure, Json, Key, StrictSession,
    fields::{Input, accept},
    http::StatusCode,
    model,
    model::SessionPatch,
    schema::CoreTable,
    schemars::JsonSchema,
    serde_json::Value,
};
use serde::Serialize;

use crate::SessionPlugin;

auth_core::errors! {
    pub enum UpdateSessionError {
        NotAnObject => (400, "BODY_MUST_BE_AN_OBJECT", "Body must be an object"),
        FieldNotAllowed => (400, "FIELD_NOT_ALLOWED", "Field not allowed to be set"),
        Gone => (401, "FAILED_TO_GET_SESSION", "Failed to get session"),
    }
}

pub const UPDATE_SESSION: Key<serde_json::Map<String, Value>, UpdatedSession> = Key::new("updateSession");

#[derive(Serialize, JsonSchema)]
pub struct UpdatedSession {
    pub session: model::Session,
}

/// The store is asked: a session that was revoked must not be changed on a cache's word.
pub async fn update_session(
    cx: Cx<SessionPlugin>,
    session: StrictSession,
    Body(input): Body<serde_json::Map<String, Value>>,
) -> Result<Json<UpdatedSession>, UpdateSessionError> {
    let extra = accept(cx.schema().extras(CoreTable::Session), &input, Input::Update)?;
    if extra.is_empty() {
        return Err(Failure::uncoded(StatusCode::BAD_REQUEST, "No fields to update").into());
    }
    let tx = cx.begin().await?;
    let patch = SessionPatch { extra, ..SessionPatch::default() };
    let updated = cx.sessions().update(&tx, &session.session, patch).await?;
    let updated = updated.ok_or(UpdateSessionError::Gone)?;
    cx.call().commit_with(tx);
    cx.call().reissue_session(updated.clone(), session.user.as_ref().clone());
    Ok(Json(UpdatedSession { session: updated }))
}
