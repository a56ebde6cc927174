//! `[plugins.account]`.

use auth_core::{PluginConfig, Preset, fields::FieldsConfig, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// Users can change their address.
    pub change_email: bool,
    /// A verified user's present address has to agree to the change by a mailed link first.
    pub confirm_change_email: bool,
    /// Users can delete themselves.
    pub delete_user: bool,
    /// Deleting needs a mailed link.
    pub delete_user_by_mail: bool,
    /// Seconds that a link to delete works.
    pub delete_expires_in: u64,
    /// Users can remove their last way to sign in.
    pub allow_unlinking_all: bool,
    /// Further fields of users.
    #[serde(default)]
    pub user_fields: FieldsConfig,
}

impl PluginConfig for AccountConfig {
    fn preset(preset: Preset) -> Self {
        let ours = preset == Preset::Tessera;
        Self {
            change_email: ours,
            confirm_change_email: true,
            delete_user: ours,
            delete_user_by_mail: false,
            delete_expires_in: 24 * 3600,
            allow_unlinking_all: false,
            user_fields: FieldsConfig::new(),
        }
    }
}
