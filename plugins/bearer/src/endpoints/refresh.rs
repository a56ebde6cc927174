//! `POST /token/refresh`: a refresh token for the next pair.
//!
//! Each is redeemed once. One that comes again is in two hands, and nobody can tell whose are the
//! owner's; so the session ends for both.

use auth_core::{
    Body, Cx, Event, Failure, Json, Key, Tx, model::Session, schemars::JsonSchema, serde_json::json,
    session::SessionAuthority, store::Revoke,
};
use serde::Deserialize;

use crate::{
    Bearer,
    pair::{Paired, TokenPair, make},
    refresh_token::{self, Genuine},
};

auth_core::errors! {
    pub enum RefreshError {
        /// Whatever is wrong with it.
        Invalid => (401, "INVALID_REFRESH_TOKEN", "Invalid refresh token"),
    }
}

pub const REFRESH_TOKENS: Key<RefreshTokens, TokenPair> = Key::new("refreshTokens");

#[derive(Deserialize, JsonSchema)]
pub struct RefreshTokens {
    #[serde(rename = "refreshToken")]
    pub refresh_token: String,
}

/// What became of an attempt.
enum Attempt {
    Given(TokenPair),
    Refused,
    /// Somebody else was faster: a second look tells what that makes of the token.
    Lost,
}

pub async fn refresh_tokens(
    cx: Cx<Bearer>,
    Body(input): Body<RefreshTokens>,
) -> Result<Json<TokenPair>, RefreshError> {
    let secrets = &cx.settings().secrets;
    let token = refresh_token::verify(secrets, &input.refresh_token).ok_or(RefreshError::Invalid)?;
    for _ in 0..2 {
        match attempt(&cx, &token).await? {
            Attempt::Given(pair) => return Ok(Json(pair)),
            Attempt::Refused => break,
            Attempt::Lost => {}
        }
    }
    Err(RefreshError::Invalid)
}

async fn attempt(cx: &Cx<Bearer>, token: &Genuine<'_>) -> Result<Attempt, Failure> {
    let core = cx.call().core();
    let tx = cx.begin().await?;
    let now = core.now();
    let found = cx.sessions().find_with_user(&tx, token.session_id).await?;
    let Some((session, _)) = found.filter(|(session, _)| session.expires_at > now) else {
        return Ok(Attempt::Refused);
    };
    let authority = core.services().get::<dyn SessionAuthority>();
    if let Some(authority) = authority
        && authority.is_idle(core, &session).await?
    {
        return Ok(Attempt::Refused);
    }
    let paired = session.ext::<Paired>();
    let client = paired.client.as_deref().unwrap_or_default();
    let policy = cx.plugin().config.clients.get(client);
    let (presented, current) = (i64::from(token.generation), paired.generation);
    if presented == current {
        // A client that the configuration forgot is not served any more.
        let Some((policy, next)) = policy.zip(token.generation.checked_add(1)) else {
            return Ok(Attempt::Refused);
        };
        let pair = make(core, &tx, &session, (client, policy), next).await?;
        return Ok(pair.map_or(Attempt::Lost, |pair| {
            cx.call().commit_with(tx);
            Attempt::Given(pair)
        }));
    }
    let forgiven = policy.zip(paired.token_issued_at).is_some_and(|(policy, at)| policy.forgives(at, now));
    if forgiven && presented + 1 == current {
        return Ok(TokenPair::of(core, &session, now).map_or(Attempt::Refused, Attempt::Given));
    }
    end_family(tx, &session, client).await?;
    Ok(Attempt::Refused)
}

/// Ends the session of a token that was redeemed before. The refusal must not roll that back.
async fn end_family(tx: Tx, session: &Session, client: &str) -> Result<(), Failure> {
    let core = tx.core().clone();
    let (user_id, session_id) = (&session.user_id, &session.id);
    // By its id: the token may be another one by now.
    if core.sessions().revoke(&tx, user_id, Revoke::Id(session_id)).await?.is_empty() {
        return Ok(());
    }
    let data = json!({ "userId": user_id, "sessionId": session_id, "client": client });
    tx.tell(Event::Plugin { plugin: "bearer", name: "token.reused", data });
    tx.commit().await?;
    tracing::warn!(%user_id, %session_id, client, "a refresh token came twice: its session has ended");
    Ok(())
}
