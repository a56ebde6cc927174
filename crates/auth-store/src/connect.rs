//! Pools, one function a backend.

use std::sync::Arc;

use crate::{
    StoreError,
    config::{DatabaseConfig, Target},
    driver::{SqlDriver, gauge},
};

pub(crate) async fn open(config: &DatabaseConfig) -> Result<Arc<SqlDriver>, StoreError> {
    let driver = match Target::parse(&config.url)? {
        #[cfg(feature = "sqlite")]
        Target::Memory => sqlite::memory(config).await?,
        #[cfg(feature = "sqlite")]
        Target::File(path) => sqlite::file(config, &path).await?,
        #[cfg(feature = "postgres")]
        Target::Postgres => postgres::pool(config).await?,
        #[cfg(feature = "mysql")]
        Target::MySql => mysql::pool(config).await?,
        #[allow(unreachable_patterns, reason = "reachable where a backend is not compiled in")]
        missing => return Err(not_compiled(&missing)),
    };
    Ok(Arc::new(driver))
}

/// Whether no other process uses the file of an embedded database.
#[cfg(feature = "sqlite")]
pub(crate) async fn is_unused(config: &DatabaseConfig) -> Result<bool, StoreError> {
    match Target::parse(&config.url)? {
        Target::File(path) => sqlite::is_unused(config, &path).await,
        _ => Ok(true),
    }
}

fn not_compiled(missing: &Target) -> StoreError {
    let name = match missing {
        Target::Memory | Target::File(_) => "sqlite",
        Target::Postgres => "postgres",
        Target::MySql => "mysql",
    };
    let compiled: Vec<&str> = [
        cfg!(feature = "sqlite").then_some("sqlite"),
        cfg!(feature = "postgres").then_some("postgres"),
        cfg!(feature = "mysql").then_some("mysql"),
    ]
    .into_iter()
    .flatten()
    .collect();
    StoreError::Config(format!(
        "this build has no support for `{name}` (it has: {}); build it with the feature `{name}`",
        compiled.join(", ")
    ))
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn failed(error: sqlx::Error) -> StoreError {
    StoreError::Database(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::{io, path::Path, time::Duration};

    use sea_orm::SqlxSqliteConnector;
    use sqlx::{
        Connection,
        sqlite::{
            SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePool, SqlitePoolOptions,
            SqliteSynchronous,
        },
    };

    use super::{DatabaseConfig, SqlDriver, StoreError, failed, gauge};
    use crate::Synchronous;

    pub(super) async fn memory(config: &DatabaseConfig) -> Result<SqlDriver, StoreError> {
        // Every connection to `:memory:` is a database of its own, so there is exactly one.
        let pool = pool(config, 1, options(config).filename(":memory:"), |pool| pool).await?;
        let gauges = vec![gauge("all", &pool)];
        let pool = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
        Ok(SqlDriver::new(pool.clone(), pool, gauges))
    }

    pub(super) async fn file(config: &DatabaseConfig, path: &str) -> Result<SqlDriver, StoreError> {
        let file = Path::new(path);
        create(file).map_err(|source| StoreError::File { path: path.to_owned(), source })?;
        let options = options(config).filename(file);
        let wal = options.clone().journal_mode(SqliteJournalMode::Wal);
        let writer = pool(config, 1, wal, without_ghosts).await?;
        let read_only = options.pragma("query_only", "ON");
        let readers = pool(config, config.max_connections, read_only, |pool| pool).await?;
        let gauges = vec![gauge("writer", &writer), gauge("reader", &readers)];
        Ok(SqlDriver::new(
            SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
            SqlxSqliteConnector::from_sqlx_sqlite_pool(readers),
            gauges,
        ))
    }

    /// Whether no other process has the file open: one connection can have it for itself.
    pub(super) async fn is_unused(config: &DatabaseConfig, path: &str) -> Result<bool, StoreError> {
        let alone = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(Duration::ZERO)
            .locking_mode(SqliteLockingMode::Exclusive);
        let Ok(pool) = pool(config, 1, alone, |pool| pool).await else { return Ok(false) };
        let begun = sqlx::query("BEGIN EXCLUSIVE").execute(&pool).await.is_ok();
        pool.close().await;
        Ok(begun)
    }

    fn options(config: &DatabaseConfig) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .foreign_keys(true)
            .busy_timeout(Duration::from_millis(config.busy_timeout_ms))
            .synchronous(match config.synchronous {
                Synchronous::Normal => SqliteSynchronous::Normal,
                Synchronous::Full => SqliteSynchronous::Full,
            })
    }

    async fn pool(
        config: &DatabaseConfig,
        size: u32,
        options: SqliteConnectOptions,
        further: fn(SqlitePoolOptions) -> SqlitePoolOptions,
    ) -> Result<SqlitePool, StoreError> {
        let pool = SqlitePoolOptions::new()
            .max_connections(size)
            // A file does not go away, and a memory database lives as long as its connection.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(config.acquire_timeout());
        further(pool).connect_with(options).await.map_err(failed)
    }

    /// Where the disk is full, SQLite ends a transaction by itself. Then there is nothing to roll back, which
    /// fails, and the library counts the transaction as open for good: what comes next would be nested in it,
    /// and never be committed. Such a connection is thrown away.
    fn without_ghosts(pool: SqlitePoolOptions) -> SqlitePoolOptions {
        pool.before_acquire(|connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    // A rollback may be on its way still; this comes behind it.
                    connection.ping().await?;
                }
                let ghost = connection.is_in_transaction();
                if ghost {
                    tracing::warn!("a connection to SQLite is replaced: its transaction did not roll back");
                }
                Ok(!ghost)
            })
        })
    }

    /// Makes the file and its folder, readable by their owner only. What exists keeps its mode.
    fn create(file: &Path) -> io::Result<()> {
        let mut folder = std::fs::DirBuilder::new();
        let mut open = std::fs::OpenOptions::new();
        folder.recursive(true);
        open.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
            folder.mode(0o700);
            open.mode(0o600);
        }
        if let Some(parent) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            folder.create(parent)?;
        }
        open.open(file).map(drop)
    }
}

