//! `POST /update-user`: name, image and declared fields.

use auth_core::{
    Body, Cx, Failure, Json, Key, StrictSession,
    fields::{Input, accept},
    http::StatusCode,
    model::UserPatch,
    schema::CoreTable,
    serde_json::{Map, Value},
};

use super::Status;
use crate::AccountPlugin;

auth_core::errors! {
    pub enum UpdateUserError {
        Email => (400, "EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"),
        NotAnObject => (400, "BODY_MUST_BE_AN_OBJECT", "Body must be an object"),
        FieldNotAllowed => (400, "FIELD_NOT_ALLOWED", "Field not allowed to be set"),
        Gone => (401, "UNAUTHORIZED", "Unauthorized"),
    }
}

pub const UPDATE_USER: Key<Map<String, Value>, Status> = Key::new("updateUser");

/// The store is asked: a session that was revoked must not change the user on a cache's word.
pub async fn update_user(
    cx: Cx<AccountPlugin>,
    session: StrictSession,
    Body(input): Body<Map<String, Value>>,
) -> Result<Json<Status>, UpdateUserError> {
    if input.get("email").is_some_and(is_truthy) {
        return Err(UpdateUserError::Email);
    }
    let extra = accept(cx.schema().extras(CoreTable::User), &input, Input::Update)?;
    let name = text(&input, "name", false)?.flatten();
    let image = text(&input, "image", true)?;
    auth_core::fields::check_profile(name.as_deref(), image.as_ref().and_then(|i| i.as_deref()))?;
    let patch = UserPatch { name, image, extra, ..UserPatch::default() };
    if patch.is_empty() {
        return Err(Failure::uncoded(StatusCode::BAD_REQUEST, "No fields to update").into());
    }
    let tx = cx.begin().await?;
    let user = cx.users().update(&tx, &session.user.id, patch).await?.ok_or(UpdateUserError::Gone)?;
    cx.call().commit_with(tx);
    cx.call().reissue_session(session.session.as_ref().clone(), user);
    Ok(Json(Status { status: true }))
}

/// A text that was sent, or `null` where that is a value.
fn text(input: &Map<String, Value>, key: &str, nullable: bool) -> Result<Option<Option<String>>, Failure> {
    match input.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(Some(text.clone()))),
        Some(Value::Null) if nullable => Ok(Some(None)),
        Some(other) => {
            let received = match other {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::Array(_) => "array",
                _ => "object",
            };
            let message = format!("[body.{key}] Invalid input: expected string, received {received}");
            Err(Failure::bad_request("VALIDATION_ERROR", message))
        }
    }
}

/// Truth as JavaScript has it.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}
