//! `POST /change-email`: begins a change of address. The answer does not tell whether the new
//! address has an account.

use auth_core::{
    Body, Cx, Failure, Json, Key, StrictSession, email,
    http::StatusCode,
    ports::{EmailLinks, LinkPurpose},
    schemars::JsonSchema,
};
use serde::Deserialize;

use super::Status;
use crate::AccountPlugin;

auth_core::errors! {
    pub enum ChangeEmailError {
        Disabled => (400, "CHANGE_EMAIL_DISABLED", "Change email is disabled"),
    }
}

pub const CHANGE_EMAIL: Key<ChangeEmail, Status> = Key::new("changeEmail");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct ChangeEmail {
    #[serde(rename = "newEmail")]
    #[schemars(extend("format" = "email"))]
    pub new_email: String,
    /// Where the mailed link leads.
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
}

pub async fn change_email(
    cx: Cx<AccountPlugin>,
    session: StrictSession,
    Body(input): Body<ChangeEmail>,
) -> Result<Json<Status>, ChangeEmailError> {
    let config = &cx.plugin().config;
    if !config.change_email {
        return Err(ChangeEmailError::Disabled);
    }
    let new_email = email::normalize(&input.new_email);
    if new_email == session.user.email {
        return Err(Failure::uncoded(StatusCode::BAD_REQUEST, "Email is the same").into());
    }
    let links = cx.services().get::<dyn EmailLinks>();
    let links =
        links.ok_or_else(|| Failure::uncoded(StatusCode::BAD_REQUEST, "Verification email isn't enabled"))?;
    if cx.users().find_by_email(cx.db(), &new_email).await?.is_none() {
        let purpose = if session.user.email_verified && config.confirm_change_email {
            LinkPurpose::ConfirmChange { new_email: &new_email }
        } else {
            LinkPurpose::ChangeTo { new_email: &new_email }
        };
        let tx = cx.begin().await?;
        links.send(&tx, &session.user, purpose, input.callback_url.as_deref()).await?;
        cx.call().commit_with(tx);
    }
    Ok(Json(Status { status: true }))
}
