use super::{Extra, Timestamp};

/// The provider id of accounts with a password.
pub const CREDENTIAL: &str = "credential";

/// A way for a user to prove who they are: a password, or a subject at a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Of the row; see [`Core::new_id`](crate::Core::new_id) for its form.
    pub id: String,
    /// The subject at the provider; the user's own id for passwords.
    pub account_id: String,
    /// [`CREDENTIAL`] for passwords, otherwise what the configuration calls the provider.
    pub provider_id: String,
    /// Whose it is.
    pub user_id: String,
    /// The provider's, to act for the user there. A secret: in no answer.
    pub access_token: Option<String>,
    /// The provider's, to get another access token with. A secret: in no answer.
    pub refresh_token: Option<String>,
    /// What the provider said of the user at the last sign-in, signed.
    pub id_token: Option<String>,
    /// `None` where the provider did not say.
    pub access_token_expires_at: Option<Timestamp>,
    /// `None` where the provider did not say.
    pub refresh_token_expires_at: Option<Timestamp>,
    /// A comma list.
    pub scope: Option<String>,
    /// The hash, in the format of the hasher that made it. Only of [`CREDENTIAL`] accounts; in no answer.
    pub password: Option<String>,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When a column last changed; the repositories set it.
    pub updated_at: Timestamp,
    /// Columns of plugins and of the configuration.
    pub extra: Extra,
}

/// What an update changes. `None` leaves a column as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountPatch {
    /// Another hash. To set a user's password use [`Accounts::set_password`](crate::store::Accounts::set_password).
    pub password: Option<Option<String>>,
    /// `Some(None)` takes it away.
    pub access_token: Option<Option<String>>,
    /// `Some(None)` takes it away.
    pub refresh_token: Option<Option<String>>,
    /// `Some(None)` takes it away.
    pub id_token: Option<Option<String>>,
    /// `Some(None)`: nobody knows.
    pub access_token_expires_at: Option<Option<Timestamp>>,
    /// `Some(None)`: nobody knows.
    pub refresh_token_expires_at: Option<Option<Timestamp>>,
    /// A comma list; `Some(None)`: nobody knows.
    pub scope: Option<Option<String>>,
}
