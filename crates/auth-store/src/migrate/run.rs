//! Running a plan under a lock.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use auth_core::{
    Db, Timestamp,
    store::{Driver, DriverTx},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value};

use super::{Owner, Report, Step, ddl, diff, last_record, live::Live, schema_id, tracking_table_name};
use crate::{DatabaseConfig, Store, StoreError, connect};

/// How often a process that waits for the lock looks again.
const POLL: Duration = Duration::from_millis(50);

/// The advisory lock of PostgreSQL: "tessera" in ASCII.
const POSTGRES_LOCK: i64 = 0x0074_6573_7365_7261;

const MYSQL_LOCK: &str = "LEFT(CONCAT('tessera_migrations_', DATABASE()), 64)";

/// Runs what is missing. Of several processes at once one does it; the others wait and find
/// nothing to do.
pub async fn up(store: &Store, owners: &[Owner], now: Timestamp) -> Result<Report, StoreError> {
    let limit = Duration::from_millis(store.config.migration_timeout_ms);
    if store.driver.backend() == DbBackend::Sqlite {
        let tx = tokio::time::timeout(limit, sqlite_lock(store.driver.as_ref())).await;
        return embedded(tx.map_err(|_| StoreError::Locked(limit))??, owners, now).await;
    }
    let config = DatabaseConfig { max_connections: 2, statement_timeout_ms: 0, ..store.config.clone() };
    let driver: Arc<dyn Driver> = connect::open(&config).await?;
    let result = async {
        let lock = tokio::time::timeout(limit, server_lock(driver.as_ref())).await;
        let lock = lock.map_err(|_| StoreError::Locked(limit))??;
        let result = server(driver.clone(), owners, now).await;
        unlock(lock).await?;
        result
    };
    let result = result.await;
    driver.close().await;
    result
}

/// A transaction as the connection that the rest of this module asks for.
struct TxConn {
    backend: DbBackend,
    inner: Box<dyn DriverTx>,
}

#[async_trait]
impl ConnectionTrait for TxConn {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all(statement).await
    }
}

async fn begin(driver: &dyn Driver) -> Result<TxConn, DbErr> {
    Ok(TxConn { backend: driver.backend(), inner: driver.begin().await? })
}

/// The write lock of SQLite is the migration lock: looking and writing happen inside of it.
async fn sqlite_lock(driver: &dyn Driver) -> Result<TxConn, DbErr> {
    loop {
        match begin(driver).await {
            Err(DbErr::ConnectionAcquire(_)) => {}
            Err(error) if error.to_string().contains("database is locked") => {}
            done => return done,
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn embedded(tx: TxConn, owners: &[Owner], now: Timestamp) -> Result<Report, StoreError> {
    let live = Live::read(&tx).await?;
    let found = diff::diff(&tx, &live, owners).await?;
    let warnings = found.warnings.clone();
    let applied = found.into_steps()?;
    for step in &applied {
        run(&tx, step).await?;
    }
    let recorded = record(&tx, owners, &applied, now).await?;
    tx.inner.commit().await?;
    Ok(Report { applied, recorded, warnings })
}

/// Takes the lock of a database server. It is tried, not waited for: a waiting statement would
/// hold back the concurrent build of an index, which waits for all of them.
async fn server_lock(driver: &dyn Driver) -> Result<TxConn, DbErr> {
    loop {
        let tx = begin(driver).await?;
        let (prepare, take) = match tx.backend {
            DbBackend::MySql => (None, format!("SELECT COALESCE(GET_LOCK({MYSQL_LOCK}, 0), 0) = 1 AS `got`")),
            _ => (
                Some("SET LOCAL idle_in_transaction_session_timeout = 0"),
                format!("SELECT pg_try_advisory_xact_lock({POSTGRES_LOCK}) AS \"got\""),
            ),
        };
        if let Some(prepare) = prepare {
            tx.execute_unprepared(prepare).await?;
        }
        let row = tx.query_one_raw(Statement::from_string(tx.backend, take)).await?;
        if row.map(|row| row.try_get::<bool>("", "got")).transpose()?.unwrap_or(false) {
            return Ok(tx);
        }
        tx.inner.rollback().await?;
        tokio::time::sleep(POLL).await;
    }
}

/// PostgreSQL's lock ends with its transaction, MySQL's with its connection or by name.
async fn unlock(tx: TxConn) -> Result<(), DbErr> {
    if tx.backend == DbBackend::MySql {
        let release = format!("SELECT RELEASE_LOCK({MYSQL_LOCK})");
        tx.query_one_raw(Statement::from_string(tx.backend, release)).await?;
    }
    tx.inner.rollback().await
}

async fn server(driver: Arc<dyn Driver>, owners: &[Owner], now: Timestamp) -> Result<Report, StoreError> {
    let db = Db::new(driver.clone());
    let live = Live::read(&db).await?;
    let found = diff::diff(&db, &live, owners).await?;
    let warnings = found.warnings.clone();
    let applied = found.into_steps()?;
    if applied.iter().any(|step| step.in_transaction) {
        let tx = begin(driver.as_ref()).await?;
        if tx.backend == DbBackend::Postgres {
            // A new column waits for whoever reads the table, and everyone else waits behind it.
            tx.execute_unprepared("SET LOCAL lock_timeout = '10s'").await?;
        }
        for step in applied.iter().filter(|step| step.in_transaction) {
            run(&tx, step).await?;
        }
        tx.inner.commit().await?;
    }
    for step in applied.iter().filter(|step| !step.in_transaction) {
        run(&db, step).await?;
    }
    let recorded = record(&db, owners, &applied, now).await?;
    Ok(Report { applied, recorded, warnings })
}

async fn run(conn: &impl ConnectionTrait, step: &Step) -> Result<(), DbErr> {
    tracing::info!(owner = step.owner, sql = %step.sql, "migrating");
    conn.execute_unprepared(&step.sql).await?;
    Ok(())
}

/// Writes down which schema each owner has now, where that changed.
async fn record(
    conn: &impl ConnectionTrait,
    owners: &[Owner],
    applied: &[Step],
    now: Timestamp,
) -> Result<Vec<&'static str>, DbErr> {
    let backend = conn.get_database_backend();
    let mut recorded = Vec::new();
    for owner in owners {
        let id = schema_id(owner);
        let count = applied.iter().filter(|step| step.owner == owner.id).count();
        let last = last_record(conn, owner.id).await?;
        if count == 0 && last.is_some_and(|(last, _)| last == id) {
            continue;
        }
        let table = ddl::quote(backend, &tracking_table_name(owner.id));
        let columns = ["id", "statements", "appliedAt"].map(|name| ddl::quote(backend, name)).join(", ");
        let marks = match backend {
            DbBackend::Postgres => ["$1", "$2", "$3"],
            _ => ["?"; 3],
        };
        // A schema may come back after another one: its row moves to the front.
        let [mark, ..] = marks;
        let delete = format!("DELETE FROM {table} WHERE {} = {mark}", ddl::quote(backend, "id"));
        conn.execute_raw(Statement::from_sql_and_values(backend, delete, [id.clone().into()])).await?;
        let insert = format!("INSERT INTO {table} ({columns}) VALUES ({})", marks.join(", "));
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        let values: [Value; 3] = [id.into(), count.into(), now.into()];
        conn.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
        recorded.push(owner.id);
    }
    Ok(recorded)
}