/// A connection that idled this long is tested before use: one that the server closed meanwhile is
/// replaced instead of failing a request. Below it, the round trip is not worth it.
#[cfg(any(feature = "postgres", feature = "mysql"))]
const TEST_AFTER_IDLE: std::time::Duration = std::time::Duration::from_millis(50);

#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! remote {
    ($module:ident, $options:ty, $pool_options:ty, $connector:path, $setup:expr) => {
        mod $module {
            use sqlx::{AssertSqlSafe, Connection, Executor};

            use super::{DatabaseConfig, SqlDriver, StoreError, TEST_AFTER_IDLE, failed, gauge};

            pub(super) async fn pool(config: &DatabaseConfig) -> Result<SqlDriver, StoreError> {
                let options: $options = config.url.parse().map_err(failed)?;
                let setup: fn(u64) -> String = $setup;
                let setup = setup(config.statement_timeout_ms);
                let pool = <$pool_options>::new()
                    .max_connections(config.max_connections)
                    .acquire_timeout(config.acquire_timeout())
                    .test_before_acquire(false)
                    .before_acquire(|connection, meta| {
                        Box::pin(async move {
                            if meta.idle_for >= TEST_AFTER_IDLE {
                                connection.ping().await?;
                            }
                            Ok(true)
                        })
                    })
                    .after_connect(move |connection, _| {
                        let setup = setup.clone();
                        Box::pin(async move {
                            connection.execute(AssertSqlSafe(setup)).await?;
                            Ok(())
                        })
                    })
                    .connect_with(options)
                    .await
                    .map_err(failed)?;
                let gauges = vec![gauge("all", &pool)];
                let pool = $connector(pool);
                Ok(SqlDriver::new(pool.clone(), pool, gauges))
            }
        }
    };
}

#[cfg(feature = "postgres")]
remote!(
    postgres,
    sqlx::postgres::PgConnectOptions,
    sqlx::postgres::PgPoolOptions,
    sea_orm::SqlxPostgresConnector::from_sqlx_postgres_pool,
    |millis| format!("SET statement_timeout = {millis}")
);

#[cfg(feature = "mysql")]
remote!(
    mysql,
    sqlx::mysql::MySqlConnectOptions,
    sqlx::mysql::MySqlPoolOptions,
    sea_orm::SqlxMySqlConnector::from_sqlx_mysql_pool,
    // Transactions see what others commit, as PostgreSQL's do: nothing here counts on more, and locks of gaps
    // between rows would make requests wait for each other in a ring. The first comment is for MySQL, the
    // second for MariaDB, which has other names and counts in seconds.
    |millis| format!(
        "SET SESSION /*!50720 transaction_isolation = 'READ-COMMITTED', max_execution_time = {millis} */\
         /*M!100101 tx_isolation = 'READ-COMMITTED', max_statement_time = {}.{:03} */",
        millis / 1000,
        millis % 1000
    )
);
