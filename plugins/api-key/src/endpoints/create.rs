//! `POST /api-key/create`: a new key, shown this once.

use auth_core::{
    Body, Caller, Core, Cx, Event, Failure, Json, Key, Preset, StrictSession,
    access::Permissions,
    endpoint::{Endpoint, WithHeaders, post},
    http::{HeaderMap, HeaderValue, Method, header},
    sea_orm::{ActiveModelTrait, IntoActiveModel},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    ApiKey, ApiKeyView, Kind,
    config::References,
    input::{self, RuleError, Rules, sent, whole},
    keys::Fresh,
    reach::{Reach, Right},
    schema::apikey::Model,
};

pub const CREATE_API_KEY: Key<CreateApiKey, CreatedApiKey> = Key::new("createApiKey");

pub(crate) fn endpoint() -> Endpoint {
    post(CREATE_API_KEY, "/api-key/create", create_api_key)
        .alias(Method::POST, "/api-key")
        .tag(super::KEYS)
        .summary("Makes a key; the answer is the only one that shows it")
}

auth_core::errors! {
    pub enum CreateError {
        NoSession => (401, "UNAUTHORIZED_SESSION", "Unauthorized or invalid session"),
        NoMetadata => (400, "METADATA_DISABLED", "Metadata is disabled."),
        Prefix => (400, "INVALID_PREFIX_LENGTH", "The prefix length is either too large or too small."),
        NoName => (400, "NAME_REQUIRED", "API Key name is required."),
        NoOwner => (404, "USER_NOT_FOUND", "User not found"),
        NoOrganization => (
            400,
            "ORGANIZATION_ID_REQUIRED",
            "Organization ID is required for organization-owned API keys."
        ),
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CreateApiKey {
    /// The kind of key, as the configuration names it.
    pub config_id: Option<String>,
    pub name: Option<String>,
    /// Seconds.
    #[schemars(range(min = 1), extend("x-nullable" = true))]
    pub expires_in: Option<f64>,
    #[schemars(
        regex(pattern = r"^[a-zA-Z0-9_-]+$"),
        extend("x-message" = "Invalid prefix format, must be alphanumeric and contain only underscores and hyphens.")
    )]
    pub prefix: Option<String>,
    /// An object.
    #[schemars(with = "Option<Value>", extend("x-nullable" = true))]
    pub metadata: Option<Value>,
    /// Uses until the key is used up. From the program only, as all that follows.
    #[serde(deserialize_with = "sent")]
    #[schemars(with = "Option<f64>", range(min = 0), extend("x-nullable" = true))]
    #[allow(clippy::option_option, reason = "null asks for a key without a quota")]
    pub remaining: Option<Option<f64>>,
    #[schemars(range(min = 1))]
    pub refill_amount: Option<f64>,
    /// Milliseconds.
    pub refill_interval: Option<f64>,
    /// Milliseconds.
    pub rate_limit_time_window: Option<f64>,
    pub rate_limit_max: Option<f64>,
    pub rate_limit_enabled: Option<bool>,
    pub permissions: Option<Permissions>,
    /// Whose key it is to be, for the program.
    pub user_id: Option<String>,
    /// Whose key it is to be, for kinds of keys that organizations own.
    pub organization_id: Option<String>,
}

impl CreateApiKey {
    fn takes_privileges(&self) -> bool {
        self.remaining.flatten().is_some()
            || self.refill_amount.is_some()
            || self.refill_interval.is_some()
            || self.rate_limit_time_window.is_some()
            || self.rate_limit_max.is_some()
            || self.rate_limit_enabled.is_some()
            || self.permissions.is_some()
    }
}

/// A key and what is known of it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct CreatedApiKey {
    /// The key itself. It cannot be shown again.
    pub key: String,
    #[serde(flatten)]
    pub api_key: ApiKeyView,
}

