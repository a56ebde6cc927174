//! Organizations, for plugins that keep something for them without knowing who keeps the members.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Core, Failure, Tx};

/// What somebody is to an organization, as far as one action goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No member; nobody is a member of an organization that is not there.
    Stranger,
    /// A member whose roles do not grant the action.
    Member,
    /// A member who may do it. The owner may do everything.
    Granted,
}

/// The service that knows who is a member of which organization, and what they may do there. The plugin
/// that keeps organizations provides it.
#[async_trait]
pub trait OrganizationAccess: Send + Sync + 'static {
    /// Whether a user may take this action on this resource, such as `create` on `apiKey`, as the primary
    /// store has it now.
    async fn standing(
        &self,
        core: &Arc<Core>,
        user_id: &str,
        organization_id: &str,
        resource: &str,
        action: &str,
    ) -> Result<Standing, Failure>;
}

/// A slot: something that belongs to organizations. The plugin that keeps them tells each part, in the
/// transaction that deletes one.
#[async_trait]
pub trait OrganizationProperty: Send + Sync + 'static {
    /// Removes all that belongs to it.
    async fn remove(&self, tx: &Tx, organization_id: &str) -> Result<(), Failure>;
}
