use auth_core::{
    Failure,
    sea_orm::{
        ConnectionTrait, DbErr, QueryResult,
        sea_query::{Alias, Expr, ExprTrait, Query},
    },
};

use crate::wire::MemberUser;

/// What members see of these users.
pub(crate) async fn by_ids<'i>(
    conn: &impl ConnectionTrait,
    ids: impl Iterator<Item = &'i str>,
) -> Result<Vec<MemberUser>, Failure> {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Query::select();
    query.columns(["id", "name", "email", "image"].map(Alias::new)).from(Alias::new("user"));
    query.and_where(Expr::col(Alias::new("id")).is_in(ids));
    let read = |row: &QueryResult| -> Result<MemberUser, DbErr> {
        Ok(MemberUser {
            id: row.try_get("", "id")?,
            name: row.try_get("", "name")?,
            email: row.try_get("", "email")?,
            image: row.try_get("", "image")?,
        })
    };
    let rows = conn.query_all(&query).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}
