use auth_core::{
    Core, Failure, Tx, User,
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
        QuerySelect, sea_query::Expr,
    },
};

use crate::{
    access::Roles,
    change::{self, OrganizationChange},
    config::reached,
    memory,
    schema::member::{self, Column, Entity, Model},
};

pub(crate) async fn of_user(
    conn: &impl ConnectionTrait,
    organization_id: &str,
    user_id: &str,
) -> Result<Option<Model>, Failure> {
    let query =
        Entity::find().filter(Column::OrganizationId.eq(organization_id)).filter(Column::UserId.eq(user_id));
    Ok(query.one(conn).await?)
}

/// The ids of a user's organizations.
pub(crate) async fn organizations_of(
    conn: &impl ConnectionTrait,
    user_id: &str,
) -> Result<Vec<String>, Failure> {
    let mine = Entity::find().select_only().column(Column::OrganizationId);
    Ok(mine.filter(Column::UserId.eq(user_id)).into_tuple().all(conn).await?)
}

/// A member of this organization by id: one of another organization is none.
pub(crate) async fn find(
    conn: &impl ConnectionTrait,
    organization_id: &str,
    id: &str,
) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).filter(Column::OrganizationId.eq(organization_id)).one(conn).await?)
}

pub(crate) async fn by_email(
    core: &Core,
    conn: &impl ConnectionTrait,
    organization_id: &str,
    email: &str,
) -> Result<Option<(Model, User)>, Failure> {
    let email = auth_core::email::normalize(email);
    let Some(user) = core.users().find_by_email(conn, &email).await? else { return Ok(None) };
    Ok(of_user(conn, organization_id, &user.id).await?.map(|member| (member, user)))
}

/// Whether somebody else than this member has the role that an organization cannot be without. The
/// organization is locked.
pub(crate) async fn another_creator(tx: &Tx, roles: &Roles, member: &Model) -> Result<bool, Failure> {
    // The text narrows the rows down; a role whose name only holds the other's is sorted out here.
    let others = Entity::find()
        .select_only()
        .column(Column::Role)
        .filter(Column::OrganizationId.eq(member.organization_id.as_str()))
        .filter(Column::Id.ne(member.id.as_str()))
        .filter(Column::Role.contains(roles.creator()));
    let others: Vec<String> = others.into_tuple().all(tx).await?;
    Ok(others.iter().any(|list| roles.is_creator(list)))
}

/// Whether no more can join. The organization is locked.
pub(crate) async fn is_full(tx: &Tx, organization_id: &str, limit: u64) -> Result<bool, Failure> {
    let count = Entity::find().filter(Column::OrganizationId.eq(organization_id)).count(tx).await?;
    Ok(reached(limit, count))
}

pub(crate) async fn create(
    tx: &Tx,
    organization_id: &str,
    user_id: &str,
    role: String,
) -> Result<Model, Failure> {
    let row = Model {
        id: tx.core().new_id(),
        organization_id: organization_id.to_owned(),
        user_id: user_id.to_owned(),
        role,
        created_at: tx.core().now(),
    };
    change::before(tx, OrganizationChange::AddMember(&row)).await?;
    memory::changes(tx, organization_id);
    memory::changes_for(tx, user_id);
    member::ActiveModel::from(row.clone()).insert(tx).await?;
    Ok(row)
}

pub(crate) async fn set_role(tx: &Tx, organization_id: &str, id: &str, role: &str) -> Result<(), Failure> {
    change::before(tx, OrganizationChange::ChangeRole { organization_id, member_id: id, role }).await?;
    memory::changes(tx, organization_id);
    Entity::update_many()
        .col_expr(Column::Role, Expr::value(role))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes somebody out of an organization, and out of its teams.
pub(crate) async fn delete(tx: &Tx, member: &Model, teams: bool) -> Result<(), Failure> {
    change::before(tx, OrganizationChange::RemoveMember(member)).await?;
    if teams {
        super::teams::leave_all(tx, &member.organization_id, &member.user_id).await?;
    }
    memory::changes(tx, &member.organization_id);
    memory::changes_for(tx, &member.user_id);
    Entity::delete_by_id(member.id.as_str()).exec(tx).await?;
    Ok(())
}

/// Whether there is a member of this id in any organization.
pub(crate) async fn exists(conn: &impl ConnectionTrait, id: &str) -> Result<bool, Failure> {
    Ok(Entity::find_by_id(id).count(conn).await? > 0)
}
