//! The database as plugins see it.
//!
//! [`Db`] and [`Tx`] implement sea-orm's `ConnectionTrait`, so a plugin's own entities work on
//! both. Rows of the core tables go through the repositories ([`Users`], [`Sessions`],
//! [`Accounts`], [`Verifications`]): they know the further columns of other plugins, run the
//! database hooks and tell the event bus after the commit.
//!
//! Lookups return `Result<Option<T>>`: what a missing row means is the caller's decision.

mod accounts;
mod db;
mod rows;
mod sessions;
mod users;
mod verifications;

pub use accounts::Accounts;
pub(crate) use db::NULL_CHARACTER;
pub use db::{Db, Driver, DriverTx, Tx};
pub use sessions::{Revoke, Sessions};
pub use users::Users;
pub use verifications::Verifications;

/// Whether an error is the database's "there is one already".
#[must_use]
pub fn is_duplicate(error: &sea_orm::DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}
