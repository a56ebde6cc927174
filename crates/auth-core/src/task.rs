//! Background work: run by one node at a time, under a leader lock in the database.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::{Failure, core::Core};

/// Something to do again and again.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use auth_core::{Core, Failure, Registrar, async_trait, task::Task};
///
/// struct Sweep;
///
/// #[async_trait]
/// impl Task for Sweep {
///     fn name(&self) -> &'static str {
///         "sweep"
///     }
///
///     fn every(&self) -> Duration {
///         Duration::from_secs(3600)
///     }
///
///     async fn run(&self, core: &Arc<Core>) -> Result<(), Failure> {
///         // Some at a time, so that other writers get a turn.
///         while core.verifications().sweep(core.db(), 1000).await? > 0 {}
///         Ok(())
///     }
/// }
///
/// let mut host = Registrar::default();
/// host.task(Sweep);
/// ```
#[async_trait]
pub trait Task: Send + Sync + 'static {
    /// Unique within the plugin.
    fn name(&self) -> &'static str;
    /// The pause between two rounds, at least a second. A round that takes longer is not begun twice.
    fn every(&self) -> Duration;
    /// One round. It may be cut off at any await when the server stops.
    async fn run(&self, core: &Arc<Core>) -> Result<(), Failure>;
}
