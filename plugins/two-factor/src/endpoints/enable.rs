//! `POST /two-factor/enable`: sets an authenticator app up, or turns codes by mail on.

use auth_core::{
    Body, Cx, Json, Key,
    endpoint::{Endpoint, Tag, post},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    TwoFactor, backup, factor,
    owner::{Owner, PasswordGiven, Proved},
    switch::{self, Switch},
    totp,
};

pub const ENABLE: Key<Enable, Enabling> = Key::new("enableTwoFactor");

pub(crate) fn endpoint() -> Endpoint {
    post(ENABLE, "/two-factor/enable", enable)
        .tag(super::SECOND_FACTOR)
        .tag(Tag::ISSUES_SESSION)
        .summary("Sets a second factor up")
}

auth_core::errors! {
    pub enum EnableError {
        Unauthorized => (401, "UNAUTHORIZED", "Unauthorized"),
        WrongPassword => (400, "INVALID_PASSWORD", "Invalid password"),
        PasswordTooLong => (400, "PASSWORD_TOO_LONG", "Password too long"),
        NotFresh => (403, "SESSION_NOT_FRESH", "Session is not fresh"),
        NoTotp => (400, "TOTP_NOT_CONFIGURED", "TOTP is not available"),
        NoOtp => (400, "OTP_NOT_CONFIGURED", "OTP is not available"),
        Already => (400, "TOTP_ALREADY_ENABLED", "TOTP is already enabled"),
    }
}

#[derive(Deserialize, JsonSchema)]
pub struct Enable {
    /// The user's. A sign-in that waits for this needs none.
    pub password: Option<String>,
    /// `totp` where it is left out.
    pub method: Option<Method>,
    /// The name in the authenticator app.
    #[schemars(length(max = 200))]
    pub issuer: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    Otp,
    Totp,
}

/// What the user needs for the next step.
#[derive(Serialize, JsonSchema)]
pub struct Enabling {
    pub method: Method,
    /// For the authenticator app. The factor counts once a code was verified.
    #[serde(rename = "totpURI", skip_serializing_if = "Option::is_none")]
    pub totp_uri: Option<String>,
    /// To be kept by the user; they are shown once.
    #[serde(rename = "backupCodes", skip_serializing_if = "Option::is_none")]
    pub backup_codes: Option<Vec<String>>,
}

async fn enable(
    cx: Cx<TwoFactor>,
    Body(input): Body<Enable>,
    _: PasswordGiven,
) -> Result<Json<Enabling>, EnableError> {
    let owner = Owner::of(&cx).await?;
    let plugin = cx.plugin();
    let proved = owner.prove(&cx, input.password.as_deref()).await?;
    owner.check_fresh(&cx)?;
    if input.method == Some(Method::Otp) {
        return with_otp(&cx, &owner, proved).await;
    }
    if !plugin.config.totp.enabled {
        return Err(EnableError::NoTotp);
    }
    let (secret, codes) = (totp::new_secret(&cx), backup::make(plugin, &cx)?);
    let key = totp::key(&secret).ok_or(EnableError::NoTotp)?;
    let user = owner.user();
    let tx = cx.begin().await?;
    if !factor::set_secret(&tx, &user.id, totp::seal(&cx, &secret), codes.stored).await? {
        return Err(EnableError::Already);
    }
    cx.call().commit_with(tx);
    let totp_uri = Some(totp::uri(user, &key, plugin.issuer(&cx, input.issuer.as_deref()))?);
    Ok(Json(Enabling { method: Method::Totp, totp_uri, backup_codes: Some(codes.codes) }))
}

/// A session turns codes by mail on at once. Who enrols proves first that they arrive.
async fn with_otp(cx: &Cx<TwoFactor>, owner: &Owner, proved: Proved) -> Result<Json<Enabling>, EnableError> {
    if !cx.plugin().config.otp.enabled {
        return Err(EnableError::NoOtp);
    }
    if let Owner::Session(identity) = owner {
        let tx = cx.begin().await?;
        switch::of_session(cx, &tx, identity, Switch::On(proved)).await?;
        cx.call().commit_with(tx);
    }
    Ok(Json(Enabling { method: Method::Otp, totp_uri: None, backup_codes: None }))
}
