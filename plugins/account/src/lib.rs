//! The user's own account: update, change of address, deletion, and the accounts at providers that
//! are linked to it.

mod config;
pub mod endpoints;

use std::sync::Arc;

use auth_core::{Manifest, Plugin, Problem, Registrar, endpoint::Tag, get, post, schema::CoreTable};

pub use config::AccountConfig;

pub struct AccountPlugin {
    config: AccountConfig,
}

impl Plugin for AccountPlugin {
    const MANIFEST: Manifest = Manifest::new(
        "account",
        env!("CARGO_PKG_VERSION"),
        "The user's own account: update, change address, delete, linked accounts",
    )
    .requires(&["session"])
    .after(&["email-password"]);
    type Config = AccountConfig;

    fn new(config: AccountConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        use endpoints::{
            account_info, change_email, delete_callback, delete_user, list_accounts, social, tokens,
            unlink_account, update_user,
        };
        for (name, field) in &self.config.user_fields {
            match field.column(name) {
                Ok(column) => host.column(CoreTable::User, column),
                Err(wrong) => host.problem(format!("user_fields.{name}.default"), wrong),
            }
        }
        host.endpoint(
            post(update_user::UPDATE_USER, "/update-user", update_user::update_user)
                .tag(Tag::ACCOUNT)
                .summary("Changes name, image and declared fields"),
        );
        host.endpoint(
            post(change_email::CHANGE_EMAIL, "/change-email", change_email::change_email)
                .tag(Tag::ACCOUNT)
                .summary("Begins a change of address"),
        );
        host.endpoint(
            post(delete_user::DELETE_USER, "/delete-user", delete_user::delete_user)
                .tag(Tag::ACCOUNT)
                .summary("Deletes the user, at once or by a mailed link"),
        );
        host.endpoint(
            get(delete_callback::DELETE_CALLBACK, "/delete-user/callback", delete_callback::delete_callback)
                .tag(Tag::ACCOUNT)
                .summary("Redeems the mailed link that deletes the user"),
        );
        host.endpoint(
            get(list_accounts::LIST_ACCOUNTS, "/list-accounts", list_accounts::list_accounts)
                .tag(Tag::ACCOUNT)
                .summary("Ways in which the user can sign in"),
        );
        host.endpoint(
            post(unlink_account::UNLINK_ACCOUNT, "/unlink-account", unlink_account::unlink_account)
                .tag(Tag::ACCOUNT)
                .summary("Removes a way to sign in"),
        );
        host.endpoint(
            get(account_info::ACCOUNT_INFO, "/account-info", account_info::account_info)
                .tag(Tag::ACCOUNT)
                .summary("What a provider says of the user"),
        );
        host.endpoint(
            post(social::SIGN_IN_SOCIAL, "/sign-in/social", social::sign_in_social)
                .tag(Tag::FORM_LOGIN)
                .summary("Begins signing in with a provider"),
        );
        host.endpoint(
            post(social::LINK_SOCIAL, "/link-social", social::link_social)
                .tag(Tag::ACCOUNT)
                .summary("Begins linking an account at a provider"),
        );
        host.endpoint(
            post(tokens::GET_ACCESS_TOKEN, "/get-access-token", tokens::get_access_token)
                .tag(Tag::ACCOUNT)
                .summary("A provider's access token"),
        );
        host.endpoint(
            post(tokens::REFRESH_TOKEN, "/refresh-token", tokens::refresh_token)
                .tag(Tag::ACCOUNT)
                .summary("A provider's tokens, refreshed"),
        );
        host.endpoint(
            get(social::CALLBACK, "/callback/:id", social::callback)
                .tag(Tag::ACCOUNT)
                .summary("Where providers send the browser back to"),
        );
        host.mail("delete-account", "Deletes the user: url, token");
    }
}

auth_core::plugin!(AccountPlugin);
