use auth_core::{
    Failure, Tx,
    crypto::sha256_b64url,
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
        QuerySelect,
        sea_query::{Expr, ExprTrait, Query},
    },
};

use crate::{
    change::{self, OrganizationChange},
    config::reached,
    schema::{
        member,
        team::{self, Column, Entity, Model},
        team_member,
    },
};

/// As many teams, or members of one, as an answer holds.
const PAGE: u64 = 1000;

/// A team of this organization: one of another organization is none.
pub(crate) async fn find(
    conn: &impl ConnectionTrait,
    organization_id: &str,
    id: &str,
) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).filter(Column::OrganizationId.eq(organization_id)).one(conn).await?)
}

/// A team of whichever organization.
pub(crate) async fn anywhere(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).one(conn).await?)
}

pub(crate) async fn of_organization(
    conn: &impl ConnectionTrait,
    organization_id: &str,
) -> Result<Vec<Model>, Failure> {
    let query = Entity::find().filter(Column::OrganizationId.eq(organization_id));
    Ok(query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).limit(PAGE).all(conn).await?)
}

/// The teams of a user in the organizations that they are a member of.
pub(crate) async fn of_user(
    conn: &impl ConnectionTrait,
    user_id: &str,
    organization_id: Option<&str>,
) -> Result<Vec<Model>, Failure> {
    let teams = Query::select()
        .column(team_member::Column::TeamId)
        .from(team_member::Entity)
        .and_where(team_member::Column::UserId.eq(user_id))
        .to_owned();
    let organizations = Query::select()
        .column(member::Column::OrganizationId)
        .from(member::Entity)
        .and_where(member::Column::UserId.eq(user_id))
        .to_owned();
    let mut query = Entity::find()
        .filter(Column::Id.in_subquery(teams))
        .filter(Column::OrganizationId.in_subquery(organizations));
    if let Some(organization_id) = organization_id {
        query = query.filter(Column::OrganizationId.eq(organization_id));
    }
    Ok(query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).limit(PAGE).all(conn).await?)
}

pub(crate) async fn count(tx: &Tx, organization_id: &str) -> Result<u64, Failure> {
    Ok(Entity::find().filter(Column::OrganizationId.eq(organization_id)).count(tx).await?)
}

pub(crate) async fn create(tx: &Tx, mut row: Model) -> Result<Model, Failure> {
    change::before(tx, OrganizationChange::CreateTeam(&mut row)).await?;
    team::ActiveModel::from(row.clone()).insert(tx).await?;
    Ok(row)
}

/// Writes a team's name; `false` where the team has gone.
pub(crate) async fn rename(tx: &Tx, team: &mut Model) -> Result<bool, Failure> {
    change::before(tx, OrganizationChange::RenameTeam(team)).await?;
    let update = Entity::update_many()
        .col_expr(Column::Name, Expr::value(team.name.as_str()))
        .col_expr(Column::UpdatedAt, Expr::value(team.updated_at));
    let update = update.filter(Column::Id.eq(team.id.as_str()));
    Ok(update.exec(tx).await?.rows_affected == 1)
}

pub(crate) async fn delete(tx: &Tx, team: &Model) -> Result<(), Failure> {
    change::before(tx, OrganizationChange::DeleteTeam(team)).await?;
    team_member::Entity::delete_many()
        .filter(team_member::Column::TeamId.eq(team.id.as_str()))
        .exec(tx)
        .await?;
    Entity::delete_by_id(team.id.as_str()).exec(tx).await?;
    super::invitations::forget_team(tx, &team.organization_id, &team.id).await
}

pub(crate) async fn membership(
    conn: &impl ConnectionTrait,
    team_id: &str,
    user_id: &str,
) -> Result<Option<team_member::Model>, Failure> {
    let query = team_member::Entity::find()
        .filter(team_member::Column::TeamId.eq(team_id))
        .filter(team_member::Column::UserId.eq(user_id));
    Ok(query.one(conn).await?)
}

