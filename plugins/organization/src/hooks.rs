//! A user who is deleted leaves their organizations, in the same transaction.

use std::sync::Arc;

use auth_core::{
    DatabaseHook, Failure, Tx, User, async_trait,
    hook::Change,
    sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder},
};

use crate::{
    OrganizationPlugin,
    schema::{invitation, member},
    store,
};

pub(crate) struct Leavers(pub(crate) Arc<OrganizationPlugin>);

#[async_trait]
impl DatabaseHook for Leavers {
    async fn before(&self, tx: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        match change {
            Change::DeleteUser(user) => self.leave(tx, user).await,
            _ => Ok(()),
        }
    }
}

impl Leavers {
    /// An organization in which nobody else is goes with its owner. One with others in it keeps an owner:
    /// they are refused until somebody else is one too.
    async fn leave(&self, tx: &Tx, user: &User) -> Result<(), Failure> {
        let OrganizationPlugin { config, roles, .. } = self.0.as_ref();
        let mine = member::Entity::find().filter(member::Column::UserId.eq(user.id.as_str()));
        // In one order for everybody, so that two who leave never wait for each other.
        for row in mine.order_by_asc(member::Column::OrganizationId).all(tx).await? {
            let id = row.organization_id.as_str();
            store::organizations::lock(tx, id).await?;
            // Again, now that nobody else changes it.
            let Some(row) = store::members::of_user(tx, id, &user.id).await? else { continue };
            if roles.is_creator(&row.role) && !store::members::another_creator(tx, roles, &row).await? {
                let members =
                    member::Entity::find().filter(member::Column::OrganizationId.eq(id)).count(tx).await?;
                if members > 1 {
                    return Err(Failure::bad_request(
                        "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
                        "You cannot leave the organization as the only owner",
                    ));
                }
                store::organizations::delete(tx, id, config).await?;
                continue;
            }
            store::members::delete(tx, &row, config.teams.enabled).await?;
            crate::tell(tx, "member.removed", &row);
        }
        let sent =
            invitation::Entity::delete_many().filter(invitation::Column::InviterId.eq(user.id.as_str()));
        sent.exec(tx).await?;
        Ok(())
    }
}
