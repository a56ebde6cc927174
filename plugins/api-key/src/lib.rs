//! API keys: for programs that act for a user, each with a name, a life, permissions and limits of its
//! own.
//!
//! A key is shown once; the table `apikey` has its hash. The program that owns the server checks keys with
//! `verifyApiKey`; where `sessions` is on, a key in a header also stands for its user, for as much as the
//! key is good for.
//!
//! What is counted (a quota, a rate limit) is counted by one guarded statement a use, see [`claim`]; a key
//! without counts is answered from memory, see [`memory`] and [`recent`].

mod check;
mod claim;
mod config;
pub mod endpoints;
mod input;
mod keys;
mod memory;
mod recent;
mod schema;
mod source;
mod sweep;
mod view;

use std::sync::Arc;

use auth_core::{Manifest, Match, Phase, Plugin, Problem, Registrar, session::SessionSource};

pub use config::{Config, Expiration, RateLimit, References, Span};
pub use view::ApiKeyView;

/// One kind of keys.
pub(crate) struct Kind {
    /// The `configId`.
    pub(crate) id: String,
    pub(crate) config: Config,
}

pub struct ApiKey {
    /// The default first.
    kinds: Vec<Kind>,
    memory: memory::Memory,
    recent: recent::Recent,
}

impl Plugin for ApiKey {
    const MANIFEST: Manifest = Manifest::new(
        "api-key",
        env!("CARGO_PKG_VERSION"),
        "Keys for programs, with permissions, quotas and rate limits",
    )
    .requires(&["session"]);
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        let mut kinds = vec![Kind { id: config::DEFAULT.to_owned(), config: config.clone() }];
        for (name, table) in &config.configurations {
            let config = config.with(table).map_err(|error| {
                vec![Problem::new(format!("plugins.api-key.configurations.{name}"), error.to_string())]
            })?;
            kinds.push(Kind { id: name.clone(), config });
        }
        Ok(Self { kinds, memory: memory::Memory::default(), recent: recent::Recent::default() })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        use endpoints::{create, delete, delete_expired, get, list, update, verify};
        host.table(schema::table());
        host.endpoint(create::endpoint());
        host.endpoint(get::endpoint());
        host.endpoint(list::endpoint());
        host.endpoint(update::endpoint());
        host.endpoint(delete::endpoint());
        host.endpoint(verify::endpoint());
        host.endpoint(delete_expired::endpoint());
        host.database_hook(memory::OwnerGone(self.clone()));
        host.task(sweep::Sweep(self.clone()));
        if self.kinds.iter().any(|kind| kind.config.sessions) {
            host.before(Phase::Identify, Match::All, source::Present(self.clone()));
            host.contribute::<dyn SessionSource>(self);
        }
    }
}

impl ApiKey {
    /// The kind of a `configId`; the default for one that nobody knows.
    pub(crate) fn kind(&self, id: Option<&str>) -> Option<&Kind> {
        let named = id.and_then(|id| self.kinds.iter().find(|kind| kind.id == id));
        named.or(self.kinds.first())
    }

    /// Whether there is more than the default.
    pub(crate) fn has_many(&self) -> bool {
        self.kinds.len() > 1
    }
}

auth_core::plugin!(ApiKey);
