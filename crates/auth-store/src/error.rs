//! What can go wrong between the configuration and a usable database.

use std::time::Duration;

use sea_orm::DbErr;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The configuration cannot work; says what would.
    #[error("{0}")]
    Config(String),
    /// The file of an embedded database cannot be made.
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    /// The migration would have to change or lose data. Every reason is listed.
    #[error("the database cannot be migrated as it is:\n{}", .0.join("\n"))]
    Refused(Vec<String>),
    /// Another process migrates and did not finish in time.
    #[error("another process holds the migration lock; gave up after {0:?}")]
    Locked(Duration),
    #[error(transparent)]
    Database(#[from] DbErr),
}
