use auth_core::{
    Failure, Timestamp, Tx,
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
        QuerySelect, Select, sea_query::Expr,
    },
};

use crate::{
    change::{self, OrganizationChange},
    schema::invitation::{self, Column, Entity, Model},
};

pub(crate) const PENDING: &str = "pending";
pub(crate) const ACCEPTED: &str = "accepted";
pub(crate) const REJECTED: &str = "rejected";
pub(crate) const CANCELED: &str = "canceled";

pub(crate) async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).one(conn).await?)
}

fn waiting(organization_id: &str, now: Timestamp) -> Select<Entity> {
    Entity::find()
        .filter(Column::OrganizationId.eq(organization_id))
        .filter(Column::Status.eq(PENDING))
        .filter(Column::ExpiresAt.gt(now))
}

/// The invitation of an address that waits for an answer.
pub(crate) async fn waiting_for(
    conn: &impl ConnectionTrait,
    organization_id: &str,
    email: &str,
    now: Timestamp,
) -> Result<Option<Model>, Failure> {
    Ok(waiting(organization_id, now).filter(Column::Email.eq(email)).one(conn).await?)
}

pub(crate) async fn count_waiting(
    conn: &impl ConnectionTrait,
    organization_id: &str,
    now: Timestamp,
) -> Result<u64, Failure> {
    Ok(waiting(organization_id, now).count(conn).await?)
}

/// As many as an answer holds.
const PAGE: u64 = 1000;

/// The newest ones, oldest first.
pub(crate) async fn of_organization(
    conn: &impl ConnectionTrait,
    organization_id: &str,
) -> Result<Vec<Model>, Failure> {
    let query = Entity::find().filter(Column::OrganizationId.eq(organization_id));
    let query = query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(PAGE);
    let mut rows = query.all(conn).await?;
    rows.reverse();
    Ok(rows)
}

pub(crate) async fn of_email(conn: &impl ConnectionTrait, email: &str) -> Result<Vec<Model>, Failure> {
    let query = Entity::find().filter(Column::Email.eq(email)).filter(Column::Status.eq(PENDING));
    Ok(query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).limit(PAGE).all(conn).await?)
}

pub(crate) async fn create(tx: &Tx, mut row: Model) -> Result<Model, Failure> {
    change::before(tx, OrganizationChange::Invite(&mut row)).await?;
    invitation::ActiveModel::from(row.clone()).insert(tx).await?;
    Ok(row)
}

/// Gives an invitation that waits an end. Of any number of callers at once, one gets `true`.
pub(crate) async fn settle(tx: &Tx, id: &str, status: &str) -> Result<bool, Failure> {
    change::before(tx, OrganizationChange::Settle { invitation_id: id, status }).await?;
    let update = Entity::update_many().col_expr(Column::Status, Expr::value(status));
    let update = update.filter(Column::Id.eq(id)).filter(Column::Status.eq(PENDING));
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// As [`settle`], also for one that was rejected or canceled before: only who was accepted stays.
pub(crate) async fn cancel(tx: &Tx, id: &str) -> Result<bool, Failure> {
    change::before(tx, OrganizationChange::Settle { invitation_id: id, status: CANCELED }).await?;
    let update = Entity::update_many().col_expr(Column::Status, Expr::value(CANCELED));
    let update = update.filter(Column::Id.eq(id)).filter(Column::Status.ne(ACCEPTED));
    Ok(update.exec(tx).await?.rows_affected == 1)
}

pub(crate) async fn prolong(tx: &Tx, id: &str, expires_at: Timestamp) -> Result<(), Failure> {
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Invitations that wait name a role by its new name.
pub(crate) async fn rename_role(
    tx: &Tx,
    organization_id: &str,
    old: &str,
    renamed: impl Fn(&str) -> String,
) -> Result<(), Failure> {
    let named = Entity::find()
        .filter(Column::OrganizationId.eq(organization_id))
        .filter(Column::Status.eq(PENDING))
        .filter(Column::Role.contains(old))
        .all(tx)
        .await?;
    for invitation in named {
        let list = renamed(&invitation.role.unwrap_or_default());
        let update = Entity::update_many().col_expr(Column::Role, Expr::value(list));
        update.filter(Column::Id.eq(invitation.id)).exec(tx).await?;
    }
    Ok(())
}

/// Invitations that wait do not lead into a team that has gone.
pub(crate) async fn forget_team(tx: &Tx, organization_id: &str, team_id: &str) -> Result<(), Failure> {
    let named = Entity::find()
        .filter(Column::OrganizationId.eq(organization_id))
        .filter(Column::Status.eq(PENDING))
        .filter(Column::TeamId.contains(team_id))
        .all(tx)
        .await?;
    for invitation in named {
        let list = invitation.team_id.unwrap_or_default();
        let rest: Vec<&str> = list.split(',').filter(|id| *id != team_id).collect();
        let rest = (!rest.is_empty()).then(|| rest.join(","));
        Entity::update_many()
            .col_expr(Column::TeamId, Expr::value(rest))
            .filter(Column::Id.eq(invitation.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}
