//! Expired rows, and those of idle sessions, go away in the background, a bounded number at a time.

use std::{sync::Arc, time::Duration};

use auth_core::{Core, Failure, async_trait, task::Task};

use crate::SessionPlugin;

/// Rows of one statement: small enough that other writers get their turn.
const BATCH: u64 = 500;

pub(crate) struct Sweep(pub(crate) Arc<SessionPlugin>);

#[async_trait]
impl Task for Sweep {
    fn name(&self) -> &'static str {
        "sweep-expired"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(600)
    }

    async fn run(&self, core: &Arc<Core>) -> Result<(), Failure> {
        while core.sessions().sweep(core.db(), BATCH).await? == BATCH {}
        if self.0.config.activity {
            while self.0.activity.write(core).await? {}
            while self.0.sweep_idle(core, BATCH).await? == BATCH {}
        }
        while core.verifications().sweep(core.db(), BATCH).await? == BATCH {}
        Ok(())
    }
}
