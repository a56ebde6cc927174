//! `generateTOTP`: the code of a secret, for the program itself.

use auth_core::{
    Body, Cx, Json, Key, ServerOnly,
    endpoint::{Endpoint, internal},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{TwoFactor, totp};

pub const GENERATE_TOTP: Key<GenerateTotp, GeneratedTotp> = Key::new("generateTOTP");

pub(crate) fn endpoint() -> Endpoint {
    internal(GENERATE_TOTP, generate_totp).tag(super::SECOND_FACTOR).summary("The present code of a secret")
}

auth_core::errors! {
    pub enum GenerateTotpError {
        NoTotp => (400, "TOTP_NOT_CONFIGURED", "TOTP is not available"),
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct GenerateTotp {
    pub secret: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct GeneratedTotp {
    pub code: String,
}

async fn generate_totp(
    cx: Cx<TwoFactor>,
    _: ServerOnly,
    Body(input): Body<GenerateTotp>,
) -> Result<Json<GeneratedTotp>, GenerateTotpError> {
    if !cx.plugin().config.totp.enabled {
        return Err(GenerateTotpError::NoTotp);
    }
    let key = totp::key(&input.secret).ok_or(GenerateTotpError::NoTotp)?;
    Ok(Json(GeneratedTotp { code: totp::code(key, cx.now()) }))
}
