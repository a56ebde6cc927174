//! How many sockets a user has, over all nodes.

use std::time::Duration;

use auth_core::{Core, ports::Concern};

use crate::{
    Realtime,
    config::WhenFull,
    desk::Seat,
    news::{TOPIC, Word},
};

/// The user has too many sockets.
pub(crate) struct TooMany;

/// Counts a socket that has a seat already. Where the user has too many, the oldest ones are put out, or
/// this one is.
pub(crate) async fn enter(core: &Core, plugin: &Realtime, seat: &Seat) -> Result<(), TooMany> {
    let mut all = all_of(core, plugin, seat).await;
    let most = usize::try_from(plugin.config.max_per_user).unwrap_or(usize::MAX);
    let too_many = all.len().saturating_sub(most);
    match plugin.config.when_full {
        _ if too_many == 0 => Ok(()),
        WhenFull::Refuse if all.iter().skip(most).any(|id| **id == *seat.id) => {
            leave(core, seat).await;
            Err(TooMany)
        }
        WhenFull::Refuse => Ok(()),
        WhenFull::Oldest => {
            for id in all.drain(..too_many).filter(|id| **id != *seat.id) {
                plugin.desk.put_out(&seat.user_id, &id);
                let word = Word::PutOut { user_id: seat.user_id.to_string(), id };
                if let Ok(word) = serde_json::to_string(&word) {
                    core.nodes().tell(TOPIC, &word, &Concern::Nobody);
                }
            }
            Ok(())
        }
    }
}

/// The ids of a user's sockets, oldest first: on all nodes where these can be asked.
async fn all_of(core: &Core, plugin: &Realtime, seat: &Seat) -> Vec<String> {
    if let Some(presence) = core.nodes().presence() {
        match presence.enter(&seat.user_id, &seat.id, life(plugin)).await {
            Ok(all) => return all,
            Err(failure) => tracing::debug!(?failure, "a user's sockets are counted on this node only"),
        }
    }
    plugin.desk.of_user(&seat.user_id)
}

/// Those of a node that was killed are forgotten after this.
fn life(plugin: &Realtime) -> Duration {
    Duration::from_secs(plugin.config.heartbeat * 3)
}

/// It is still there.
pub(crate) async fn stay(core: &Core, plugin: &Realtime, seat: &Seat) {
    all_of(core, plugin, seat).await;
}

pub(crate) async fn leave(core: &Core, seat: &Seat) {
    if let Some(presence) = core.nodes().presence()
        && let Err(failure) = presence.leave(&seat.user_id, &seat.id).await
    {
        tracing::debug!(?failure, "a socket that has ended counts for a while");
    }
}
