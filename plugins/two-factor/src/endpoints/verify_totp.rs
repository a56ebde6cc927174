//! `POST /two-factor/verify-totp`: a code of the authenticator app. It ends a sign-in that waits, confirms an
//! app that was just set up, or proves more in a session.

use auth_core::{
    Body, Cx, Json, Key, Means,
    endpoint::{Endpoint, Tag, post},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    TwoFactor,
    answer::{Answerer, Verified},
    error::VerifyError,
    factor, totp,
};

pub const VERIFY_TOTP: Key<VerifyTotp, Verified> = Key::new("verifyTOTP");

pub(crate) fn endpoint() -> Endpoint {
    post(VERIFY_TOTP, "/two-factor/verify-totp", verify_totp)
        .tag(super::SECOND_FACTOR)
        .tag(Tag::ISSUES_SESSION)
        .summary("Verifies a code of an authenticator app")
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyTotp {
    pub code: String,
    /// Does not ask on this device again.
    pub trust_device: Option<bool>,
}

async fn verify_totp(
    cx: Cx<TwoFactor>,
    Body(input): Body<VerifyTotp>,
) -> Result<Json<Verified>, VerifyError> {
    let answerer = Answerer::of(&cx).await?;
    let config = cx.plugin().config.totp;
    if !config.enabled {
        return Err(VerifyError::NoTotp);
    }
    let found = factor::find(cx.db(), &answerer.user().id).await?;
    let found = found.filter(|found| answerer.accepts(found)).ok_or(VerifyError::NoTotpYet)?;
    answerer.check_room(&cx, Some(&found)).await?;
    let refuse = async || match answerer.refuse(&cx, Some(&found), VerifyError::Wrong).await {
        Ok(error) => error,
        Err(failure) => failure.into(),
    };
    let key = totp::open(&cx, &found.secret)?;
    let Some(step) = totp::step_of(key, &input.code, cx.now()) else { return Err(refuse().await) };
    let tx = cx.begin().await?;
    answerer.pass(&cx, &tx, Some(&found)).await?;
    if !factor::use_step(&tx, &found, step, config.single_use).await? {
        tx.rollback().await?;
        return Err(refuse().await);
    }
    Ok(Json(answerer.finish(&cx, tx, Means::OTP, input.trust_device == Some(true)).await?))
}
