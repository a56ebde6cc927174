//! `POST /unlink-account`: removes a way to sign in, never the last one.

use auth_core::{Body, Cx, FreshSession, Json, Key, schemars::JsonSchema};
use serde::Deserialize;

use super::Status;
use crate::AccountPlugin;

auth_core::errors! {
    pub enum UnlinkError {
        Last => (400, "FAILED_TO_UNLINK_LAST_ACCOUNT", "You can't unlink your last account"),
        NotFound => (400, "ACCOUNT_NOT_FOUND", "Account not found"),
    }
}

pub const UNLINK_ACCOUNT: Key<Unlink, Status> = Key::new("unlinkAccount");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct Unlink {
    /// The row id, from the list.
    #[serde(rename = "accountId")]
    pub account_id: String,
}

pub async fn unlink_account(
    cx: Cx<AccountPlugin>,
    session: FreshSession,
    Body(input): Body<Unlink>,
) -> Result<Json<Status>, UnlinkError> {
    let keep_one = !cx.plugin().config.allow_unlinking_all;
    let accounts = cx.accounts().list(cx.db(), &session.user.id).await?;
    if keep_one && accounts.len() == 1 {
        return Err(UnlinkError::Last);
    }
    let account = accounts.into_iter().find(|a| a.id == input.account_id).ok_or(UnlinkError::NotFound)?;
    let tx = cx.begin().await?;
    if !cx.accounts().delete(&tx, &account, keep_one).await? {
        return Err(UnlinkError::Last);
    }
    cx.call().commit_with(tx);
    Ok(Json(Status { status: true }))
}
