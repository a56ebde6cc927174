//! Keys are replaced, and what is over is removed, in the background, by one node at a time.

use std::{sync::Arc, time::Duration};

use auth_core::{Core, Failure, Timestamp, async_trait, task::Task};

use crate::{
    Jwt,
    keys::Successor,
    ring::{LEAD, Ring},
};

/// A key's successor is made this long before the key stops signing: it is published meanwhile.
const OVERLAP: Duration = Duration::from_secs(3 * LEAD.as_secs());

pub(crate) struct Rotate(pub(crate) Arc<Jwt>);

impl Rotate {
    /// Whether the newest key has no successor although it is about to end.
    fn is_due(&self, ring: &Ring, now: Timestamp) -> bool {
        let config = &self.0.config;
        ring.newest(config.algorithm, now).is_none_or(|key| {
            let end = key.expires_at.unwrap_or_else(|| key.created_at.plus_seconds(config.rotation_interval));
            end.minus(OVERLAP) <= now
        })
    }
}

#[async_trait]
impl Task for Rotate {
    fn name(&self) -> &'static str {
        "rotate-keys"
    }

    fn every(&self) -> Duration {
        LEAD
    }

    async fn run(&self, core: &Arc<Core>) -> Result<(), Failure> {
        let keys = &self.0.keys;
        let rotates = self.0.config.rotation_interval > 0;
        if rotates && self.is_due(&*keys.again(core).await?, core.now()) {
            keys.make_if(core, Successor::InTime, |ring, now| self.is_due(ring, now)).await?;
        }
        keys.sweep(core).await?;
        self.0.revoked.sweep(core).await
    }
}
