//! Paired sessions: a short access token, which is the session's own, and a refresh token.
//!
//! The session's row is the whole family of its refresh tokens. What ends the session ends them.

use std::sync::Arc;

use auth_core::{
    Core, Failure, Timestamp, Tx,
    model::{FieldValue, Session, SessionPatch},
    schemars::JsonSchema,
    session::SessionRule,
};
use serde::{Deserialize, Serialize};

use crate::{config::ClientPolicy, expose::signed, refresh_token};

const TOKEN_EXPIRES_AT: &str = "tokenExpiresAt";

auth_core::columns! {
    /// What a paired session knows of its tokens. All of it is null for other sessions.
    pub(crate) struct Paired on Session {
        /// Whose policy it follows.
        client: Option<String> => Column::text("refreshClient").hidden(),
        /// The refresh token that can be redeemed. Older ones were.
        generation: i64 => Column::integer("refreshGeneration").hidden(),
        /// When the present pair was made. `updatedAt` moves with other changes too.
        token_issued_at: Option<Timestamp> => Column::date("tokenIssuedAt").hidden(),
        token_expires_at: Option<Timestamp> => Column::date(TOKEN_EXPIRES_AT).hidden(),
    }
}

/// The access token's own expiry, before the session's.
pub(crate) struct AccessTokens;

fn token_expires_at(session: &Session) -> Option<Timestamp> {
    match session.extra.get(TOKEN_EXPIRES_AT) {
        FieldValue::Date(at) => Some(*at),
        _ => None,
    }
}

impl SessionRule for AccessTokens {
    fn counts(&self, session: &Session, now: Timestamp) -> bool {
        token_expires_at(session).is_none_or(|at| at > now)
    }

    fn extends(&self, session: &Session) -> bool {
        token_expires_at(session).is_none()
    }
}

/// Tokens of a paired session.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenPair {
    /// The access token, signed: for `Authorization: Bearer`.
    pub token: String,
    /// `Bearer`.
    pub token_type: String,
    /// When the access token ends.
    pub expires_at: Timestamp,
    /// Seconds until then.
    pub expires_in: u64,
    /// For `POST /token/refresh`, once.
    pub refresh_token: String,
    /// When the session ends, unless it is refreshed before.
    pub refresh_expires_at: Timestamp,
    /// Whose policy the tokens follow.
    pub client: String,
}

impl TokenPair {
    /// The present pair of a session; `None` where it is not paired, or a rule says that it signs
    /// nobody in.
    pub(crate) fn of(core: &Core, session: &Session, now: Timestamp) -> Option<Self> {
        if !core.session_counts(session, now) {
            return None;
        }
        let paired = session.ext::<Paired>();
        let expires_at = paired.token_expires_at?;
        let generation = i32::try_from(paired.generation).ok()?;
        Some(Self {
            token: signed(core, &session.token),
            token_type: "Bearer".to_owned(),
            expires_at,
            expires_in: expires_at.since(now).as_secs(),
            refresh_token: refresh_token::mint(&core.settings().secrets, &session.id, generation),
            refresh_expires_at: session.expires_at,
            client: paired.client?,
        })
    }
}

/// Gives a session the pair of a generation. `None` where somebody else changed it since it was read, its
/// time is over, or a rule is against it; the transaction is to be dropped then.
pub(crate) async fn make(
    core: &Arc<Core>,
    tx: &Tx,
    session: &Session,
    (client, policy): (&str, &ClientPolicy),
    generation: i32,
) -> Result<Option<TokenPair>, Failure> {
    let now = core.now();
    let Some(expires_at) = policy.expiry(session, now) else { return Ok(None) };
    let paired = Paired {
        client: Some(client.to_owned()),
        generation: generation.into(),
        token_issued_at: Some(now),
        token_expires_at: Some(now.plus_seconds(policy.token_expires_in).min(expires_at)),
    };
    let patch = SessionPatch { expires_at: Some(expires_at), ..SessionPatch::default() };
    let stored = core.sessions().rotate(tx, session, patch.ext(session, &paired)).await?;
    Ok(stored.and_then(|stored| TokenPair::of(core, &stored, now)))
}
