//! `POST /realtime/ticket`: a text that opens one socket, for clients that can set no header and have no
//! cookie there.

use std::time::Duration;

use auth_core::{
    Cx, Failure, Json, Key,
    crypto::{Alphabet, sha256_b64url},
    schemars::JsonSchema,
    session::StrictSession,
};
use serde::{Deserialize, Serialize};

use crate::{Realtime, entry::TICKET};

pub const TICKET_FOR_SOCKET: Key<(), Ticket> = Key::new("realtimeTicket");

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// For the `ticket` parameter of `/ws` and `/realtime/events`. It counts once.
    pub ticket: String,
    /// Seconds.
    pub expires_in: u64,
}

/// The ticket is stored as a hash, and names the session that asked for it.
pub(crate) async fn ticket(cx: Cx<Realtime>, session: StrictSession) -> Result<Json<Ticket>, Failure> {
    let expires_in = cx.plugin().config.ticket_life;
    let ticket = cx.random(32, Alphabet::AlphaNumeric);
    let name = format!("{TICKET}{}", sha256_b64url(&ticket));
    let core = cx.call().core();
    let tx = core.begin().await?;
    let life = Duration::from_secs(expires_in);
    core.verifications().create(&tx, name, &session.session.id, life).await?;
    tx.commit().await?;
    Ok(Json(Ticket { ticket, expires_in }))
}
