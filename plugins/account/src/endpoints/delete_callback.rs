//! `GET /delete-user/callback`: redeems the mailed link.

use auth_core::{
    Cx, Json, Key, Query, Redirect, StrictSession, endpoint::Either, origin, schemars::JsonSchema,
};
use serde::Deserialize;

use super::delete_user::{DeletedUser, redeem};
use crate::AccountPlugin;

auth_core::errors! {
    pub enum DeleteCallbackError {
        Disabled => (404, "NOT_FOUND", "Not found"),
        NoSession => (404, "FAILED_TO_GET_USER_INFO", "Failed to get user info"),
        InvalidToken => (404, "INVALID_TOKEN", "Invalid token"),
        Callback => (403, "INVALID_CALLBACK_URL", "Invalid callbackURL"),
    }
}

pub const DELETE_CALLBACK: Key<(), DeletedUser> = Key::new("deleteUserCallback");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct DeleteCallback {
    pub token: String,
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
}

pub async fn delete_callback(
    cx: Cx<AccountPlugin>,
    Query(query): Query<DeleteCallback>,
    session: Option<StrictSession>,
) -> Result<Either<Json<DeletedUser>, Redirect>, DeleteCallbackError> {
    if !cx.plugin().config.delete_user {
        return Err(DeleteCallbackError::Disabled);
    }
    let callback = query.callback_url.as_deref().filter(|url| !url.is_empty());
    let settings = cx.settings();
    // Checked before the token is redeemed.
    if callback.is_some_and(|url| settings.checks.origin && !settings.origins.allows_target(url)) {
        return Err(DeleteCallbackError::Callback);
    }
    let session = session.ok_or(DeleteCallbackError::NoSession)?;
    redeem(&cx, &session.user, &query.token).await.map_err(auth_core::Failure::from)?;
    Ok(match callback {
        Some(callback) => Either::Second(Redirect(origin::location(callback))),
        None => Either::First(Json(DeletedUser { success: true, message: "User deleted".to_owned() })),
    })
}
