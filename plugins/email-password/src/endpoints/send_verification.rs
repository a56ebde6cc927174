//! `POST /send-verification-email`.

use std::time::Duration;

use auth_core::{
    Body, Cx, Failure, Json, Key, Session, email,
    ports::{EmailLinks, LinkPurpose},
    schemars::JsonSchema,
};
use serde::Deserialize;

use super::Status;
use crate::EmailPassword;

auth_core::errors! {
    pub enum SendVerificationError {
        Mismatch => (400, "EMAIL_MISMATCH", "Email mismatch"),
        AlreadyVerified => (400, "EMAIL_ALREADY_VERIFIED", "Email is already verified"),
    }
}

pub const SEND_VERIFICATION: Key<SendVerification, Status> = Key::new("sendVerificationEmail");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct SendVerification {
    #[schemars(extend("format" = "email"))]
    pub email: String,
    /// Where the link leads.
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
}

/// What an answer to somebody who is not signed in takes at least, so that its time tells nothing.
const FLOOR: Duration = Duration::from_millis(500);

pub async fn send_verification(
    cx: Cx<EmailPassword>,
    Body(input): Body<SendVerification>,
    session: Option<Session>,
) -> Result<Json<Status>, SendVerificationError> {
    let callback = input.callback_url.as_deref();
    let address = email::normalize(&input.email);
    if let Some(session) = session {
        if session.user.email != address {
            return Err(SendVerificationError::Mismatch);
        }
        if session.user.email_verified {
            return Err(SendVerificationError::AlreadyVerified);
        }
        send(&cx, &session.user, callback).await?;
    } else {
        let (sent, ()) = tokio::join!(send_to_stranger(&cx, &address, callback), tokio::time::sleep(FLOOR));
        sent?;
    }
    Ok(Json(Status { status: true }))
}

async fn send(cx: &Cx<EmailPassword>, user: &auth_core::User, callback: Option<&str>) -> Result<(), Failure> {
    let Some(links) = cx.services().get::<dyn EmailLinks>() else { return Ok(()) };
    let tx = cx.begin().await?;
    links.send(&tx, user, LinkPurpose::Verify, callback).await?;
    Ok(tx.commit().await?)
}

async fn send_to_stranger(
    cx: &Cx<EmailPassword>,
    address: &str,
    callback: Option<&str>,
) -> Result<(), Failure> {
    match cx.users().find_by_email(cx.db(), address).await? {
        Some(user) if !user.email_verified => send(cx, &user, callback).await,
        _ => Ok(()),
    }
}
