//! Databases: pools, dialect differences, migrations.
//!
//! [`connect`] gives the [`Db`] that everything else works with; [`Store`] is the same with what
//! [`migrate::up`] needs beyond it. To support another database, add a [`config`] target, its pool
//! in `connect`, its types and quotes in `migrate::ddl`, and its catalogue in `migrate::live`.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!("auth-store needs a database: enable the feature `sqlite`, `postgres` or `mysql`");

#[cfg(feature = "sqlite")]
pub mod backup;
pub mod config;
mod connect;
pub mod counter;
mod driver;
mod error;
pub mod lease;
pub mod migrate;

use std::sync::Arc;

use auth_core::{Db, store::Driver};

pub use config::{DatabaseConfig, Synchronous, redact_url};
pub use driver::PoolState;
pub use error::StoreError;

/// Opens a database. A SQLite file and its folder are created where they are missing.
pub async fn connect(config: &DatabaseConfig) -> Result<Db, StoreError> {
    Ok(Store::open(config).await?.db())
}

/// An open database together with how to open it, which migrations need: they hold a lock on one
/// connection, work on a second, and are exempt from the statement timeout.
pub struct Store {
    config: DatabaseConfig,
    driver: Arc<dyn Driver>,
    sql: Arc<driver::SqlDriver>,
    db: Db,
}

impl Store {
    pub async fn open(config: &DatabaseConfig) -> Result<Self, StoreError> {
        let sql = connect::open(config).await?;
        Ok(Self { config: config.clone(), db: Db::new(sql.clone()), driver: sql.clone(), sql })
    }

    #[must_use]
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// The connections, for figures.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolState> {
        self.sql.pools()
    }

    /// The driver underneath, for transactions without a host: tools, tests.
    #[must_use]
    pub fn driver(&self) -> &Arc<dyn Driver> {
        &self.driver
    }
}
