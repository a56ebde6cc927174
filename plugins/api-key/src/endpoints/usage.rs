//! `GET /api-key/usage`: how often a key was used, by day and endpoint. Better Auth has no such endpoint.

use auth_core::{
    Cx, Failure, Json, Key, Query, StrictSession,
    endpoint::{Endpoint, get},
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ApiKey,
    reach::{Reach, Right},
    schema::usage::{Column, Entity},
};

pub const API_KEY_USAGE: Key<(), KeyUsage> = Key::new("apiKeyUsage");

pub(crate) fn endpoint() -> Endpoint {
    get(API_KEY_USAGE, "/api-key/usage", usage).tag(super::KEYS).summary("How often a key was used")
}

auth_core::errors! {
    pub enum UsageError {
        /// Somebody else's too.
        NotFound => (404, "KEY_NOT_FOUND", "API Key not found"),
        NoDay => (400, "VALIDATION_ERROR", "[query] Invalid input: expected days such as 2026-01-31"),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetUsage {
    /// The kind of key, as the configuration names it.
    pub config_id: Option<String>,
    pub id: String,
    /// The first day, such as `2026-01-31`, in UTC.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
}

/// Uses in a time.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct KeyUsage {
    /// Of all lines.
    pub uses: i64,
    /// Uses that were refused: the key was disabled, expired, used up or not good for it.
    pub refused: i64,
    /// The newest day first.
    pub lines: Vec<UsageLine>,
}

/// Uses on a day.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct UsageLine {
    /// In UTC.
    pub day: String,
    /// The endpoint's id; `application` for routes of an application around the server.
    pub endpoint: String,
    pub uses: i64,
    pub refused: i64,
}

fn is_day(text: &str) -> bool {
    let is_right =
        |(at, byte): (usize, u8)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(is_right)
}

/// Far more than there are days and endpoints.
const LINES: u64 = 10_000;

async fn usage(
    cx: Cx<ApiKey>,
    reach: Reach,
    session: StrictSession,
    Query(input): Query<GetUsage>,
) -> Result<Json<KeyUsage>, UsageError> {
    if [&input.from, &input.to].into_iter().flatten().any(|text| !is_day(text)) {
        return Err(UsageError::NoDay);
    }
    let plugin = cx.plugin();
    let kind = plugin.kind(input.config_id.as_deref());
    let key = reach.key(plugin, kind, &input.id, &session.user.id, Right::Read).await?;
    let key = key.ok_or(UsageError::NotFound)?;
    plugin.usage.flush(&cx).await?;
    let mut query = Entity::find().filter(Column::KeyId.eq(key.id));
    if let Some(from) = input.from {
        query = query.filter(Column::Day.gte(from));
    }
    if let Some(to) = input.to {
        query = query.filter(Column::Day.lte(to));
    }
    let ordered = query.order_by_desc(Column::Day).order_by_asc(Column::Endpoint).limit(LINES);
    let rows = ordered.all(cx.db()).await.map_err(Failure::from)?;
    let lines: Vec<_> = rows
        .into_iter()
        .map(|row| UsageLine { day: row.day, endpoint: row.endpoint, uses: row.uses, refused: row.refused })
        .collect();
    let sum = |of: fn(&UsageLine) -> i64| lines.iter().map(of).sum();
    Ok(Json(KeyUsage { uses: sum(|line| line.uses), refused: sum(|line| line.refused), lines }))
}
