//! `POST /token/pair`: turns the caller's session into a paired one.

use auth_core::{Body, Cx, Json, Key, StrictSession, schemars::JsonSchema};
use serde::Deserialize;

use crate::{
    Bearer, METHOD,
    config::DEFAULT_CLIENT,
    pair::{Paired, TokenPair, make},
};

auth_core::errors! {
    pub enum PairError {
        UnknownClient => (400, "UNKNOWN_CLIENT", "Unknown client"),
        NoSessionToken => (403, "SESSION_TOKEN_REQUIRED", "Only the session's own token can be paired"),
        Rigid => (403, "SESSION_CANNOT_BE_EXTENDED", "This session cannot be extended"),
        AlreadyPaired => (409, "ALREADY_PAIRED", "The session has a refresh token already"),
        TooOld => (403, "SESSION_TOO_OLD", "Sign in again: this session is older than the client's may be"),
        Gone => (401, "UNAUTHORIZED", "Unauthorized"),
    }
}

pub const PAIR_TOKENS: Key<PairTokens, TokenPair> = Key::new("pairTokens");

#[derive(Debug, Deserialize, JsonSchema)]
pub struct PairTokens {
    /// The kind of client, as the configuration names it. `default` where it is left out.
    pub client: Option<String>,
}

/// The token that was presented is dead at once, and so is a cookie that held it: the session goes on in
/// the answer alone.
pub async fn pair_tokens(
    cx: Cx<Bearer>,
    session: StrictSession,
    body: Option<Body<PairTokens>>,
) -> Result<Json<TokenPair>, PairError> {
    // What is good for less than the session, or for a shorter time, must not become all of it.
    let own =
        matches!(session.method, METHOD | "cookie") && session.scopes.is_none() && session.actor.is_none();
    if !own {
        return Err(PairError::NoSessionToken);
    }
    if session.session.ext::<Paired>().client.is_some() {
        return Err(PairError::AlreadyPaired);
    }
    if !cx.session_extends(&session.session) {
        return Err(PairError::Rigid);
    }
    let client = body.and_then(|Body(input)| input.client);
    let client = client.as_deref().unwrap_or(DEFAULT_CLIENT);
    let policy = cx.plugin().config.clients.get(client).ok_or(PairError::UnknownClient)?;
    if policy.expiry(&session.session, cx.now()).is_none() {
        return Err(PairError::TooOld);
    }
    let tx = cx.begin().await?;
    let pair = make(cx.call().core(), &tx, &session.session, (client, policy), 1).await?;
    let pair = pair.ok_or(PairError::Gone)?;
    cx.call().commit_with(tx);
    cx.call().end_session();
    Ok(Json(pair))
}
