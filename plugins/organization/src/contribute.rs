//! What others learn of the active organization: roles, and claims of signed tokens.

use std::sync::Arc;

use auth_core::{
    Call, Core, Failure, async_trait,
    ports::TokenClaims,
    session::{Identity, RoleSource},
};
use serde_json::{Map, Value, json};

use crate::{OrganizationPlugin, access::names, endpoints::active, schema::member, store};

/// The caller's membership of the active organization, as the store has it now: the session's word is not
/// enough, for somebody may have been removed since.
async fn membership(core: &Core, identity: &Identity) -> Result<Option<member::Model>, Failure> {
    match active(identity) {
        Some(id) => store::members::of_user(core.db(), &id, &identity.user.id).await,
        None => Ok(None),
    }
}

#[async_trait]
impl RoleSource for OrganizationPlugin {
    async fn roles(&self, call: &Arc<Call>, identity: &Identity) -> Result<Vec<String>, Failure> {
        let member = membership(call.core(), identity).await?;
        Ok(member.map(|member| names(&member.role).map(str::to_owned).collect()).unwrap_or_default())
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
        let Some(member) = membership(core, identity).await? else { return Ok(()) };
        let Some(organization) = store::organizations::find(core.db(), &member.organization_id).await? else {
            return Ok(());
        };
        let roles: Vec<&str> = names(&member.role).collect();
        let claim = json!({ "id": organization.id, "slug": organization.slug, "roles": roles });
        claims.insert("organization".to_owned(), claim);
        Ok(())
    }
}
