//! `POST /sign-out`: ends the session of the cookie. Always a success.

use auth_core::{Body, Cx, Failure, Json, Key, schemars::JsonSchema, session::Level, store::Revoke};
use serde::{Deserialize, Serialize};

use crate::{SessionPlugin, authority::Presented};

pub const SIGN_OUT: Key<SignOut, SignedOut> = Key::new("signOut");

/// For providers that end their own session too; nothing of it is needed.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SignOut {
    #[serde(rename = "callbackURL")]
    pub callback_url: Option<String>,
    #[serde(rename = "disableRedirect")]
    pub disable_redirect: Option<bool>,
    pub state: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SignedOut {
    pub success: bool,
}

pub async fn sign_out(cx: Cx<SessionPlugin>, _: Option<Body<SignOut>>) -> Result<Json<SignedOut>, Failure> {
    let tokens = match cx.plugin().presented(cx.call(), Level::Strict).await? {
        Presented::Tokens(tokens, _) => tokens,
        Presented::Identity(identity) => vec![identity.session.token.clone()],
    };
    if !tokens.is_empty() {
        let tx = cx.begin().await?;
        for token in &tokens {
            if let Some((session, _)) = cx.sessions().find_by_token(&tx, token).await? {
                cx.sessions().revoke(&tx, &session.user_id, Revoke::Token(token)).await?;
            }
        }
        cx.call().commit_with(tx);
    }
    cx.call().end_session();
    Ok(Json(SignedOut { success: true }))
}
