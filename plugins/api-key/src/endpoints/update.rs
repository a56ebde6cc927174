//! `POST /api-key/update`: what a key is called and good for. The key itself stays.

use auth_core::{
    Body, Caller, Cx, Event, Failure, Json, Key, StrictSession, Timestamp,
    access::Permissions,
    endpoint::{Endpoint, post},
    sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    ApiKey, ApiKeyView, Kind,
    input::{self, RuleError, Rules, sent, whole},
    keys::find_by_id,
    reach::{Reach, Right},
    schema::apikey::{ActiveModel, Column, Entity},
};

pub const UPDATE_API_KEY: Key<UpdateApiKey, ApiKeyView> = Key::new("updateApiKey");

pub(crate) fn endpoint() -> Endpoint {
    post(UPDATE_API_KEY, "/api-key/update", update_api_key).tag(super::KEYS).summary("Changes a key")
}

auth_core::errors! {
    pub enum UpdateError {
        NoSession => (401, "UNAUTHORIZED_SESSION", "Unauthorized or invalid session"),
        /// Somebody else's too.
        NotFound => (404, "KEY_NOT_FOUND", "API Key not found"),
        Nothing => (400, "NO_VALUES_TO_UPDATE", "No values to update."),
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::option_option, reason = "null takes something away")]
pub struct UpdateApiKey {
    /// The kind of key, as the configuration names it.
    pub config_id: Option<String>,
    pub key_id: String,
    /// Whose key it is, for the program.
    pub user_id: Option<String>,
    pub name: Option<String>,
    pub enabled: Option<bool>,
    /// An object, or null for none.
    #[serde(default, deserialize_with = "sent")]
    #[schemars(with = "Option<Value>", extend("x-nullable" = true))]
    pub metadata: Option<Option<Value>>,
    /// Seconds from now; null for ever.
    #[serde(default, deserialize_with = "sent")]
    #[schemars(with = "Option<f64>", range(min = 1), extend("x-nullable" = true))]
    pub expires_in: Option<Option<f64>>,
    /// Uses until the key is used up. From the program only, as all that follows.
    #[schemars(range(min = 1))]
    pub remaining: Option<f64>,
    pub refill_amount: Option<f64>,
    /// Milliseconds.
    pub refill_interval: Option<f64>,
    pub rate_limit_enabled: Option<bool>,
    /// Milliseconds.
    pub rate_limit_time_window: Option<f64>,
    pub rate_limit_max: Option<f64>,
    #[serde(default, deserialize_with = "sent")]
    #[schemars(with = "Option<Permissions>", extend("x-nullable" = true))]
    pub permissions: Option<Option<Permissions>>,
}

impl UpdateApiKey {
    fn takes_privileges(&self) -> bool {
        self.remaining.is_some()
            || self.refill_amount.is_some()
            || self.refill_interval.is_some()
            || self.rate_limit_enabled.is_some()
            || self.rate_limit_time_window.is_some()
            || self.rate_limit_max.is_some()
            || self.permissions.is_some()
    }
}

async fn update_api_key(
    cx: Cx<ApiKey>,
    reach: Reach,
    _: Rules,
    session: Option<StrictSession>,
    Body(input): Body<UpdateApiKey>,
) -> Result<Json<ApiKeyView>, UpdateError> {
    let by_client = cx.call().caller() == Caller::Client;
    let user = match (&session, &input.user_id) {
        (Some(session), Some(user)) if session.user.id != *user => return Err(UpdateError::NoSession),
        (Some(session), _) => session.user.id.clone(),
        (None, Some(user)) if !by_client => user.clone(),
        (None, _) => return Err(UpdateError::NoSession),
    };
    // The program on behalf of somebody who is signed in may not more than they.
    if (by_client || session.is_some()) && input.takes_privileges() {
        return Err(Failure::from(RuleError::ServerOnly).into());
    }
    let plugin = cx.plugin();
    let kind = plugin.kind(input.config_id.as_deref());
    let found = reach.key(plugin, kind, &input.key_id, &user, Right::Update).await?;
    let key = found.ok_or(UpdateError::NotFound)?;
    let changes = changes(kind, input, cx.now())?.ok_or(UpdateError::Nothing)?;
    let owned = Entity::update_many()
        .set(changes)
        .filter(Column::Id.eq(&key.id))
        .filter(Column::ReferenceId.eq(key.reference_id.as_str()));
    owned.exec(cx.db()).await?;
    plugin.memory.forget(&cx, &key);
    let mut changed = find_by_id(cx.db(), &key.id).await?.ok_or(UpdateError::NotFound)?;
    plugin.overlay(&mut changed);
    let data = json!({ "id": key.id, "userId": user });
    cx.events().publish(Event::Plugin { plugin: "api-key", name: "api_key.updated", data });
    Ok(Json(changed.into()))
}

/// The columns to write; `None` where nothing is to change.
fn changes(kind: &Kind, input: UpdateApiKey, now: Timestamp) -> Result<Option<ActiveModel>, UpdateError> {
    let (config, mut row) = (&kind.config, ActiveModel::default());
    if let Some(name) = input.name {
        if !config.name_length.fits(&name) {
            return Err(Failure::from(RuleError::Name).into());
        }
        row.name = Set(Some(name));
    }
    if let Some(enabled) = input.enabled {
        row.enabled = Set(Some(enabled));
    }
    if let Some(seconds) = input.expires_in {
        if !config.expiration.custom {
            return Err(Failure::from(RuleError::NoExpiration).into());
        }
        let life = seconds.map(|seconds| input::life(&config.expiration, seconds)).transpose()?;
        row.expires_at = Set(life.map(|life| now.plus(life)));
    }
    if let Some(metadata) = input.metadata.filter(|_| config.metadata) {
        row.metadata = Set(metadata.map(|value| input::metadata(config, &value)).transpose()?);
    }
    if let Some(remaining) = whole("remaining", input.remaining)? {
        row.remaining = Set(Some(remaining));
    }
    let amount = whole("refillAmount", input.refill_amount)?;
    let interval = whole("refillInterval", input.refill_interval)?;
    input::refill(amount.is_some(), interval.is_some())?;
    if amount.is_some() {
        (row.refill_amount, row.refill_interval) = (Set(amount), Set(interval));
    }
    if let Some(enabled) = input.rate_limit_enabled {
        row.rate_limit_enabled = Set(Some(enabled));
    }
    if let Some(window) = whole("rateLimitTimeWindow", input.rate_limit_time_window)? {
        row.rate_limit_time_window = Set(Some(window));
    }
    if let Some(max) = whole("rateLimitMax", input.rate_limit_max)? {
        row.rate_limit_max = Set(Some(max));
    }
    if let Some(permissions) = input.permissions {
        row.permissions = Set(permissions.as_ref().map(input::stored).transpose()?);
    }
    let nothing = row == ActiveModel::default();
    Ok((!nothing).then_some(row))
}
