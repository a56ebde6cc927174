//! `GET /api-key/list`: the caller's keys, in pages.

use auth_core::{
    Cx, Failure, Json, Key, Query, StrictSession,
    endpoint::{Endpoint, get},
    sea_orm::{
        ColumnTrait, Condition, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ApiKey, ApiKeyView,
    config::DEFAULT,
    reach::{Reach, Right},
    schema::apikey::{Column, Entity},
};

pub const LIST_API_KEYS: Key<(), ApiKeys> = Key::new("listApiKeys");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_API_KEYS, "/api-key/list", list_api_keys).tag(super::KEYS).summary("The caller's keys")
}

auth_core::errors! {
    pub enum ListError {
        UnknownColumn => (400, "VALIDATION_ERROR", "[query.sortBy] Invalid input: there is no such field"),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListApiKeys {
    /// Keys of this kind only.
    pub config_id: Option<String>,
    /// Keys of this organization and not the caller's own.
    pub organization_id: Option<String>,
    #[schemars(extend("maximum" = 9_007_199_254_740_991_u64))]
    pub limit: Option<u64>,
    #[schemars(extend("maximum" = 9_007_199_254_740_991_u64))]
    pub offset: Option<u64>,
    /// A field of keys, such as `name`.
    pub sort_by: Option<String>,
    pub sort_direction: Option<Direction>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Asc,
    Desc,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeys {
    pub api_keys: Vec<ApiKeyView>,
    /// On all pages.
    pub total: u64,
    /// As it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
}

/// What keys can be sorted by: what is shown of them.
fn column(name: &str) -> Option<Column> {
    Some(match name {
        "id" => Column::Id,
        "configId" => Column::ConfigId,
        "name" => Column::Name,
        "start" => Column::Start,
        "referenceId" => Column::ReferenceId,
        "prefix" => Column::Prefix,
        "refillInterval" => Column::RefillInterval,
        "refillAmount" => Column::RefillAmount,
        "lastRefillAt" => Column::LastRefillAt,
        "enabled" => Column::Enabled,
        "rateLimitEnabled" => Column::RateLimitEnabled,
        "rateLimitTimeWindow" => Column::RateLimitTimeWindow,
        "rateLimitMax" => Column::RateLimitMax,
        "requestCount" => Column::RequestCount,
        "remaining" => Column::Remaining,
        "lastRequest" => Column::LastRequest,
        "expiresAt" => Column::ExpiresAt,
        "createdAt" => Column::CreatedAt,
        "updatedAt" => Column::UpdatedAt,
        "permissions" => Column::Permissions,
        "metadata" => Column::Metadata,
        _ => return None,
    })
}

/// A page that is asked for without a bound has at most this many keys.
const PAGE: u64 = 1000;

async fn list_api_keys(
    cx: Cx<ApiKey>,
    reach: Reach,
    session: StrictSession,
    Query(input): Query<ListApiKeys>,
) -> Result<Json<ApiKeys>, ListError> {
    let user = session.user.id.as_str();
    let owner = match input.organization_id.as_deref().filter(|id| !id.is_empty()) {
        Some(organization) => {
            reach.organization(user, organization, Right::Read).await?;
            organization
        }
        None => user,
    };
    let mut query = Entity::find().filter(Column::ReferenceId.eq(owner));
    if let Some(kind) = input.config_id.as_deref().filter(|kind| !kind.is_empty()) {
        let mut of_kind = Condition::any().add(Column::ConfigId.eq(kind));
        if kind == DEFAULT {
            of_kind = of_kind.add(Column::ConfigId.eq(""));
        }
        query = query.filter(of_kind);
    }
    let total = query.clone().count(cx.db()).await?;
    if let Some(name) = input.sort_by.as_deref().filter(|name| !name.is_empty()) {
        let descending = matches!(input.sort_direction, Some(Direction::Desc));
        let order = if descending { Order::Desc } else { Order::Asc };
        query = query.order_by(column(name).ok_or(ListError::UnknownColumn)?, order);
    }
    let api_keys = if input.limit == Some(0) {
        Vec::new()
    } else {
        query
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .limit(input.limit.unwrap_or(PAGE).min(PAGE))
            .offset(input.offset.map(|offset| offset.min(u64::from(u32::MAX))))
            .all(cx.db())
            .await
            .map_err(Failure::from)?
    };
    let shown = api_keys.into_iter().map(|mut key| {
        cx.plugin().overlay(&mut key);
        ApiKeyView::from(key)
    });
    Ok(Json(ApiKeys { api_keys: shown.collect(), total, limit: input.limit, offset: input.offset }))
}
