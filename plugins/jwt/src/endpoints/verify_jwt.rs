//! `verifyJWT`: what a token says, if it counts; for the program itself.

use auth_core::{
    Body, Cx, Failure, Json, Key, ServerOnly,
    endpoint::{Endpoint, internal},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{Jwt, token::Claims};

pub const VERIFY_JWT: Key<VerifyJwt, Verified> = Key::new("verifyJWT");

pub(crate) fn endpoint() -> Endpoint {
    internal(VERIFY_JWT, verify_jwt).summary("Checks a token")
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct VerifyJwt {
    pub token: String,
    /// The issuer that is wanted, in place of the configuration's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Verified {
    /// The claims; null for a token that does not count, whatever is wrong with it.
    pub payload: Option<Claims>,
}

async fn verify_jwt(
    cx: Cx<Jwt>,
    _: ServerOnly,
    Body(input): Body<VerifyJwt>,
) -> Result<Json<Verified>, Failure> {
    let issuer = input.issuer.as_deref().filter(|issuer| !issuer.is_empty());
    let payload = cx.plugin().verify(cx.call().core(), &input.token, issuer).await?;
    Ok(Json(Verified { payload }))
}
