//! One endpoint, one file.

pub mod account_info;
pub mod change_email;
pub mod delete_callback;
pub mod delete_user;
pub mod list_accounts;
pub mod social;
pub mod tokens;
pub mod unlink_account;
pub mod update_user;

use auth_core::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `{status: true}`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    pub status: bool,
}

/// Which linked account is meant: its row id. One that is kept in a cookie does not exist here.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Selection {
    Row(RowSelection),
    Cookie(CookieSelection),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowSelection {
    #[serde(rename = "accountId")]
    pub account_id: String,
    /// For calls in process.
    #[serde(rename = "userId")]
    pub user_id: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CookieSelection {
    #[serde(rename = "useAccountCookie")]
    #[schemars(extend("const" = true))]
    pub use_account_cookie: bool,
    #[serde(rename = "userId")]
    pub user_id: Option<String>,
}
