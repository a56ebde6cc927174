//! A lock with an end, for work that one node does at a time.
//!
//! A node that dies keeps its lease until it runs out and no longer; a node that lives renews it by
//! acquiring again. The table `tessera_lease` belongs to the core's migrations.

use std::time::Duration;

use auth_core::Timestamp;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

const UPSERT: &str = r#"INSERT INTO "tessera_lease" ("name", "holder", "until") VALUES ($1, $2, $3)
ON CONFLICT ("name") DO UPDATE SET "holder" = excluded."holder", "until" = excluded."until"
WHERE "tessera_lease"."until" < $4 OR "tessera_lease"."holder" = excluded."holder""#;

// Assignments run from left to right: `until` is decided by the new `holder`.
const MYSQL_UPSERT: &str = "INSERT INTO `tessera_lease` (`name`, `holder`, `until`) VALUES (?, ?, ?) \
ON DUPLICATE KEY UPDATE \
`holder` = IF(`until` < ? OR `holder` = VALUES(`holder`), VALUES(`holder`), `holder`), \
`until` = IF(`holder` = VALUES(`holder`), VALUES(`until`), `until`)";

/// Takes or renews a lease; `false` while somebody else has it.
pub async fn acquire(
    conn: &impl ConnectionTrait,
    name: &str,
    holder: &str,
    now: Timestamp,
    ttl: Duration,
) -> Result<bool, DbErr> {
    let backend = conn.get_database_backend();
    let until = now.plus(ttl);
    let values: [Value; 4] = [name.into(), holder.into(), until.into(), now.into()];
    let sql = if backend == DbBackend::MySql { MYSQL_UPSERT } else { UPSERT };
    let done = conn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    if backend != DbBackend::MySql {
        return Ok(done.rows_affected() == 1);
    }
    // MySQL counts a refused update as a found row.
    let held = "SELECT `name` FROM `tessera_lease` WHERE `name` = ? AND `holder` = ?";
    let held = Statement::from_sql_and_values(backend, held, [name.into(), holder.into()]);
    Ok(conn.query_one_raw(held).await?.is_some())
}

/// Gives a lease back before its end, so that the next node need not wait.
pub async fn release(conn: &impl ConnectionTrait, name: &str, holder: &str) -> Result<(), DbErr> {
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::MySql => "DELETE FROM `tessera_lease` WHERE `name` = ? AND `holder` = ?",
        _ => r#"DELETE FROM "tessera_lease" WHERE "name" = $1 AND "holder" = $2"#,
    };
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, [name.into(), holder.into()])).await?;
    Ok(())
}
