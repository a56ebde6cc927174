//! What organizations ask of their members' sessions.

use auth_core::{
    Failure, Tx,
    sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter},
};

use crate::{
    memory,
    schema::organization_security::{self, Column, Entity, Model},
};

pub(crate) async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, Failure> {
    Ok(Entity::find_by_id(id).one(conn).await?)
}

pub(crate) async fn of(conn: &impl ConnectionTrait, ids: &[String]) -> Result<Vec<Model>, Failure> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find().filter(Column::Id.is_in(ids.iter().map(String::as_str))).all(conn).await?)
}

/// Writes what an organization asks for. The organization is locked.
pub(crate) async fn set(tx: &Tx, row: Model) -> Result<(), Failure> {
    remove(tx, &row.id).await?;
    organization_security::ActiveModel::from(row).insert(tx).await?;
    Ok(())
}

pub(crate) async fn remove(tx: &Tx, id: &str) -> Result<(), Failure> {
    memory::changes(tx, id);
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
