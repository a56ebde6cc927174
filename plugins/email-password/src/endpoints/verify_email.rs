//! `GET /verify-email`: redeems a mailed link.

use auth_core::{
    Cx, Event, Failure, Json, Key, Means, Query, Redirect, StrictSession, User,
    crypto::jwt::JwtError,
    endpoint::Either,
    http::StatusCode,
    model::UserPatch,
    origin::append_query,
    ports::{EmailLinks, LinkPurpose},
    schemars::JsonSchema,
    session::SessionOutcome,
};
use serde::{Deserialize, Serialize};

use crate::{
    EmailPassword,
    links::{self, Claims, Step},
};

auth_core::errors! {
    pub enum VerifyEmailError {
        InvalidToken => (401, "INVALID_TOKEN", "Invalid token"),
        Expired => (401, "TOKEN_EXPIRED", "Token expired"),
        NoUser => (401, "USER_NOT_FOUND", "User not found"),
        OtherUser => (401, "INVALID_USER", "Invalid user"),
        Callback => (403, "INVALID_CALLBACK_URL", "Invalid callbackURL"),
    }
}

pub const VERIFY_EMAIL: Key<(), VerifiedEmail> = Key::new("verifyEmail");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct VerifyEmail {
    pub token: String,
    /// Where the browser goes, with `?error=<code>` when the link does not work.
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub struct VerifiedEmail {
    pub status: bool,
    /// The user, when a change of address is complete.
    pub user: Option<User>,
}

type Answer = Either<Json<VerifiedEmail>, Redirect>;

pub async fn verify_email(
    cx: Cx<EmailPassword>,
    Query(input): Query<VerifyEmail>,
    session: Option<StrictSession>,
) -> Result<Answer, VerifyEmailError> {
    let callback = input.callback_url.as_deref().filter(|url| !url.is_empty());
    let settings = cx.settings();
    if let Some(callback) = callback
        && settings.checks.origin
        && !settings.origins.allows_target(callback)
    {
        return Err(VerifyEmailError::Callback);
    }
    match redeem(&cx, &input, session).await {
        Ok(user) => Ok(match callback {
            Some(callback) => Either::Second(Redirect(auth_core::origin::location(callback))),
            None => Either::First(Json(VerifiedEmail { status: true, user })),
        }),
        Err(error) => {
            let failure = Failure::from(error);
            match (callback, failure.code()) {
                (Some(callback), Some(code)) if failure.status() == StatusCode::UNAUTHORIZED => {
                    Ok(Either::Second(Redirect(append_query(callback, &[("error", code)]))))
                }
                _ => Err(failure.into()),
            }
        }
    }
}

async fn redeem(
    cx: &Cx<EmailPassword>,
    input: &VerifyEmail,
    session: Option<StrictSession>,
) -> Result<Option<User>, VerifyEmailError> {
    let claims = links::open(cx, &input.token).map_err(|error| match error {
        JwtError::Expired => VerifyEmailError::Expired,
        _ => VerifyEmailError::InvalidToken,
    })?;
    let user = cx.users().find_by_email(cx.db(), &claims.email).await?.ok_or(VerifyEmailError::NoUser)?;
    // A link is for the user that it was made for, not for whoever has the address now.
    if claims.user_id.as_ref().is_some_and(|id| *id != user.id) {
        return Err(VerifyEmailError::InvalidToken);
    }
    match claims.step {
        Step::Verify => verify(cx, user, session).await,
        Step::Confirm | Step::Change => change(cx, input, claims, user, session).await,
    }
}

async fn verify(
    cx: &Cx<EmailPassword>,
    user: User,
    session: Option<StrictSession>,
) -> Result<Option<User>, VerifyEmailError> {
    if user.email_verified {
        return Ok(None);
    }
    let tx = cx.begin().await?;
    let patch = UserPatch { email_verified: Some(true), ..UserPatch::default() };
    let user = cx.users().update(&tx, &user.id, patch).await?.ok_or(VerifyEmailError::NoUser)?;
    tx.tell(Event::EmailVerified { user_id: user.id.clone() });
    cx.call().commit_with(tx);
    if cx.plugin().config.auto_sign_in_after_verification {
        match session.filter(|session| session.user.id == user.id) {
            Some(session) => cx.call().reissue_session(session.session.as_ref().clone(), user),
            None => {
                cx.issue_session(&user, None, "verify-email", &[Means::EMAIL])?;
            }
        }
    }
    Ok(None)
}

async fn change(
    cx: &Cx<EmailPassword>,
    input: &VerifyEmail,
    claims: Claims,
    user: User,
    session: Option<StrictSession>,
) -> Result<Option<User>, VerifyEmailError> {
    let new_email = claims.update_to.ok_or(VerifyEmailError::InvalidToken)?;
    if session.as_ref().is_some_and(|session| session.user.id != user.id) {
        return Err(VerifyEmailError::OtherUser);
    }
    let tx = cx.begin().await?;
    if claims.step == Step::Confirm {
        if let Some(links) = cx.services().get::<dyn EmailLinks>() {
            let purpose = LinkPurpose::ChangeTo { new_email: &new_email };
            links.send(&tx, &user, purpose, input.callback_url.as_deref()).await?;
        }
        cx.call().commit_with(tx);
        return Ok(None);
    }
    let patch = UserPatch { email: Some(new_email), email_verified: Some(true), ..UserPatch::default() };
    let updated = match cx.users().update(&tx, &user.id, patch).await {
        Ok(updated) => updated.ok_or(VerifyEmailError::NoUser)?,
        // The address was taken since the letter was sent.
        Err(failure) if failure.is_duplicate() => return Err(VerifyEmailError::InvalidToken),
        Err(failure) => return Err(failure.into()),
    };
    tx.tell(Event::EmailVerified { user_id: updated.id.clone() });
    cx.call().commit_with(tx);
    if let Some(session) = session {
        cx.call().reissue_session(session.session.as_ref().clone(), updated.clone());
    } else {
        cx.call().set_session(SessionOutcome::Unchanged);
    }
    Ok(Some(updated))
}
