//! `GET /reset-password/:token`: from the mailed link to the page that asks for the new password.
//! The token stays redeemable.

use auth_core::{
    Cx, Key, Params, Query, Redirect,
    endpoint::WithHeaders,
    http::{HeaderMap, HeaderValue, header},
    origin::append_query,
    schemars::JsonSchema,
};
use serde::Deserialize;

use super::RESET_PREFIX;
use crate::EmailPassword;

auth_core::errors! {
    pub enum ResetCallbackError {
        Callback => (403, "INVALID_CALLBACK_URL", "Invalid callbackURL"),
    }
}

pub const RESET_CALLBACK: Key<(), ()> = Key::new("requestPasswordResetCallback");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct Token {
    pub token: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub struct Callback {
    /// The page; it gets `?token=` or `?error=INVALID_TOKEN`.
    #[serde(rename = "callbackURL")]
    pub callback_url: String,
}

pub async fn reset_callback(
    cx: Cx<EmailPassword>,
    Params(path): Params<Token>,
    Query(query): Query<Callback>,
) -> Result<WithHeaders<Redirect>, ResetCallbackError> {
    let settings = cx.settings();
    let callback = if query.callback_url.is_empty() { "/error" } else { query.callback_url.as_str() };
    if settings.checks.origin && !settings.origins.allows_target(callback) {
        return Err(ResetCallbackError::Callback);
    }
    let target = settings.origins.resolve(callback);
    let found = cx.verifications().peek(cx.db(), &format!("{RESET_PREFIX}{}", path.token)).await?;
    let target = match found {
        Some(_) => append_query(&target, &[("token", &path.token)]),
        None => append_query(&target, &[("error", "INVALID_TOKEN")]),
    };
    // The address carries a secret: no page and no cache may pass it on.
    let mut headers = HeaderMap::new();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(WithHeaders(Redirect(target), headers))
}
