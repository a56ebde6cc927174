//! Organizations, for plugins that keep something for them without knowing who keeps the members. What
//! members may do is `access`.

use async_trait::async_trait;

use crate::{Failure, Tx};

/// A slot: something that belongs to organizations. The plugin that keeps them tells each part, in the
/// transaction that deletes one.
#[async_trait]
pub trait OrganizationProperty: Send + Sync + 'static {
    /// Removes all that belongs to it.
    async fn remove(&self, tx: &Tx, organization_id: &str) -> Result<(), Failure>;
}
