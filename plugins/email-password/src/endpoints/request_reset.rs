//! `POST /request-password-reset`: the same answer whether or not the address is known.

use std::time::Duration;

use auth_core::{
    Body, Cx, Event, Failure, Json, Key,
    crypto::{Alphabet, encode_component},
    email,
    ports::Message,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::RESET_PREFIX;
use crate::EmailPassword;

pub const REQUEST_RESET: Key<RequestReset, RequestedReset> = Key::new("requestPasswordReset");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct RequestReset {
    #[schemars(extend("format" = "email"))]
    pub email: String,
    /// The page that asks for the new password; it gets `?token=`.
    #[serde(rename = "redirectTo")]
    pub redirect_to: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct RequestedReset {
    pub status: bool,
    pub message: String,
}

const MESSAGE: &str = "If this email exists in our system, check your email for the reset link";

pub async fn request_reset(
    cx: Cx<EmailPassword>,
    Body(input): Body<RequestReset>,
) -> Result<Json<RequestedReset>, Failure> {
    let address = email::normalize(&input.email);
    let user = cx.users().find_by_email(cx.db(), &address).await?;
    let token = cx.random(24, Alphabet::AlphaNumeric);
    let identifier = format!("{RESET_PREFIX}{token}");
    let life = Duration::from_secs(cx.plugin().config.reset_expires_in);
    let tx = cx.begin().await?;
    if let Some(user) = user {
        cx.verifications().create(&tx, identifier, user.id.as_str(), life).await?;
        let callback = encode_component(input.redirect_to.as_deref().unwrap_or_default());
        let url = format!("{}/reset-password/{token}?callbackURL={callback}", cx.settings().api_url());
        tx.mail(
            Message::new("reset-password", user.email.as_str(), user.name.as_str())
                .with("url", url)
                .with("token", token),
        );
        tx.tell(Event::PasswordResetRequested { user_id: user.id });
        tx.commit().await?;
    } else {
        // A row is written and thrown away, so that an unknown address takes as long.
        cx.verifications().create(&tx, identifier, "", life).await?;
        tx.rollback().await?;
    }
    Ok(Json(RequestedReset { status: true, message: MESSAGE.to_owned() }))
}
