//! `POST /two-factor/send-otp`: sends a code to the user.

use auth_core::{
    Body, Cx, Json, Key,
    endpoint::{Endpoint, post},
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Status;
use crate::{TwoFactor, answer::Answerer, error::VerifyError, otp};

pub const SEND_OTP: Key<SendOtp, Status> = Key::new("sendTwoFactorOTP");

pub(crate) fn endpoint() -> Endpoint {
    post(SEND_OTP, "/two-factor/send-otp", send_otp)
        .tag(super::SECOND_FACTOR)
        .summary("Sends a code by mail, or by text to a verified number")
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendOtp {
    /// Nothing comes of it here: say it when the code is verified.
    pub trust_device: Option<bool>,
}

async fn send_otp(cx: Cx<TwoFactor>, _: Option<Body<SendOtp>>) -> Result<Json<Status>, VerifyError> {
    if !cx.plugin().config.otp.enabled {
        return Err(VerifyError::NoOtp);
    }
    let answerer = Answerer::of(&cx).await?;
    let row = answerer.row(&cx).await?;
    otp::send(&cx, &row, answerer.user()).await?;
    Ok(Json(Status { status: true }))
}
