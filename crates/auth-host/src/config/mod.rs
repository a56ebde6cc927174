//! The host's configuration: layers, presets, and errors that say where.
//!
//! Precedence, later wins: defaults of the preset < file < `TESSERA_…` environment < what the
//! program sets (command line, embedder). Sections of plugins are checked against the plugin's own
//! type; a key that nobody knows is an error that names the nearest known one.

mod alias;
mod core;
mod load;
mod rate;
mod sources;

pub(crate) use self::core::parse_net;
pub use self::core::{Config, CookiesConfig, DatabaseSection, IpConfig, PasswordsConfig, SecretVersion};
pub(crate) use load::{Extension, keys_in, load_plugins, nearest};
pub use load::{Loaded, load};
pub use rate::{AlgorithmName, RateLimitConfig, RuleConfig};
pub use sources::{Said, Sources};
