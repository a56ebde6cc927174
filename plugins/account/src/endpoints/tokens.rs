//! `POST /get-access-token` and `/refresh-token`: tokens of linked providers.
//!
//! Plugins that speak to providers answer for theirs; for accounts of nobody, these refuse.

use auth_core::{
    Body, Cx, Failure, Json, Key, Timestamp, WholeSession, http::StatusCode, model::Account,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::Selection;
use crate::AccountPlugin;

auth_core::errors! {
    pub enum TokenError {
        NotFound => (400, "ACCOUNT_NOT_FOUND", "Account not found"),
        NotSupported => (400, "PROVIDER_NOT_SUPPORTED", "Provider is not supported."),
    }
}

pub const GET_ACCESS_TOKEN: Key<Selection, AccessToken> = Key::new("getAccessToken");
pub const REFRESH_TOKEN: Key<Selection, RefreshedTokens> = Key::new("refreshToken");

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessToken {
    pub access_token: String,
    pub access_token_expires_at: Option<Timestamp>,
    pub scopes: Vec<String>,
    pub id_token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefreshedTokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub access_token_expires_at: Option<Timestamp>,
    pub refresh_token_expires_at: Option<Timestamp>,
    pub scope: Option<String>,
    pub id_token: Option<String>,
    pub provider_id: String,
    pub account_id: String,
}

/// The user's own account that is meant. Accounts of others do not exist for them.
pub(super) async fn find(
    cx: &Cx<AccountPlugin>,
    session: &WholeSession,
    selection: &Selection,
) -> Result<Option<Account>, Failure> {
    let Selection::Row(row) = selection else { return Ok(None) };
    let accounts = cx.accounts().list(cx.db(), &session.user.id).await?;
    Ok(accounts.into_iter().find(|account| account.id == row.account_id))
}

async fn refuse(
    cx: &Cx<AccountPlugin>,
    session: Option<WholeSession>,
    selection: &Selection,
) -> Result<TokenError, TokenError> {
    let session = session.ok_or_else(|| Failure::empty(StatusCode::UNAUTHORIZED))?;
    let account = find(cx, &session, selection).await?.ok_or(TokenError::NotFound)?;
    let message = format!("Provider {} is not supported.", account.provider_id);
    Ok(Failure::bad_request("PROVIDER_NOT_SUPPORTED", message).into())
}

pub async fn get_access_token(
    cx: Cx<AccountPlugin>,
    Body(selection): Body<Selection>,
    session: Option<WholeSession>,
) -> Result<Json<AccessToken>, TokenError> {
    Err(refuse(&cx, session, &selection).await?)
}

pub async fn refresh_token(
    cx: Cx<AccountPlugin>,
    Body(selection): Body<Selection>,
    session: Option<WholeSession>,
) -> Result<Json<RefreshedTokens>, TokenError> {
    Err(refuse(&cx, session, &selection).await?)
}