async fn create_api_key(
    cx: Cx<ApiKey>,
    reach: Reach,
    _: Rules,
    session: Option<StrictSession>,
    Body(input): Body<CreateApiKey>,
) -> Result<WithHeaders<Json<CreatedApiKey>>, CreateError> {
    let kind = cx.plugin().kind(input.config_id.as_deref());
    let by_client = cx.call().caller() == Caller::Client;
    // The program on behalf of somebody who is signed in may not more than they.
    if (by_client || session.is_some()) && input.takes_privileges() {
        return Err(Failure::from(RuleError::ServerOnly).into());
    }
    if by_client && input.user_id.is_some() {
        return Err(CreateError::NoSession);
    }
    let user = match (&session, &input.user_id) {
        (Some(session), Some(user)) if session.user.id != *user => return Err(CreateError::NoSession),
        (Some(session), _) => session.user.id.clone(),
        (None, Some(user)) => user.clone(),
        (None, None) => return Err(CreateError::NoSession),
    };
    if session.is_none() && cx.users().find(cx.db(), &user).await?.is_none() {
        return Err(CreateError::NoOwner);
    }
    let owner = match kind.config.references {
        References::User => user.clone(),
        References::Organization => {
            let named = input.organization_id.clone().filter(|id| !id.is_empty());
            let id = named.ok_or(CreateError::NoOrganization)?;
            reach.organization(&user, &id, Right::Create).await?;
            id
        }
    };
    // What was sent is what is answered, as Better Auth has it.
    let echoed = input.metadata.clone();
    let (row, key) = draft(&cx, kind, owner, input)?;
    row.clone().into_active_model().insert(cx.db()).await?;
    cx.plugin().memory.welcome(&cx, &row.key);
    let data = json!({ "id": row.id, "userId": user, "configId": row.config_id });
    cx.events().publish(Event::Plugin { plugin: "api-key", name: "api_key.created", data });
    let mut headers = HeaderMap::new();
    // Better Auth says nothing of caches here.
    if cx.settings().preset == Preset::Tessera {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let created = CreatedApiKey { key, api_key: ApiKeyView { metadata: echoed, ..row.into() } };
    Ok(WithHeaders(Json(created), headers))
}

/// The row of a new key, and the key.
fn draft(
    core: &Core,
    kind: &Kind,
    owner: String,
    input: CreateApiKey,
) -> Result<(Model, String), CreateError> {
    let (config, now) = (&kind.config, core.now());
    let metadata = match input.metadata.filter(|value| !input::is_falsy(value)) {
        Some(_) if !config.metadata => return Err(CreateError::NoMetadata),
        Some(value) => Some(input::metadata(config, &value)?),
        None => None,
    };
    let refill_amount = whole("refillAmount", input.refill_amount)?;
    let refill_interval = whole("refillInterval", input.refill_interval)?;
    let refills = |value: Option<i32>| value.is_some_and(|value| value > 0);
    input::refill(refills(refill_amount), refills(refill_interval))?;
    let expires_at = match input.expires_in {
        Some(seconds) => Some(now.plus(input::life(&config.expiration, seconds)?)),
        None => config.expiration.default.map(|seconds| now.plus_seconds(seconds.into())),
    };
    if input.prefix.as_ref().is_some_and(|prefix| !config.prefix_length.fits(prefix)) {
        return Err(CreateError::Prefix);
    }
    match input.name.as_deref() {
        None | Some("") if config.require_name => return Err(CreateError::NoName),
        None | Some("") => {}
        Some(name) if config.name_length.fits(name) => {}
        Some(_) => return Err(Failure::from(RuleError::Name).into()),
    }
    let remaining = match input.remaining {
        None => refill_amount,
        Some(given) => whole("remaining", given)?,
    };
    let granted = input.permissions.as_ref().or(Some(&config.permissions).filter(|p| !p.is_empty()));
    let limit = &config.rate_limit;
    let prefix = input.prefix.or_else(|| config.prefix.clone());
    let fresh = Fresh::make(core, kind, prefix.as_deref());
    let row = Model {
        id: core.new_id(),
        config_id: kind.id.clone(),
        name: input.name,
        start: fresh.start,
        reference_id: owner,
        prefix,
        key: fresh.hash,
        refill_interval,
        refill_amount,
        last_refill_at: None,
        enabled: Some(true),
        rate_limit_enabled: Some(input.rate_limit_enabled.unwrap_or(limit.enabled)),
        rate_limit_time_window: whole("rateLimitTimeWindow", input.rate_limit_time_window)?
            .or(Some(limit.window)),
        rate_limit_max: whole("rateLimitMax", input.rate_limit_max)?.or(Some(limit.max)),
        request_count: Some(0),
        remaining,
        last_request: None,
        expires_at,
        created_at: now,
        updated_at: now,
        permissions: granted.map(input::stored).transpose()?,
        metadata,
        previous_key: None,
        previous_key_until: None,
    };
    Ok((row, fresh.text))
}
