//! What others learn of the active organization: roles, and claims of signed tokens.

use std::sync::Arc;

use auth_core::{
    Call, Core, Failure,
    access::{AccessControl, Grants},
    async_trait,
    ports::TokenClaims,
    session::{Identity, Level, RoleSource},
};
use serde_json::{Map, Value, json};

use crate::{OrganizationPlugin, endpoints::active, store};

/// What the caller may do in the active organization: the session's word is not enough, for somebody may
/// have been removed since.
async fn here(
    plugin: &OrganizationPlugin,
    core: &Arc<Core>,
    identity: &Identity,
) -> Result<Option<(String, Arc<Grants>)>, Failure> {
    let Some(id) = active(identity) else { return Ok(None) };
    Ok(plugin.grants(core, &identity.user.id, &id, Level::Cached).await?.map(|grants| (id, grants)))
}

#[async_trait]
impl RoleSource for OrganizationPlugin {
    async fn roles(&self, call: &Arc<Call>, identity: &Identity) -> Result<Vec<String>, Failure> {
        let found = here(self, call.core(), identity).await?;
        Ok(found.map(|(_, grants)| grants.names().map(str::to_owned).collect()).unwrap_or_default())
    }
}

#[async_trait]
impl TokenClaims for OrganizationPlugin {
    async fn add(
        &self,
        core: &Arc<Core>,
        identity: &Identity,
        claims: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        let Some((id, grants)) = here(self, core, identity).await? else { return Ok(()) };
        let Some(organization) = store::organizations::find(core.db(), &id).await? else { return Ok(()) };
        let roles: Vec<&str> = grants.names().collect();
        let claim = json!({ "id": organization.id, "slug": organization.slug, "roles": roles });
        claims.insert("organization".to_owned(), claim);
        Ok(())
    }
}
