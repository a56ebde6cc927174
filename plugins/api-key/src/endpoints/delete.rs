//! `POST /api-key/delete`: a key that is no good any more, from now on.

use auth_core::{
    Body, Cx, Event, Json, Key, StrictSession,
    endpoint::{Endpoint, post},
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::Success;
use crate::{
    ApiKey,
    reach::{Reach, Right},
    schema::apikey::{Column, Entity},
    source::is_banned,
};

pub const DELETE_API_KEY: Key<DeleteApiKey, Success> = Key::new("deleteApiKey");

pub(crate) fn endpoint() -> Endpoint {
    post(DELETE_API_KEY, "/api-key/delete", delete_api_key).tag(super::KEYS).summary("Deletes a key")
}

auth_core::errors! {
    pub enum DeleteError {
        Banned => (401, "USER_BANNED", "User is banned"),
        /// Somebody else's too.
        NotFound => (404, "KEY_NOT_FOUND", "API Key not found"),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeleteApiKey {
    /// The kind of key, as the configuration names it.
    pub config_id: Option<String>,
    pub key_id: String,
}

async fn delete_api_key(
    cx: Cx<ApiKey>,
    reach: Reach,
    session: StrictSession,
    Body(input): Body<DeleteApiKey>,
) -> Result<Json<Success>, DeleteError> {
    if is_banned(&session.user, cx.now()) {
        return Err(DeleteError::Banned);
    }
    let (plugin, user) = (cx.plugin(), session.user.id.as_str());
    let kind = plugin.kind(input.config_id.as_deref());
    let found = reach.key(plugin, kind, &input.key_id, user, Right::Delete).await?;
    let key = found.ok_or(DeleteError::NotFound)?;
    let owned = Entity::delete_many()
        .filter(Column::Id.eq(&key.id))
        .filter(Column::ReferenceId.eq(key.reference_id.as_str()));
    let gone = owned.exec(cx.db()).await?.rows_affected == 1;
    plugin.memory.forget(&cx, &key);
    if !gone {
        return Err(DeleteError::NotFound);
    }
    let data = json!({ "id": key.id, "userId": user });
    cx.events().publish(Event::Plugin { plugin: "api-key", name: "api_key.deleted", data });
    Ok(Json(Success { success: true }))
}
