//! `POST /token/revoke`: takes one token back. Whoever holds it may.

use auth_core::{
    Body, Cx, Json, Key, Timestamp,
    endpoint::{Endpoint, post},
    ports::Concern,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Jwt, token::Claims};

pub const REVOKE_TOKEN: Key<RevokeToken, Revoked> = Key::new("revokeToken");

pub(crate) fn endpoint() -> Endpoint {
    post(REVOKE_TOKEN, "/token/revoke", revoke).no_store().summary("Takes a signed token back")
}

auth_core::errors! {
    pub(crate) enum RevokeTokenError {
        Nameless => (400, "TOKEN_NOT_REVOCABLE", "This token has no jti, so it cannot be revoked"),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
pub struct RevokeToken {
    /// A JWT of this server.
    pub token: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Revoked {
    pub success: bool,
}

/// A token that does not count anyway is a success that does nothing: the answer tells nothing about
/// it.
async fn revoke(cx: Cx<Jwt>, Body(input): Body<RevokeToken>) -> Result<Json<Revoked>, RevokeTokenError> {
    let (core, plugin) = (cx.call().core(), cx.plugin());
    if let Some(claims) = plugin.verify(core, &input.token, None).await? {
        let jti = claims.get("jti").and_then(Value::as_str).ok_or(RevokeTokenError::Nameless)?;
        let until = end(&claims).plus_seconds(plugin.config.leeway.into());
        let subject = claims.get("sub").and_then(Value::as_str);
        let concern = subject.map_or(Concern::Anybody, |id| Concern::User(id.to_owned()));
        plugin.revoked.revoke_token(core, jti, until, &concern).await?;
    }
    Ok(Json(Revoked { success: true }))
}

/// `exp` of a token that was found to be good, rounded up.
fn end(claims: &Claims) -> Timestamp {
    let seconds = claims.get("exp").and_then(Value::as_f64).unwrap_or_default().ceil();
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a float that is too large becomes the largest integer"
    )]
    let millis = (seconds as i64).saturating_mul(1000);
    Timestamp::from_unix_millis(millis)
}
