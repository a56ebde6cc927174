//! The host: discover → select → order → configure → register → freeze → migrate → start → serve.
//!
//! [`Plan`] is everything up to the freeze and needs no I/O: `config check`, `openapi`,
//! `plugins list` and golden tests work on it. [`Host`] is a plan that was started on a database.

mod builtin;
mod commit;
mod config;
mod dispatch;
mod envelope;
mod explain;
mod figures;
mod freeze;
mod guard;
mod host;
mod limits;
mod openapi;
mod order;
mod plan;
mod render;
mod router;
mod tasks;

pub use config::{
    AlgorithmName, Config, CookiesConfig, DatabaseSection, IpConfig, Loaded, PasswordsConfig,
    RateLimitConfig, RuleConfig, Said, SecretVersion, Sources, load,
};
pub use dispatch::{Incoming, Mount};
pub use explain::{Explained, Sections};
pub use host::{Host, Runtime};
pub use openapi::document;
pub use plan::{Builder, EndpointLine, HookLine, Plan, PluginLine};
pub use tasks::TaskOutcome;
