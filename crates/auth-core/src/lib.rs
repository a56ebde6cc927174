//! What the author of a Tessera plugin sees.
//!
//! A plugin is a const [`Manifest`], a typed config and one pure [`Plugin::register`] that hands typed values to
//! the [`Registrar`]. The host prints, checks, documents, orders and migrates all of it before the first request.
//!
//! # A whole plugin
//!
//! ```
//! use std::sync::Arc;
//!
//! use auth_core::{
//!     Cx, Json, Key, Manifest, Plugin, PluginConfig, Preset, Problem, Registrar, Session,
//!     endpoint::{Tag, get},
//!     schemars::JsonSchema,
//!     serde::{Deserialize, Serialize},
//! };
//!
//! /// `[plugins.greet]`; the comments of the fields become the reference.
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! #[serde(crate = "auth_core::serde", deny_unknown_fields)]
//! #[schemars(crate = "auth_core::schemars")]
//! pub struct Config {
//!     /// What comes before the name.
//!     pub greeting: String,
//! }
//!
//! impl PluginConfig for Config {
//!     fn preset(_: Preset) -> Self {
//!         Self { greeting: "Hello".to_owned() }
//!     }
//! }
//!
//! pub struct Greet {
//!     config: Config,
//! }
//!
//! impl Plugin for Greet {
//!     const MANIFEST: Manifest = Manifest::new("greet", env!("CARGO_PKG_VERSION"), "Says hello");
//!     type Config = Config;
//!
//!     fn new(config: Config) -> Result<Self, Vec<Problem>> {
//!         Ok(Self { config })
//!     }
//!
//!     fn register(self: Arc<Self>, host: &mut Registrar) {
//!         host.endpoint(get(HELLO, "/greet/hello", hello).tag(Tag::new("greeting")).summary("Says hello"));
//!     }
//! }
//!
//! auth_core::plugin!(Greet);
//!
//! pub const HELLO: Key<(), Hello> = Key::new("greetHello");
//!
//! auth_core::errors! {
//!     enum HelloError {
//!         Nameless => (409, "NO_NAME", "You have no name to be greeted by"),
//!     }
//! }
//!
//! /// What is said.
//! #[derive(Debug, Serialize, Deserialize, JsonSchema)]
//! #[serde(crate = "auth_core::serde")]
//! #[schemars(crate = "auth_core::schemars")]
//! pub struct Hello {
//!     pub text: String,
//! }
//!
//! async fn hello(cx: Cx<Greet>, session: Session) -> Result<Json<Hello>, HelloError> {
//!     let name = &session.user.name;
//!     if name.is_empty() {
//!         return Err(HelloError::Nameless);
//!     }
//!     Ok(Json(Hello { text: format!("{}, {name}", cx.plugin().config.greeting) }))
//! }
//! # let mut host = Registrar::default();
//! # Arc::new(Greet { config: Config::preset(Preset::Tessera) }).register(&mut host);
//! # let facts = host.endpoints.remove(0).value.document(Default::default()).facts;
//! # assert!(facts.errors.iter().any(|error| error.code == "NO_NAME"));
//! ```
//!
//! `cargo xtask new-plugin <id>` writes one with a table, a hook, its tests and its README. Tests run a whole host
//! with the crate `auth-testkit`.
//!
//! # What to read, in this order
//!
//! 1. [`mod@plugin`] and [`manifest`]: what a plugin is and how it stands to others;
//! 2. [`endpoint`]: handlers, their arguments, replies and errors ([`errors!`]);
//! 3. [`call`] and [`core`]: what a handler can reach while it runs;
//! 4. [`store`]: reading, and the one transaction of a request;
//! 5. [`hook`]: what is done around other plugins' endpoints and rows;
//! 6. [`services`] and [`ports`]: what plugins share, and what they may rely on.
//!
//! # What a plugin can contribute
//!
//! | Contribution | With | Read |
//! |---|---|---|
//! | an endpoint | [`Registrar::endpoint`] | [`endpoint::get`], [`endpoint::post`], [`endpoint::internal`] |
//! | its errors | [`errors!`] | [`error`] |
//! | its settings | [`Plugin::Config`] | [`PluginConfig`] |
//! | a hook on requests | [`Registrar::before`], [`Registrar::after`] | [`BeforeHook`], [`AfterHook`], [`Phase`] |
//! | a hook on rows | [`Registrar::database_hook`] | [`DatabaseHook`] |
//! | a table | [`Registrar::table`] | [`schema::Table`] |
//! | columns on a core table | [`Registrar::columns`] | [`columns!`], [`schema::View`] |
//! | a limit of requests | [`Registrar::rate`] | [`rate::RateRule`] |
//! | a background task | [`Registrar::task`] | [`task::Task`] |
//! | something that reacts to events | [`Registrar::listen`] | [`registrar::Listener`], [`Event`] |
//! | a matter of security | [`Registrar::alarm`] | [`Event::risk`] |
//! | a figure | [`Registrar::metric`] | [`metric`] |
//! | a command | [`Registrar::command`] | [`command`] |
//! | a kind of mail | [`Registrar::mail`] | [`ports::Message`] |
//! | a service, alone | [`Registrar::provide`] | [`services`] |
//! | a part of a slot | [`Registrar::contribute`] | [`services`]; traits that say "a slot" |
//! | something around a service | [`Registrar::wrap`] | [`services`], [`ports::PasswordPolicy`] |
//! | a socket | an endpoint that answers with it | [`socket`], [`ports::Topic`] |
//! | its own memory | a field of the plugin | [`cache`], [`ports::NodeMemory`] |
//! | defaults of another plugin | [`Plugin::overlay`] | [`Overlay`], [`Manifest::extends`] |
//!
//! # What the host promises, and asks for
//!
//! - [`Plugin::new`] and [`Plugin::register`] are pure: no I/O, no clock, no threads. So `config check`, `openapi`
//!   and `plugins list` need no database, and every problem is told at once.
//! - A plugin that is not enabled contributes nothing: no route, no hook, no task. A table that it once made stays.
//! - Unknown is an error: a hook on an endpoint that nobody has, a column that two plugins claim, a service that is
//!   needed and that nobody provides keep the host from starting.
//! - Time and randomness are parameters: [`Core::now`], [`Core::new_id`], [`Core::random`]. Tests freeze the one and
//!   seed the other.
//! - A request that fails leaves nothing half-written. A handler hands over one transaction at its end
//!   ([`Call::commit_with`]); a session that it issued is stored, and its cookie rendered, after the last hook.
//! - Secrets are types that cannot be printed ([`crypto::Secret`]). Logs and [`Event`]s hold ids.
//! - Bad input is a 4xx with a code before the handler runs. A [`Failure`] of ours says nothing of its source to
//!   clients.
//! - Nothing slow runs inside a transaction, and nothing that waits runs on an async thread: passwords are hashed in
//!   [`Core::passwords`].

