//! `POST /two-factor/get-totp-uri`: the authenticator app's address once more, for a further device.

use auth_core::{
    Body, Cx, Json, Key,
    endpoint::{Endpoint, post},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    TwoFactor, factor,
    owner::{Owner, PasswordGiven},
    totp,
};

pub const GET_TOTP_URI: Key<GetTotpUri, TotpUri> = Key::new("getTOTPURI");

pub(crate) fn endpoint() -> Endpoint {
    post(GET_TOTP_URI, "/two-factor/get-totp-uri", get_totp_uri)
        .tag(super::SECOND_FACTOR)
        .summary("The address for authenticator apps")
}

auth_core::errors! {
    pub enum TotpUriError {
        Unauthorized => (401, "UNAUTHORIZED", "Unauthorized"),
        NoTotp => (400, "TOTP_NOT_CONFIGURED", "TOTP is not available"),
        NoTotpYet => (400, "TOTP_NOT_ENABLED", "TOTP not enabled"),
        WrongPassword => (400, "INVALID_PASSWORD", "Invalid password"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
    }
}

#[derive(Deserialize, JsonSchema)]
pub struct GetTotpUri {
    pub password: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub struct TotpUri {
    #[serde(rename = "totpURI")]
    pub totp_uri: String,
}

async fn get_totp_uri(
    cx: Cx<TwoFactor>,
    Body(input): Body<GetTotpUri>,
    _: PasswordGiven,
) -> Result<Json<TotpUri>, TotpUriError> {
    let totp_uri = uri(&cx, input.password.as_deref(), None).await?;
    Ok(Json(TotpUri { totp_uri }))
}

/// The address of the caller's app, confirmed or not. Whose sign-in waits sees one that is not confirmed only.
pub(super) async fn uri(
    cx: &Cx<TwoFactor>,
    password: Option<&str>,
    issuer: Option<&str>,
) -> Result<String, TotpUriError> {
    let owner = Owner::of(cx).await?;
    if !cx.plugin().config.totp.enabled {
        return Err(TotpUriError::NoTotp);
    }
    let shown = |factor: &crate::schema::factor::Model| match owner {
        Owner::Session(_) => factor.has_secret(),
        Owner::Enrolling(_) => factor.has_secret() && !factor.is_verified(),
    };
    let found = factor::find(cx.db(), &owner.user().id).await?.filter(shown);
    let found = found.ok_or(TotpUriError::NoTotpYet)?;
    owner.prove(cx, password).await?;
    let key = totp::open(cx, &found.secret)?;
    Ok(totp::uri(owner.user(), &key, cx.plugin().issuer(cx, issuer))?)
}
