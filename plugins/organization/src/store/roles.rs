use auth_core::{
    Failure, Tx,
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
        QuerySelect,
    },
};

use crate::{
    access::names,
    memory,
    schema::{
        member,
        organization_role::{self, Column, Entity, Model},
    },
};

/// As many roles as an answer holds.
const PAGE: u64 = 1000;

/// Those of an organization's own roles that have these names.
pub(crate) async fn named<'n>(
    conn: &impl ConnectionTrait,
    organization_id: &str,
    names: impl Iterator<Item = &'n str>,
) -> Result<Vec<Model>, Failure> {
    let query =
        Entity::find().filter(Column::OrganizationId.eq(organization_id)).filter(Column::Role.is_in(names));
    Ok(query.all(conn).await?)
}

pub(crate) async fn find(
    conn: &impl ConnectionTrait,
    organization_id: &str,
    id: &str,
) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).filter(Column::OrganizationId.eq(organization_id)).one(conn).await?)
}

pub(crate) async fn of_organization(
    conn: &impl ConnectionTrait,
    organization_id: &str,
) -> Result<Vec<Model>, Failure> {
    let query = Entity::find().filter(Column::OrganizationId.eq(organization_id));
    Ok(query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).limit(PAGE).all(conn).await?)
}

pub(crate) async fn count(tx: &Tx, organization_id: &str) -> Result<u64, Failure> {
    Ok(Entity::find().filter(Column::OrganizationId.eq(organization_id)).count(tx).await?)
}

pub(crate) async fn create(tx: &Tx, row: Model) -> Result<Model, Failure> {
    memory::changes(tx, &row.organization_id);
    organization_role::ActiveModel::from(row.clone()).insert(tx).await?;
    Ok(row)
}

pub(crate) async fn save(tx: &Tx, row: Model) -> Result<Model, Failure> {
    memory::changes(tx, &row.organization_id);
    let row = organization_role::ActiveModel::from(row).reset_all();
    Ok(row.update(tx).await?)
}

pub(crate) async fn delete(tx: &Tx, role: &Model) -> Result<(), Failure> {
    memory::changes(tx, &role.organization_id);
    Entity::delete_by_id(&role.id).exec(tx).await?;
    Ok(())
}

pub(crate) async fn is_taken(tx: &Tx, organization_id: &str, name: &str) -> Result<bool, Failure> {
    Ok(!named(tx, organization_id, std::iter::once(name)).await?.is_empty())
}

/// The members who have this role among theirs, and all roles of each. The organization is locked.
async fn holders(tx: &Tx, organization_id: &str, name: &str) -> Result<Vec<(String, String)>, Failure> {
    let rows = member::Entity::find()
        .select_only()
        .columns([member::Column::Id, member::Column::Role])
        .filter(member::Column::OrganizationId.eq(organization_id))
        .filter(member::Column::Role.contains(name));
    let mut rows: Vec<(String, String)> = rows.into_tuple().all(tx).await?;
    rows.retain(|(_, list)| names(list).any(|one| one == name));
    Ok(rows)
}

/// Whether a member has this role. The organization is locked.
pub(crate) async fn is_in_use(tx: &Tx, organization_id: &str, name: &str) -> Result<bool, Failure> {
    Ok(!holders(tx, organization_id, name).await?.is_empty())
}

/// Gives whoever has a role, or is invited with it, its new name. The organization is locked.
pub(crate) async fn rename(tx: &Tx, organization_id: &str, old: &str, new: &str) -> Result<(), Failure> {
    let renamed = |list: &str| -> String {
        names(list).map(|one| if one == old { new } else { one }).collect::<Vec<_>>().join(",")
    };
    for (id, list) in holders(tx, organization_id, old).await? {
        super::members::set_role(tx, organization_id, &id, &renamed(&list)).await?;
    }
    super::invitations::rename_role(tx, organization_id, old, renamed).await
}
