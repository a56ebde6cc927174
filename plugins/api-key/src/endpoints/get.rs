//! `GET /api-key/get`: one of the caller's keys.

use auth_core::{
    Cx, Json, Key, Query, StrictSession,
    endpoint::{Endpoint, get},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    ApiKey, ApiKeyView,
    reach::{Reach, Right},
};

pub const GET_API_KEY: Key<(), ApiKeyView> = Key::new("getApiKey");

pub(crate) fn endpoint() -> Endpoint {
    get(GET_API_KEY, "/api-key/get", get_api_key).tag(super::KEYS).summary("One of the caller's keys")
}

auth_core::errors! {
    pub enum GetError {
        /// Somebody else's too.
        NotFound => (404, "KEY_NOT_FOUND", "API Key not found"),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetApiKey {
    /// The kind of key, as the configuration names it.
    pub config_id: Option<String>,
    pub id: String,
}

async fn get_api_key(
    cx: Cx<ApiKey>,
    reach: Reach,
    session: StrictSession,
    Query(input): Query<GetApiKey>,
) -> Result<Json<ApiKeyView>, GetError> {
    let plugin = cx.plugin();
    let kind = plugin.kind(input.config_id.as_deref());
    let key = reach.key(plugin, kind, &input.id, &session.user.id, Right::Read).await?;
    Ok(Json(key.ok_or(GetError::NotFound)?.into()))
}
