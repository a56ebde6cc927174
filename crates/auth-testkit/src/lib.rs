//! A whole host in a test: a fresh database, a frozen clock, seeded randomness, captured mail, and
//! actors that speak to it.
//!
//! ```ignore
//! let app = TestApp::builder().plugin::<SessionPlugin>().plugin::<Greet>().start().await;
//! let ada = app.user("ada").await;
//! let answer = ada.get("/greet/hello").await.expect(200);
//! assert_eq!(answer.body["text"], "Hello, Ada");
//! ```
//!
//! The database is SQLite in a temporary file. With `TESSERA_TEST_BACKEND=postgres` the same test
//! runs on PostgreSQL, in a database of its own on the server of `TESSERA_TEST_POSTGRES`.
//! `cargo xtask test` runs both.
//!
//! [`check`] is the suite that every plugin has to pass, ours and yours.
//!
//! This crate is for tests: it panics where something is not as it should be.
#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test kit says what is wrong by panicking"
)]

mod actor;
mod app;
pub mod check;
mod database;
mod flaky;
pub mod limiters;
mod mailbox;
mod neighbours;
mod port;
mod seen;
mod things;

pub use actor::{Actor, Answer};
pub use app::{Builder, TestApp, race};
pub use flaky::Cable;
pub use mailbox::Mailbox;
pub use port::Listening;

pub use auth_core;
pub use auth_host;
pub use serde_json::{Value, json};