#![deny(missing_docs)]

pub mod access;
pub mod active;
pub mod breaker;
pub mod cache;
pub mod call;
pub mod command;
pub mod config;
pub mod core;
pub mod email;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod fields;
pub mod hook;
pub mod ip;
pub mod limits;
pub mod lockout;
pub mod manifest;
pub mod metric;
pub mod model;
pub mod origin;
pub mod plugin;
pub mod ports;
pub mod proof;
pub mod rate;
pub mod registrar;
pub mod schema;
pub mod services;
pub mod session;
pub mod settings;
pub mod socket;
pub mod store;
pub mod task;
pub mod trace;
pub mod validate;

pub use async_trait::async_trait;
pub use auth_crypto as crypto;
pub use http;
pub use schemars;
pub use sea_orm;
pub use serde;
pub use serde_json;

pub use crate::{
    call::{Call, Caller, Cx},
    config::{MergeStrategy, Overlay, PluginConfig, Preset, Problem},
    core::Core,
    endpoint::{Body, Extract, Json, Key, Params, Query, Redirect, ServerOnly, get, post},
    error::{ApiError, Failure},
    event::Event,
    hook::{AfterHook, BeforeHook, DatabaseHook, Flow, Match, Phase},
    manifest::{HOST_API, Manifest},
    model::{Account, Timestamp, User, Verification},
    plugin::Plugin,
    proof::Means,
    registrar::Registrar,
    session::{FreshSession, Session, StrictSession, WholeSession},
    store::{Db, Tx},
};

/// What [`plugin!`] and [`errors!`] expand to; not for direct use.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
}
