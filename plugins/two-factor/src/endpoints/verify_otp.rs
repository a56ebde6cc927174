//! `POST /two-factor/verify-otp`: a code that was sent.

use auth_core::{
    Body, Cx, Json, Key,
    crypto::constant_time_eq,
    endpoint::{Endpoint, Tag, post},
    session::SessionOutcome,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    TwoFactor,
    answer::{Answerer, Verified},
    challenge,
    error::VerifyError,
    factor, otp,
    owner::check_fresh,
    schema::Enabled,
};

pub const VERIFY_OTP: Key<VerifyOtp, Verified> = Key::new("verifyTwoFactorOTP");

pub(crate) fn endpoint() -> Endpoint {
    post(VERIFY_OTP, "/two-factor/verify-otp", verify_otp)
        .tag(super::SECOND_FACTOR)
        .tag(Tag::ISSUES_SESSION)
        .summary("Verifies a code that was sent")
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyOtp {
    pub code: String,
    /// Does not ask on this device again.
    pub trust_device: Option<bool>,
}

async fn verify_otp(cx: Cx<TwoFactor>, Body(input): Body<VerifyOtp>) -> Result<Json<Verified>, VerifyError> {
    let answerer = Answerer::of(&cx).await?;
    let config = &cx.plugin().config;
    if let Answerer::Session(identity) = &answerer
        && !identity.user.ext::<Enabled>().two_factor
    {
        check_fresh(&cx, identity)?;
    }
    let found = factor::find(cx.db(), &answerer.user().id).await?;
    answerer.check_room(&cx, found.as_ref()).await?;
    let row = answerer.row(&cx).await?;
    let live = row.otp_expires_at.is_some_and(|until| until > cx.now());
    let Some(hash) = row.otp.as_deref().filter(|_| live) else { return Err(VerifyError::Expired) };
    if !constant_time_eq(row.hash(&cx, &input.code).as_bytes(), hash.as_bytes()) {
        if !challenge::count_code_attempt(&cx, &row, config.otp.attempts).await? {
            return Err(VerifyError::TooMany);
        }
        return Err(answerer.refuse_sent(&cx, found.as_ref()).await?);
    }
    let tx = cx.begin().await?;
    if !challenge::take_code(&tx, &row, config.otp.attempts).await? {
        // It was right once, or tried too often meanwhile.
        return Err(VerifyError::Expired);
    }
    answerer.pass(&cx, &tx, found.as_ref()).await?;
    let means = otp::means(&row);
    let verified = answerer.finish(&cx, tx, means, input.trust_device == Some(true)).await?;
    // Where this turned the factor on, upstream shows what is new; after a code of an app, what was before.
    Ok(Json(match cx.call().session_outcome() {
        SessionOutcome::Issued(now) => Verified { token: Some(now.session.token), user: now.user },
        _ => verified,
    }))
}
