//! The program itself, in a folder of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod backup;
mod commands;
mod config;
mod deploy;
mod durability;
mod import;
mod logs;
mod nodes;
mod observe;
mod overload;
mod program;
mod reload;
mod serve;
mod support;
#[cfg(feature = "otlp")]
mod traces;
mod users;
