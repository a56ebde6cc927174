//! What a user may do in an organization: by their own roles, and by those that they have in
//! organizations above it.

use std::sync::Arc;

use auth_core::{
    Core, Failure,
    access::{AccessControl, Grants, Role},
    async_trait,
    model::Session,
    sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter},
    session::Level,
};
use serde_json::{Map, Value};

use crate::{
    OrganizationPlugin,
    access::{names, permissions_of},
    memory::Reading,
    schema::{
        ActiveOrganization,
        member::{Column, Entity, Model},
    },
    store,
};

impl OrganizationPlugin {
    /// What somebody may do, as the store has it now.
    pub(crate) async fn read_grants(
        &self,
        conn: &impl ConnectionTrait,
        user_id: &str,
        organization_id: &str,
        reading: &mut Reading,
    ) -> Result<Option<Arc<Grants>>, Failure> {
        self.memory.note(reading, organization_id);
        let mut chain = vec![organization_id.to_owned()];
        if self.config.tree.inherits() {
            // Each organization's version is noted before what is above it is read.
            while let Some(parent) = self.parent_of(conn, &chain).await? {
                self.memory.note(reading, &parent);
                chain.push(parent);
            }
        }
        let rows = Entity::find()
            .filter(Column::UserId.eq(user_id))
            .filter(Column::OrganizationId.is_in(chain.iter().map(String::as_str)));
        let mut rows: Vec<Model> = rows.all(conn).await?;
        let distance = |row: &Model| chain.iter().position(|id| *id == row.organization_id);
        rows.sort_by_key(distance);
        if rows.is_empty() {
            return Ok(None);
        }
        let mut grants = Grants::default();
        for row in rows {
            grants.creator |= self.roles.is_creator(&row.role);
            grants.roles.extend(self.roles_of(conn, &row).await?);
        }
        Ok(Some(Arc::new(grants)))
    }

    async fn parent_of(
        &self,
        conn: &impl ConnectionTrait,
        chain: &[String],
    ) -> Result<Option<String>, Failure> {
        // Rows that somebody else wrote may make a ring.
        let Some(last) = chain.last().filter(|_| chain.len() <= self.config.tree.max_depth) else {
            return Ok(None);
        };
        Ok(store::tree::parent(conn, last).await?.filter(|parent| !chain.contains(parent)))
    }

    /// The roles of a member, with what the organization added to them.
    async fn roles_of(&self, conn: &impl ConnectionTrait, member: &Model) -> Result<Vec<Arc<Role>>, Failure> {
        let made = if self.config.dynamic_roles.enabled {
            store::roles::named(conn, &member.organization_id, names(&member.role)).await?
        } else {
            Vec::new()
        };
        let roles = names(&member.role).map(|name| {
            let fixed = self.roles.get(name);
            let mut made = made.iter().filter(|role| role.role == name).peekable();
            match (fixed, made.peek()) {
                (Some(fixed), None) => fixed.clone(),
                (fixed, _) => {
                    let nothing = || Role { name: name.to_owned(), ..Role::default() };
                    let mut role = fixed.map_or_else(nothing, |role| role.as_ref().clone());
                    role.permissions = made.fold(role.permissions, |sum, row| sum.with(&permissions_of(row)));
                    Arc::new(role)
                }
            }
        });
        Ok(roles.collect())
    }
}

#[async_trait]
impl AccessControl for OrganizationPlugin {
    async fn grants(
        &self,
        core: &Arc<Core>,
        user_id: &str,
        organization_id: &str,
        level: Level,
    ) -> Result<Option<Arc<Grants>>, Failure> {
        if level == Level::Cached
            && let Some(known) = self.memory.get(core, user_id, organization_id)
        {
            return Ok(known);
        }
        let mut reading = Reading::default();
        let grants = self.read_grants(core.db(), user_id, organization_id, &mut reading).await?;
        self.memory.keep(core, user_id, organization_id, grants.as_ref(), reading);
        Ok(grants)
    }

    fn active(&self, session: &Session) -> Option<String> {
        session.ext::<ActiveOrganization>().id.filter(|id| !id.is_empty())
    }

    fn active_of_token(&self, claims: &Map<String, Value>) -> Option<String> {
        Some(claims.get("organization")?.get("id")?.as_str()?.to_owned())
    }
}
