//! `verifyApiKey`: whether a key is good, for the program. It counts as a use.

use auth_core::{
    Body, Cx, Failure, Json, Key, ServerOnly,
    access::Permissions,
    endpoint::{Endpoint, internal},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ApiKey, ApiKeyView, check::Wanted};

pub const VERIFY_API_KEY: Key<VerifyApiKey, Verified> = Key::new("verifyApiKey");

pub(crate) fn endpoint() -> Endpoint {
    internal(VERIFY_API_KEY, verify_api_key).summary("Checks a key and counts a use")
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyApiKey {
    /// The kind that the key has to be of; any where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_id: Option<String>,
    pub key: String,
    /// What the key has to be good for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Permissions>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Verified {
    pub valid: bool,
    /// `{message, code, details?}`, where it is not.
    pub error: Option<Value>,
    pub key: Option<ApiKeyView>,
}

/// Refusals are answers. What fails here is the server: nobody knows then whether the key is good.
async fn verify_api_key(
    cx: Cx<ApiKey>,
    _: ServerOnly,
    Body(input): Body<VerifyApiKey>,
) -> Result<Json<Verified>, Failure> {
    let plugin = cx.plugin();
    let kind = input.config_id.as_deref();
    let wanted = Wanted { kind, permissions: input.permissions.as_ref() };
    Ok(Json(match plugin.use_key(&cx, &input.key, wanted, VERIFY_API_KEY.id()).await? {
        Ok(key) => Verified { valid: true, error: None, key: Some(key.into()) },
        Err(refusal) => Verified { valid: false, error: Failure::from(refusal).body(), key: None },
    }))
}
