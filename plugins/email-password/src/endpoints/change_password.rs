//! `POST /change-password`.

use auth_core::{Body, Cx, Json, Key, Means, StrictSession, User, schemars::JsonSchema, store::Revoke};
use serde::{Deserialize, Serialize};

use crate::EmailPassword;

auth_core::errors! {
    pub enum ChangePasswordError {
        PasswordTooShort => (400, "PASSWORD_TOO_SHORT", "Password too short"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
        PasswordTooWeak => (400, "PASSWORD_TOO_WEAK", "Password breaks a rule"),
        NoPassword => (400, "CREDENTIAL_ACCOUNT_NOT_FOUND", "Credential account not found"),
        Wrong => (400, "INVALID_PASSWORD", "Invalid password"),
    }
}

pub const CHANGE_PASSWORD: Key<ChangePassword, ChangedPassword> = Key::new("changePassword");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct ChangePassword {
    #[serde(rename = "newPassword")]
    pub new_password: String,
    #[serde(rename = "currentPassword")]
    pub current_password: String,
    /// Ends every session, and begins a new one here.
    #[serde(rename = "revokeOtherSessions")]
    pub revoke_other_sessions: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
pub struct ChangedPassword {
    /// The new session's token, where sessions were ended.
    pub token: Option<String>,
    pub user: User,
}

pub async fn change_password(
    cx: Cx<EmailPassword>,
    session: StrictSession,
    Body(input): Body<ChangePassword>,
) -> Result<Json<ChangedPassword>, ChangePasswordError> {
    cx.check_new_password(&input.new_password)?;
    cx.check_given_password(&input.current_password)?;
    let user = session.user.as_ref().clone();
    match cx.call().core().verify_password(&user.id, &input.current_password).await? {
        Some(true) => {}
        Some(false) => return Err(ChangePasswordError::Wrong),
        None => return Err(ChangePasswordError::NoPassword),
    }
    let hash = cx.passwords().hash(&input.new_password).await?;
    let tx = cx.begin().await?;
    cx.accounts().set_password(&tx, &user.id, hash).await?;
    let token = if input.revoke_other_sessions == Some(true) {
        cx.sessions().revoke(&tx, &user.id, Revoke::All).await?;
        Some(cx.call().succeed_session(&session, &user, "change-password", &[Means::PASSWORD])?)
    } else {
        None
    };
    cx.call().commit_with(tx);
    Ok(Json(ChangedPassword { token, user }))
}
