//! What is above and below an organization.

use auth_core::{
    Failure, Tx,
    sea_orm::{
        ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
        sea_query::{Query, SimpleExpr},
    },
};

use crate::{
    memory,
    schema::organization_tree::{self, Column, Entity, Model},
};

pub(crate) async fn parent(conn: &impl ConnectionTrait, id: &str) -> Result<Option<String>, Failure> {
    Ok(Entity::find_by_id(id).one(conn).await?.map(|row| row.parent_id))
}

/// The organizations above one, the nearest first; at most as many as a tree is deep.
pub(crate) async fn ancestors(
    conn: &impl ConnectionTrait,
    id: &str,
    max_depth: usize,
) -> Result<Vec<String>, Failure> {
    let mut chain: Vec<String> = Vec::new();
    let mut at = id.to_owned();
    while chain.len() <= max_depth {
        match parent(conn, &at).await? {
            Some(parent) if parent != id && !chain.contains(&parent) => {
                chain.push(parent.clone());
                at = parent;
            }
            _ => break,
        }
    }
    Ok(chain)
}

/// Those right below an organization, at most `limit`.
pub(crate) async fn children(
    conn: &impl ConnectionTrait,
    id: &str,
    limit: Option<u64>,
) -> Result<Vec<String>, Failure> {
    let rows = Entity::find().select_only().column(Column::Id).filter(Column::ParentId.eq(id));
    Ok(rows.order_by_asc(Column::Id).limit(limit).into_tuple().all(conn).await?)
}

/// Levels below an organization: 0 where nothing is. More than `most` is not counted.
pub(crate) async fn height(conn: &impl ConnectionTrait, id: &str, most: usize) -> Result<usize, Failure> {
    let of =
        |filter: SimpleExpr| Query::select().column(Column::Id).from(Entity).and_where(filter).to_owned();
    let mut level = of(Column::ParentId.eq(id));
    for height in 0..=most {
        if conn.query_one(level.clone().limit(1)).await?.is_none() {
            return Ok(height);
        }
        level = of(Column::ParentId.in_subquery(level));
    }
    Ok(most + 1)
}

/// Puts an organization below another, or above everything.
pub(crate) async fn set_parent(tx: &Tx, id: &str, parent: Option<&str>) -> Result<(), Failure> {
    memory::changes(tx, id);
    Entity::delete_by_id(id).exec(tx).await?;
    if let Some(parent) = parent {
        let row = Model { id: id.to_owned(), parent_id: parent.to_owned(), created_at: tx.core().now() };
        organization_tree::ActiveModel::from(row).insert(tx).await?;
    }
    Ok(())
}

/// An organization goes: what was below it is below nothing.
pub(crate) async fn remove(tx: &Tx, id: &str) -> Result<(), Failure> {
    let below = children(tx, id, None).await?;
    for child in &below {
        memory::changes(tx, child);
    }
    Entity::delete_many().filter(Column::ParentId.eq(id)).exec(tx).await?;
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
