//! What was counted in memory, written in batches.
//!
//! Background tasks run on one node only, so each node's requests write what is due there. A process that is
//! killed loses what it has noted since: at most [`PERIOD`] while requests come.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use auth_core::{Core, Failure};

use crate::{ApiKey, schema::apikey::Model};

pub(crate) const PERIOD: Duration = Duration::from_secs(10);

/// When the last batch was written, in Unix milliseconds.
#[derive(Default)]
pub(crate) struct Ledger(AtomicI64);

impl Ledger {
    /// Whether a batch is due; it is for the one who is told so.
    fn is_due(&self, now: i64) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        let period = i64::try_from(PERIOD.as_millis()).unwrap_or(i64::MAX);
        if last != 0 && now.saturating_sub(last) < period {
            return false;
        }
        // The first use begins a period.
        self.0.compare_exchange(last, now, Ordering::AcqRel, Ordering::Relaxed).is_ok() && last != 0
    }
}

impl ApiKey {
    pub(crate) async fn write_if_due(&self, core: &Core) {
        let due = self.ledger.is_due(core.now().unix_millis()) || self.usage.is_full();
        if due && let Err(failure) = self.write(core).await {
            tracing::warn!(?failure, "uses of API keys are not written down");
        }
    }

    pub(crate) async fn write(&self, core: &Core) -> Result<(), Failure> {
        self.leases.give_back(core).await?;
        self.recent.flush(core).await?;
        self.usage.flush(core).await
    }

    /// What the table does not know of a key yet.
    pub(crate) fn overlay(&self, key: &mut Model) {
        self.recent.overlay(key);
        self.leases.overlay(key);
    }
}
