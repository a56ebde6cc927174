//! `POST /api-key/rotate`: a new text for a key, whose rights, limits and counts stay. The old text stays
//! good for a while, so that programs change over without a gap. Better Auth has no such endpoint.

use auth_core::{
    Body, Cx, Event, Failure, Json, Key, StrictSession, Timestamp,
    endpoint::{Endpoint, post},
    sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    ApiKey, ApiKeyView,
    keys::{Fresh, find_by_id},
    reach::{Reach, Right},
    schema::apikey::{ActiveModel, Column, Entity},
};

pub const ROTATE_API_KEY: Key<RotateApiKey, RotatedApiKey> = Key::new("rotateApiKey");

pub(crate) fn endpoint() -> Endpoint {
    post(ROTATE_API_KEY, "/api-key/rotate", rotate_api_key)
        .tag(super::KEYS)
        .summary("Gives a key a new text; the old one stays good for a while")
        .no_store()
}

auth_core::errors! {
    pub enum RotateError {
        /// Somebody else's too.
        NotFound => (404, "KEY_NOT_FOUND", "API Key not found"),
        Overlap => (400, "INVALID_OVERLAP", "The overlap is longer than it may be."),
        /// A request that was sent twice must not end the text that its first answer had.
        Running => (
            409,
            "ROTATION_RUNNING",
            "The text before the last rotation is still good. With `again` the newest text is replaced."
        ),
        Meanwhile => (409, "ROTATED_MEANWHILE", "Somebody else has rotated the key."),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotateApiKey {
    /// The kind of key, as the configuration names it.
    pub config_id: Option<String>,
    pub key_id: String,
    /// Seconds that the old text stays good; 0 for none.
    pub overlap: Option<u32>,
    /// The answer of the last rotation was lost: its text ends at once, and the one before it stays good as
    /// long as it was.
    #[serde(default)]
    pub again: bool,
}

/// A key with its new text.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedApiKey {
    /// The new text. It cannot be shown again.
    pub key: String,
    /// The last moment of the old one.
    pub previous_key_until: Option<Timestamp>,
    #[serde(flatten)]
    pub api_key: ApiKeyView,
}

async fn rotate_api_key(
    cx: Cx<ApiKey>,
    reach: Reach,
    session: StrictSession,
    Body(input): Body<RotateApiKey>,
) -> Result<Json<RotatedApiKey>, RotateError> {
    let (plugin, now) = (cx.plugin(), cx.now());
    let kind = plugin.kind(input.config_id.as_deref());
    let rules = kind.config.rotation;
    let overlap = input.overlap.unwrap_or(rules.overlap);
    if overlap > rules.max_overlap {
        return Err(RotateError::Overlap);
    }
    let found = reach.key(plugin, kind, &input.key_id, &session.user.id, Right::Update).await?;
    let key = found.ok_or(RotateError::NotFound)?;
    let running = key.previous_key_until.is_some_and(|until| now <= until);
    if running && !input.again {
        return Err(RotateError::Running);
    }
    let fresh = Fresh::make(&cx, kind, key.prefix.as_deref());
    let mut row = ActiveModel { key: Set(fresh.hash.clone()), start: Set(fresh.start), ..Default::default() };
    if !running {
        let old = (overlap > 0).then(|| (key.key.clone(), now.plus_seconds(overlap.into())));
        let (hash, until) = old.unzip();
        (row.previous_key, row.previous_key_until) = (Set(hash), Set(until));
    }
    // Of several at once one finds the text that it has seen.
    let same = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(&key.id))
        .filter(Column::ReferenceId.eq(key.reference_id.as_str()))
        .filter(Column::Key.eq(key.key.as_str()));
    let changed = same.exec(cx.db()).await?.rows_affected == 1;
    plugin.memory.forget(&cx, &key);
    if !changed {
        return Err(RotateError::Meanwhile);
    }
    plugin.memory.welcome(&cx, &fresh.hash);
    let row = find_by_id(cx.db(), &key.id).await?.ok_or_else(|| Failure::from(RotateError::NotFound))?;
    let data = json!({ "id": row.id, "userId": session.user.id });
    cx.events().publish(Event::Plugin { plugin: "api-key", name: "api_key.rotated", data });
    let previous_key_until = row.previous_key_until;
    Ok(Json(RotatedApiKey { key: fresh.text, previous_key_until, api_key: row.into() }))
}
