use auth_core::{
    Failure, Tx,
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
        QuerySelect,
    },
};

use crate::{
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

/// Whether a member has this role. The organization is locked.
pub(crate) async fn is_in_use(tx: &Tx, organization_id: &str, name: &str) -> Result<bool, Failure> {
    let lists = member::Entity::find()
        .select_only()
        .column(member::Column::Role)
        .filter(member::Column::OrganizationId.eq(organization_id))
        .filter(member::Column::Role.contains(name));
    let lists: Vec<String> = lists.into_tuple().all(tx).await?;
    Ok(lists.iter().any(|list| crate::access::names(list).any(|one| one == name)))
}
