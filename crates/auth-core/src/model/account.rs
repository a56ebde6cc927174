use super::{Extra, Timestamp};

/// The provider id of accounts with a password.
pub const CREDENTIAL: &str = "credential";

/// A way for a user to prove who they are: a password, or a subject at a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: String,
    /// The subject at the provider; the user's own id for passwords.
    pub account_id: String,
    pub provider_id: String,
    pub user_id: String,
    pub access_token: Option<String>,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    pub access_token_expires_at: Option<Timestamp>,
    pub refresh_token_expires_at: Option<Timestamp>,
    /// A comma list.
    pub scope: Option<String>,
    pub password: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub extra: Extra,
}

/// What an update changes. `None` leaves a column as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountPatch {
    pub password: Option<Option<String>>,
    pub access_token: Option<Option<String>>,
    pub refresh_token: Option<Option<String>>,
    pub id_token: Option<Option<String>>,
    pub access_token_expires_at: Option<Option<Timestamp>>,
    pub refresh_token_expires_at: Option<Option<Timestamp>>,
    pub scope: Option<Option<String>>,
}
