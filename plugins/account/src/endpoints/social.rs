//! `POST /sign-in/social`, `POST /link-social` and the providers' callback.
//!
//! No provider is configured without a plugin that speaks to it, so these refuse, as the wire says
//! they do for unknown providers.

use auth_core::{
    Body, Cx, Failure, Json, Key, Params, Query, Redirect, StrictSession,
    schemars::{JsonSchema, Schema, SchemaGenerator, json_schema},
    serde_json::{Map, Value},
};
use serde::{Deserialize, Serialize};

use crate::AccountPlugin;

auth_core::errors! {
    pub enum SocialError {
        NoProvider => (404, "PROVIDER_NOT_FOUND", "Provider not found"),
    }
}

pub const SIGN_IN_SOCIAL: Key<Social, SocialRedirect> = Key::new("signInSocial");
pub const LINK_SOCIAL: Key<Social, SocialRedirect> = Key::new("linkSocialAccount");
pub const CALLBACK: Key<(), ()> = Key::new("callbackOAuth");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct Social {
    /// The id of a provider: one that is built in, or one of the configuration.
    #[schemars(schema_with = "provider")]
    pub provider: String,
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
    #[serde(rename = "newUserCallbackURL")]
    pub new_user_callback_url: Option<String>,
    #[serde(rename = "errorCallbackURL")]
    pub error_callback_url: Option<String>,
    #[serde(rename = "disableRedirect")]
    pub disable_redirect: Option<bool>,
    #[serde(rename = "requestSignUp")]
    pub request_sign_up: Option<bool>,
    pub scopes: Option<Vec<String>>,
    #[serde(rename = "loginHint")]
    pub login_hint: Option<String>,
    #[serde(rename = "additionalData")]
    pub additional_data: Option<Map<String, Value>>,
}

/// The wire tells built-in ids from others, so a wrong one is "no alternative" and not "no string".
fn provider(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "type": "string" }, { "type": "string" }] })
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SocialRedirect {
    pub url: String,
    pub redirect: bool,
}

pub async fn sign_in_social(_: Body<Social>) -> Result<Json<SocialRedirect>, SocialError> {
    Err(SocialError::NoProvider)
}

pub async fn link_social(_: StrictSession, _: Body<Social>) -> Result<Json<SocialRedirect>, SocialError> {
    Err(SocialError::NoProvider)
}

#[derive(Debug, Deserialize, JsonSchema)]
pub struct ProviderPath {
    pub id: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub struct CallbackQuery {
    pub code: Option<String>,
    pub state: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
    pub iss: Option<String>,
}

/// No flow was begun, so no state is known.
pub async fn callback(
    cx: Cx<AccountPlugin>,
    _: Params<ProviderPath>,
    Query(query): Query<CallbackQuery>,
) -> Result<Redirect, Failure> {
    let code =
        if query.state.is_some_and(|state| !state.is_empty()) { "state_mismatch" } else { "state_not_found" };
    Ok(Redirect(format!("{}/error?error={code}", cx.settings().api_url())))
}
