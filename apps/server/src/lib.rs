//! Tessera, the server: the plugins, their configuration, and the command line.
//!
//! [`Program`] is the whole program, with further plugins where there are some. [`Application`] and
//! [`serve_with`] are for those who start it inside of another one: a test, a launcher. To add a plugin, use `cargo xtask plugin add`, which keeps
//! `plugins.rs`; to add a command, see `cli`.

#![deny(missing_docs)]
#![deny(unused_crate_dependencies)]

mod application;
mod assemble;
mod banner;
mod cli;
mod logging;
mod observe;
pub mod plugins;
mod program;
mod redact;
mod secret;
pub mod settings;

#[cfg(feature = "mimalloc")]
use mimalloc as _;

#[cfg(test)]
use insta as _;

pub use application::Application;
pub use assemble::{Assembly, Running, serve_with};
pub use program::Program;
