//! `GET /account-info`: what a provider says of the user.

use auth_core::{
    Cx, Failure, Json, Key, Query, WholeSession,
    http::StatusCode,
    model::CREDENTIAL,
    schemars::JsonSchema,
    serde_json::{Map, Value},
};
use serde::{Deserialize, Serialize};

use super::Selection;
use crate::{AccountPlugin, endpoints::tokens::find};

auth_core::errors! {
    pub enum AccountInfoError {
        NotFound => (400, "ACCOUNT_NOT_FOUND", "Account not found"),
        NotConfigured => (400, "PROVIDER_NOT_CONFIGURED", "Provider is not configured."),
    }
}

pub const ACCOUNT_INFO: Key<(), AccountInfo> = Key::new("accountInfo");

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct AccountInfo {
    /// The profile, in our words.
    pub user: Map<String, Value>,
    /// The profile, in the provider's words.
    pub data: Map<String, Value>,
}

pub async fn account_info(
    cx: Cx<AccountPlugin>,
    Query(selection): Query<Selection>,
    session: Option<WholeSession>,
) -> Result<Json<AccountInfo>, AccountInfoError> {
    let session = session.ok_or_else(|| Failure::empty(StatusCode::UNAUTHORIZED))?;
    let account = find(&cx, &session, &selection).await?.ok_or(AccountInfoError::NotFound)?;
    if account.provider_id == CREDENTIAL {
        return Err(AccountInfoError::NotConfigured);
    }
    // No enabled plugin speaks to providers.
    Err(AccountInfoError::NotConfigured)
}
