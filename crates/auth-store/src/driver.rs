//! The port of the core over sea-orm's pools.
//!
//! SQLite takes one writer at a time. A pool of one connection queues writers fairly inside this
//! process, which `SQLITE_BUSY` would not; readers never wait for it (WAL).

use async_trait::async_trait;
use auth_core::{
    Timestamp,
    store::{Driver, DriverTx},
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};

/// The connections of a pool at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// `writer`, `reader`, or `all` where one pool does both.
    pub name: &'static str,
    pub open: u32,
    /// Of these, nobody uses this many.
    pub idle: u32,
    pub max: u32,
}

/// Looks at a pool.
pub(crate) type Gauge = Box<dyn Fn() -> PoolState + Send + Sync>;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) fn gauge<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> Gauge {
    let pool = pool.clone();
    Box::new(move || PoolState {
        name,
        open: pool.size(),
        idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
        max: pool.options().get_max_connections(),
    })
}

pub(crate) struct SqlDriver {
    backend: DbBackend,
    writer: DatabaseConnection,
    /// The same pool as the writer except on SQLite files.
    reader: DatabaseConnection,
    gauges: Vec<Gauge>,
}

impl SqlDriver {
    pub(crate) fn new(writer: DatabaseConnection, reader: DatabaseConnection, gauges: Vec<Gauge>) -> Self {
        Self { backend: writer.get_database_backend(), writer, reader, gauges }
    }

    pub(crate) fn pools(&self) -> Vec<PoolState> {
        self.gauges.iter().map(|gauge| gauge()).collect()
    }

    /// Only a plain `SELECT` is certain to change nothing.
    fn pool(&self, sql: &str) -> &DatabaseConnection {
        let reads = sql.trim_start().get(..6).is_some_and(|verb| verb.eq_ignore_ascii_case("select"));
        if reads { &self.reader } else { &self.writer }
    }
}

/// Writes points in time as the shared schema has them. SQLite has no type for them: the text has
/// exactly three fractional digits, so that it sorts, and so that Better Auth reads it.
fn adapt(backend: DbBackend, mut statement: Statement) -> Statement {
    if backend != DbBackend::Sqlite {
        return statement;
    }
    for value in statement.values.iter_mut().flat_map(|values| values.0.iter_mut()) {
        if let Value::TimeDateTimeWithTimeZone(at) = value {
            *value = at.map(|at| Timestamp::new(at).to_string()).into();
        }
    }
    statement
}

#[async_trait]
impl Driver for SqlDriver {
    fn backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.writer.execute_raw(adapt(self.backend, statement)).await
    }

    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.pool(&statement.sql).query_one_raw(adapt(self.backend, statement)).await
    }

    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.pool(&statement.sql).query_all_raw(adapt(self.backend, statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.writer.execute_unprepared(sql).await
    }

    async fn begin(&self) -> Result<Box<dyn DriverTx>, DbErr> {
        // A deferred transaction that turns from reading to writing fails at once where another
        // process wrote meanwhile; an immediate one waits for its turn.
        let mode = (self.backend == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
        let inner = self.writer.begin_with_options(options).await?;
        Ok(Box::new(SqlTx { backend: self.backend, inner }))
    }

    async fn ping(&self) -> Result<(), DbErr> {
        // The reader: a long write does not make the database look dead.
        self.reader.ping().await
    }

    async fn close(&self) {
        for pool in [&self.reader, &self.writer] {
            if let Err(error) = pool.close_by_ref().await {
                tracing::warn!(%error, "a database pool did not close");
            }
        }
    }
}

struct SqlTx {
    backend: DbBackend,
    /// Queues a rollback when it is dropped open; the connection runs it before anything else.
    inner: DatabaseTransaction,
}

#[async_trait]
impl DriverTx for SqlTx {
    async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(adapt(self.backend, statement)).await
    }

    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(adapt(self.backend, statement)).await
    }

    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(adapt(self.backend, statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn commit(self: Box<Self>) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), DbErr> {
        self.inner.rollback().await
    }
}
