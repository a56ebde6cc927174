//! `setPassword`: gives a password to a signed-in user who has none. In process only.

use auth_core::{Body, Cx, Json, Key, ServerOnly, StrictSession, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

use super::Status;
use crate::EmailPassword;

auth_core::errors! {
    pub enum SetPasswordError {
        PasswordTooShort => (400, "PASSWORD_TOO_SHORT", "Password too short"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
        PasswordTooWeak => (400, "PASSWORD_TOO_WEAK", "Password breaks a rule"),
        AlreadySet => (400, "PASSWORD_ALREADY_SET", "User already has a password set"),
    }
}

pub const SET_PASSWORD: Key<SetPassword, Status> = Key::new("setPassword");

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SetPassword {
    #[serde(rename = "newPassword")]
    pub new_password: String,
}

pub async fn set_password(
    cx: Cx<EmailPassword>,
    _: ServerOnly,
    session: StrictSession,
    Body(input): Body<SetPassword>,
) -> Result<Json<Status>, SetPasswordError> {
    cx.check_new_password(&input.new_password)?;
    let hash = cx.passwords().hash(&input.new_password).await?;
    let tx = cx.begin().await?;
    let account = cx.accounts().find_credential(&tx, &session.user.id).await?;
    if account.is_some_and(|account| account.password.is_some()) {
        return Err(SetPasswordError::AlreadySet);
    }
    cx.accounts().set_password(&tx, &session.user.id, hash).await?;
    cx.call().commit_with(tx);
    Ok(Json(Status { status: true }))
}
