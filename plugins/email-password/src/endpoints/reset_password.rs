//! `POST /reset-password`: sets a new password with a mailed token, once.

use auth_core::{Body, Cx, Json, Key, Query, schemars::JsonSchema, store::Revoke};
use serde::Deserialize;

use super::{RESET_PREFIX, Status};
use crate::{EmailPassword, lockout::ResetOf};

auth_core::errors! {
    pub enum ResetPasswordError {
        InvalidToken => (400, "INVALID_TOKEN", "Invalid token"),
        PasswordTooShort => (400, "PASSWORD_TOO_SHORT", "Password too short"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
        PasswordTooWeak => (400, "PASSWORD_TOO_WEAK", "Password breaks a rule"),
        NoUser => (400, "USER_NOT_FOUND", "User not found"),
    }
}

pub const RESET_PASSWORD: Key<ResetPassword, Status> = Key::new("resetPassword");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct ResetPassword {
    #[serde(rename = "newPassword")]
    pub new_password: String,
    /// The mailed token, here or in the query.
    pub token: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub struct TokenQuery {
    pub token: Option<String>,
}

pub async fn reset_password(
    cx: Cx<EmailPassword>,
    Body(input): Body<ResetPassword>,
    Query(query): Query<TokenQuery>,
) -> Result<Json<Status>, ResetPasswordError> {
    let given = input.token.or(query.token).filter(|token| !token.is_empty());
    let token = given.ok_or(ResetPasswordError::InvalidToken)?;
    cx.check_new_password(&input.new_password)?;
    let identifier = format!("{RESET_PREFIX}{token}");
    // Guessed tokens are turned away before they cost a hash.
    if cx.verifications().peek(cx.db(), &identifier).await?.is_none() {
        return Err(ResetPasswordError::InvalidToken);
    }
    let hash = cx.passwords().hash(&input.new_password).await?;
    let tx = cx.begin().await?;
    let redeemed = cx.verifications().consume(&tx, &identifier).await?;
    let user_id = redeemed.ok_or(ResetPasswordError::InvalidToken)?.value;
    let user = cx.users().find(&tx, &user_id).await?.ok_or(ResetPasswordError::NoUser)?;
    cx.accounts().set_password(&tx, &user.id, hash).await?;
    // Older letters of the same user are worthless now.
    cx.verifications().remove(&tx, RESET_PREFIX, &user.id).await?;
    if cx.plugin().config.revoke_sessions_on_reset {
        cx.sessions().revoke(&tx, &user.id, Revoke::All).await?;
    }
    cx.call().note(ResetOf(user.email));
    cx.call().commit_with(tx);
    Ok(Json(Status { status: true }))
}
