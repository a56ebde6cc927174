//! `POST /verify-password`: asks for the password once more before something delicate.

use auth_core::{Body, Cx, Json, Key, Means, StrictSession, model::SessionPatch, schemars::JsonSchema};
use serde::Deserialize;

use super::Status;
use crate::EmailPassword;

auth_core::errors! {
    pub enum VerifyPasswordError {
        Wrong => (400, "INVALID_PASSWORD", "Invalid password"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
    }
}

pub const VERIFY_PASSWORD: Key<VerifyPassword, Status> = Key::new("verifyPassword");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct VerifyPassword {
    pub password: String,
}

pub async fn verify_password(
    cx: Cx<EmailPassword>,
    session: StrictSession,
    Body(input): Body<VerifyPassword>,
) -> Result<Json<Status>, VerifyPasswordError> {
    cx.check_given_password(&input.password)?;
    match cx.call().core().verify_password(&session.user.id, &input.password).await? {
        Some(true) => {}
        _ => return Err(VerifyPasswordError::Wrong),
    }
    // What asks for a recent proof finds it with the session.
    let proofs = session.session.proofs().and(&[Means::PASSWORD], cx.now());
    let tx = cx.begin().await?;
    cx.sessions().update(&tx, &session.session, SessionPatch::default().proofs(&proofs)).await?;
    cx.call().commit_with(tx);
    Ok(Json(Status { status: true }))
}
