//! A key as its owner sees it: everything but the key.

use auth_core::{Timestamp, access::Permissions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::schema::apikey::Model;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyView {
    pub id: String,
    pub config_id: String,
    pub name: Option<String>,
    /// The first letters of the key, the prefix included.
    pub start: Option<String>,
    /// The user that the key belongs to.
    pub reference_id: String,
    pub prefix: Option<String>,
    /// Milliseconds after which `remaining` becomes `refillAmount` again.
    pub refill_interval: Option<i32>,
    pub refill_amount: Option<i32>,
    pub last_refill_at: Option<Timestamp>,
    pub enabled: Option<bool>,
    pub rate_limit_enabled: Option<bool>,
    /// Milliseconds.
    pub rate_limit_time_window: Option<i32>,
    /// Uses in the window.
    pub rate_limit_max: Option<i32>,
    /// Uses in the present window.
    pub request_count: Option<i32>,
    /// Uses that are left; null for any number.
    pub remaining: Option<i32>,
    pub last_request: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// What the key may do; null for nothing.
    pub permissions: Option<Permissions>,
    pub metadata: Option<Value>,
}

/// Stored JSON. Earlier versions of Better Auth wrote it twice over.
fn parse(text: &str) -> Option<Value> {
    match serde_json::from_str(text).ok()? {
        Value::Null => None,
        Value::String(inner) => serde_json::from_str(&inner).ok(),
        value => Some(value),
    }
}

/// What a key may do. Permissions that cannot be read are none.
pub(crate) fn permissions(key: &Model) -> Option<Permissions> {
    serde_json::from_value(parse(key.permissions.as_deref()?)?).ok()
}

impl From<Model> for ApiKeyView {
    fn from(key: Model) -> Self {
        Self {
            permissions: permissions(&key),
            metadata: key.metadata.as_deref().and_then(parse),
            id: key.id,
            config_id: key.config_id,
            name: key.name,
            start: key.start,
            reference_id: key.reference_id,
            prefix: key.prefix,
            refill_interval: key.refill_interval,
            refill_amount: key.refill_amount,
            last_refill_at: key.last_refill_at,
            enabled: key.enabled,
            rate_limit_enabled: key.rate_limit_enabled,
            rate_limit_time_window: key.rate_limit_time_window,
            rate_limit_max: key.rate_limit_max,
            request_count: key.request_count,
            remaining: key.remaining,
            last_request: key.last_request,
            expires_at: key.expires_at,
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}
