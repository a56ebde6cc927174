//! `GET /list-accounts`: ways in which the user can sign in. Never their secrets.

use auth_core::{Cx, Failure, Json, Key, Session, Timestamp, model::Account, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

use crate::AccountPlugin;

pub const LIST_ACCOUNTS: Key<(), Vec<AccountView>> = Key::new("listUserAccounts");

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// The row.
    pub id: String,
    pub provider_id: String,
    /// The subject at the provider.
    pub account_id: String,
    pub user_id: String,
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        let scopes = account.scope.iter().flat_map(|scope| scope.split(',')).map(str::to_owned);
        Self {
            scopes: scopes.filter(|scope| !scope.is_empty()).collect(),
            id: account.id,
            provider_id: account.provider_id,
            account_id: account.account_id,
            user_id: account.user_id,
            created_at: account.created_at,
            updated_at: account.updated_at,
        }
    }
}

pub async fn list_accounts(
    cx: Cx<AccountPlugin>,
    session: Session,
) -> Result<Json<Vec<AccountView>>, Failure> {
    let accounts = cx.accounts().list(cx.db(), &session.user.id).await?;
    Ok(Json(accounts.into_iter().map(AccountView::from).collect()))
}
