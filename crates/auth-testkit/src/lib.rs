//! A whole host in a test: a fresh database, a frozen clock, seeded randomness, captured mail, and
//! actors that speak to it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use auth_testkit::{TestApp, json};
//! # use auth_testkit::auth_core;
//! use auth_core::{Failure, Json, Key, Manifest, Plugin, Problem, Registrar, config::NoConfig, get};
//!
//! struct Greet;
//!
//! impl Plugin for Greet {
//!     const MANIFEST: Manifest = Manifest::new("greet", env!("CARGO_PKG_VERSION"), "Says hello");
//!     type Config = NoConfig;
//!
//!     fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
//!         Ok(Self)
//!     }
//!
//!     fn register(self: Arc<Self>, host: &mut Registrar) {
//!         host.endpoint(get(HELLO, "/greet/hello", hello));
//!     }
//! }
//!
//! const HELLO: Key<(), String> = Key::new("greetHello");
//!
//! async fn hello() -> Result<Json<String>, Failure> {
//!     Ok(Json("Hello".to_owned()))
//! }
//!
//! // In a test: `#[tokio::test]`.
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let app = TestApp::builder().plugin::<Greet>().start().await;
//! let answer = app.anon().get("/greet/hello").await.expect(200);
//! assert_eq!(answer.body, json!("Hello"));
//! # }
//! ```
//!
//! With the plugin that keeps sessions, `app.user("ada").await` is somebody who is signed in, and
//! `app.signed_in(ada.user()).await` a second device of hers.
//!
//! The database is SQLite in a temporary file. With `TESSERA_TEST_BACKEND=postgres` the same test
//! runs on PostgreSQL, in a database of its own on the server of `TESSERA_TEST_POSTGRES`, and with `mysql` on
//! that of `TESSERA_TEST_MYSQL`. `cargo xtask test` runs what it has a server for.
//!
//! [`check`] is the suite that every plugin has to pass, ours and yours.
//!
//! This crate is for tests: it panics where something is not as it should be.
#![deny(missing_docs)]
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
mod document;
mod flaky;
pub mod limiters;
mod mailbox;
mod neighbours;
mod port;
mod race;
mod seen;
mod things;

pub use actor::{Actor, Answer};
pub use app::{Builder, TestApp};
pub use database::portable;
pub use flaky::Cable;
pub use mailbox::Mailbox;
pub use port::Listening;
pub use race::race;

pub use auth_core;
pub use auth_host;
pub use serde_json::{Value, json};
