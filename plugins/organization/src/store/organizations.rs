use auth_core::{
    Failure, Tx,
    ports::OrganizationProperty,
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
        QuerySelect,
        sea_query::{Alias, Expr, ExprTrait, Query},
    },
};

use crate::{
    Config,
    change::{self, OrganizationChange},
    memory,
    schema::{
        invitation, member,
        organization::{self, Column, Entity, Model},
        organization_role, team, team_member,
    },
};

pub(crate) async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).one(conn).await?)
}

pub(crate) async fn by_slug(conn: &impl ConnectionTrait, slug: &str) -> Result<Option<Model>, Failure> {
    Ok(Entity::find().filter(Column::Slug.eq(slug)).one(conn).await?)
}

pub(crate) async fn by_ids<'i>(
    conn: &impl ConnectionTrait,
    ids: impl Iterator<Item = &'i str>,
) -> Result<Vec<Model>, Failure> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(conn).await?)
}

/// Reads an organization and makes other changes of it wait for the end of this transaction. SQLite has
/// one writer anyway.
pub(crate) async fn lock(tx: &Tx, id: &str) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx).await?)
}

/// The organizations of a user, in the order in which they joined.
pub(crate) async fn of_user(conn: &impl ConnectionTrait, user_id: &str) -> Result<Vec<Model>, Failure> {
    let mine = member::Entity::find()
        .filter(member::Column::UserId.eq(user_id))
        .order_by_asc(member::Column::CreatedAt)
        .order_by_asc(member::Column::Id)
        .all(conn)
        .await?;
    let mut rows = by_ids(conn, mine.iter().map(|member| member.organization_id.as_str())).await?;
    let place = |id: &str| mine.iter().position(|member| member.organization_id == id);
    rows.sort_by_key(|row| place(&row.id));
    Ok(rows)
}

/// How many organizations a user is in. Others of the same user wait.
pub(crate) async fn count_of_user(tx: &Tx, user_id: &str) -> Result<u64, Failure> {
    if tx.get_database_backend() != auth_core::sea_orm::DbBackend::Sqlite {
        let mut lock = Query::select();
        lock.column(Alias::new("id")).from(Alias::new("user"));
        lock.and_where(Expr::col(Alias::new("id")).eq(user_id)).lock_exclusive();
        tx.query_one(&lock).await?;
    }
    Ok(member::Entity::find().filter(member::Column::UserId.eq(user_id)).count(tx).await?)
}

pub(crate) async fn create(tx: &Tx, mut row: Model) -> Result<Model, Failure> {
    change::before(tx, OrganizationChange::Create(&mut row)).await?;
    organization::ActiveModel::from(row.clone()).insert(tx).await?;
    Ok(row)
}

/// Writes what has changed of an organization.
pub(crate) async fn update(tx: &Tx, from: &Model, mut to: Model) -> Result<Model, Failure> {
    change::before(tx, OrganizationChange::Update { from, to: &mut to }).await?;
    Ok(organization::ActiveModel::from(to).reset_all().update(tx).await?)
}

/// Deletes an organization with everything in it.
pub(crate) async fn delete(tx: &Tx, id: &str, config: &Config) -> Result<(), Failure> {
    change::before(tx, OrganizationChange::Delete { organization_id: id }).await?;
    memory::changes(tx, id);
    for property in tx.core().services().slot::<dyn OrganizationProperty>() {
        property.remove(tx, id).await?;
    }
    if config.tree.enabled {
        super::tree::remove(tx, id).await?;
    }
    if config.security.enabled {
        super::security::remove(tx, id).await?;
    }
    if config.teams.enabled {
        let mine = Query::select()
            .column(team::Column::Id)
            .from(team::Entity)
            .and_where(team::Column::OrganizationId.eq(id))
            .to_owned();
        team_member::Entity::delete_many()
            .filter(team_member::Column::TeamId.in_subquery(mine))
            .exec(tx)
            .await?;
        team::Entity::delete_many().filter(team::Column::OrganizationId.eq(id)).exec(tx).await?;
    }
    if config.dynamic_roles.enabled {
        organization_role::Entity::delete_many()
            .filter(organization_role::Column::OrganizationId.eq(id))
            .exec(tx)
            .await?;
    }
    invitation::Entity::delete_many().filter(invitation::Column::OrganizationId.eq(id)).exec(tx).await?;
    member::Entity::delete_many().filter(member::Column::OrganizationId.eq(id)).exec(tx).await?;
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
