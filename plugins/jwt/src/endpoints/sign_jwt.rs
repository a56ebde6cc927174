//! `signJWT`: a token with any claims, for the program itself.

use auth_core::{
    Body, Cx, Json, Key, ServerOnly,
    endpoint::{Endpoint, internal},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::token::Token;
use crate::{Jwt, span, token::Claims};

pub const SIGN_JWT: Key<SignJwt, Token> = Key::new("signJWT");

pub(crate) fn endpoint() -> Endpoint {
    internal(SIGN_JWT, sign_jwt).summary("Signs claims")
}

auth_core::errors! {
    pub(crate) enum SignJwtError {
        Expiration => (400, "INVALID_EXPIRATION_TIME", "Invalid expiration time"),
    }
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct SignJwt {
    /// The claims. `exp`, `iss` and `aud` are added where they are missing.
    pub payload: Claims,
    /// In place of the configuration, for this token.
    #[serde(rename = "overrideOptions", skip_serializing_if = "Option::is_none")]
    pub override_options: Option<Overrides>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Overrides {
    pub jwt: Option<JwtOverrides>,
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct JwtOverrides {
    pub issuer: Option<String>,
    /// One or many.
    pub audience: Option<Value>,
    /// A span such as `15m`, or the time itself in seconds.
    #[serde(rename = "expirationTime")]
    pub expiration_time: Option<Value>,
}

async fn sign_jwt(
    cx: Cx<Jwt>,
    _: ServerOnly,
    Body(input): Body<SignJwt>,
) -> Result<Json<Token>, SignJwtError> {
    let (core, config) = (cx.call().core(), &cx.plugin().config);
    let mut claims = input.payload;
    let given = input.override_options.and_then(|options| options.jwt).unwrap_or_default();
    let wanted = claims.get("exp").filter(|exp| !exp.is_null()).cloned();
    let expires = match (wanted, given.expiration_time) {
        (Some(Value::Number(at)), _) | (None, Some(Value::Number(at))) => at,
        (Some(_), _) => return Err(SignJwtError::Expiration),
        (None, span) => {
            let span = match span {
                None => i64::try_from(config.expires_in).ok(),
                Some(span) => span.as_str().and_then(span::seconds),
            };
            let from = claims.get("iat").and_then(Value::as_i64).unwrap_or_else(|| cx.now().unix_seconds());
            span.and_then(|span| from.checked_add(span)).map(Number::from).ok_or(SignJwtError::Expiration)?
        }
    };
    claims.insert("exp".to_owned(), expires.into());
    let is_missing = |claims: &Claims, name: &str| claims.get(name).is_none_or(Value::is_null);
    if is_missing(&claims, "iss") {
        let issuer = given.issuer.unwrap_or_else(|| config.issuer(core).to_owned());
        claims.insert("iss".to_owned(), issuer.into());
    }
    if is_missing(&claims, "aud") {
        claims.insert("aud".to_owned(), given.audience.unwrap_or_else(|| config.audience(core)));
    }
    let token = cx.plugin().sign(core, &claims).await?;
    Ok(Json(Token { token }))
}
