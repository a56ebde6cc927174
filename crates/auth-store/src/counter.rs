//! Counters that stop at a maximum, whoever else counts at the same time.

use sea_orm::{
    ConnectionTrait, DbErr,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

/// Adds one to a row's counter if that keeps it at or below `max`; says whether it did.
///
/// Compare and increment are one statement, so `max` callers of any number succeed. A missing row
/// and a null counter count as used up.
pub async fn bump(
    conn: &impl ConnectionTrait,
    table: &str,
    key_column: &str,
    key: &str,
    counter_column: &str,
    max: i64,
) -> Result<bool, DbErr> {
    let counter = || Expr::col(Alias::new(counter_column));
    let mut query = Query::update();
    query
        .table(Alias::new(table))
        .value(Alias::new(counter_column), counter().add(1))
        .and_where(Expr::col(Alias::new(key_column)).eq(key))
        .and_where(counter().lt(max));
    Ok(conn.execute(&query).await?.rows_affected() > 0)
}