pub(crate) async fn members(
    conn: &impl ConnectionTrait,
    team_id: &str,
) -> Result<Vec<team_member::Model>, Failure> {
    let query = team_member::Entity::find().filter(team_member::Column::TeamId.eq(team_id));
    let query = query.order_by_asc(team_member::Column::CreatedAt).order_by_asc(team_member::Column::Id);
    Ok(query.limit(PAGE).all(conn).await?)
}

async fn count_members(tx: &Tx, team_id: &str) -> Result<u64, Failure> {
    Ok(team_member::Entity::find().filter(team_member::Column::TeamId.eq(team_id)).count(tx).await?)
}

/// Whether nobody more fits into a team. The organization is locked.
pub(crate) async fn is_full(tx: &Tx, team_id: &str, limit: u64) -> Result<bool, Failure> {
    Ok(limit != 0 && reached(limit, count_members(tx, team_id).await?))
}

/// Puts a user into a team where there is room; `None` where there is none. Who is in it stays in it.
/// The organization is locked.
pub(crate) async fn join(
    tx: &Tx,
    team_id: &str,
    user_id: &str,
    limit: u64,
) -> Result<Option<team_member::Model>, Failure> {
    if let Some(there) = membership(tx, team_id, user_id).await? {
        return Ok(Some(there));
    }
    if is_full(tx, team_id, limit).await? {
        return Ok(None);
    }
    change::before(tx, OrganizationChange::JoinTeam { team_id, user_id }).await?;
    let row = team_member::Model {
        id: tx.core().new_id(),
        team_id: team_id.to_owned(),
        user_id: user_id.to_owned(),
        // The same key as upstream's, for a database that is handed back.
        membership_key: Some(sha256_b64url(&serde_json::json!([team_id, user_id]).to_string())),
        created_at: Some(tx.core().now()),
    };
    team_member::ActiveModel::from(row.clone()).insert(tx).await?;
    add_to_count(tx, team_id, 1).await?;
    Ok(Some(row))
}

/// `false` where the user is not in the team.
pub(crate) async fn leave(tx: &Tx, team_id: &str, user_id: &str) -> Result<bool, Failure> {
    change::before(tx, OrganizationChange::LeaveTeam { team_id, user_id }).await?;
    let delete = team_member::Entity::delete_many()
        .filter(team_member::Column::TeamId.eq(team_id))
        .filter(team_member::Column::UserId.eq(user_id));
    if delete.exec(tx).await?.rows_affected == 0 {
        return Ok(false);
    }
    add_to_count(tx, team_id, -1).await?;
    Ok(true)
}

/// Takes a user out of all teams of an organization.
pub(crate) async fn leave_all(tx: &Tx, organization_id: &str, user_id: &str) -> Result<(), Failure> {
    let joined = Query::select()
        .column(team_member::Column::TeamId)
        .from(team_member::Entity)
        .and_where(team_member::Column::UserId.eq(user_id))
        .to_owned();
    let teams = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::OrganizationId.eq(organization_id))
        .to_owned();
    let fewer = Entity::update_many().col_expr(Column::MemberCount, Expr::col(Column::MemberCount).sub(1));
    let fewer =
        fewer.filter(Column::OrganizationId.eq(organization_id)).filter(Column::Id.in_subquery(joined));
    fewer.exec(tx).await?;
    let gone = team_member::Entity::delete_many()
        .filter(team_member::Column::UserId.eq(user_id))
        .filter(team_member::Column::TeamId.in_subquery(teams));
    gone.exec(tx).await?;
    Ok(())
}

async fn add_to_count(tx: &Tx, team_id: &str, by: i32) -> Result<(), Failure> {
    let count = Expr::col(Column::MemberCount).add(by);
    Entity::update_many()
        .col_expr(Column::MemberCount, count)
        .filter(Column::Id.eq(team_id))
        .exec(tx)
        .await?;
    Ok(())
}
