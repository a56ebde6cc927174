//! What the author of a Tessera plugin sees.
//!
//! A plugin is a const [`Manifest`], a typed config and one pure [`Plugin::register`] that hands
//! typed values to the [`Registrar`]: endpoints, hooks, columns, tables, services, slots, rate
//! rules and background tasks. The host prints, checks, documents, orders and migrates all of it
//! before the first request.
//!
//! To add a plugin, run `cargo xtask new-plugin <id>` and read [`mod@plugin`]; to add an endpoint,
//! read [`endpoint`]; to add a hook, read [`hook`].

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
