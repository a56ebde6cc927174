//! API keys: for programs that act for a user, each with a name, a life, permissions and limits of its
//! own.
//!
//! A key is shown once; the table `apikey` has its hash. The program that owns the server checks keys with
//! `verifyApiKey`; where `sessions` is on, a key in a header also stands for its user, for as much as the
//! key is good for.
//!
//! A quota is counted by one guarded statement a use, see `claim`; a rate limit in blocks, see `lease`; the
//! rest is answered from memory, see `memory`, and written in batches, see `ledger`.

mod check;
mod claim;
mod config;
pub mod endpoints;
mod input;
mod keys;
mod lease;
mod ledger;
mod memory;
mod reach;
mod recent;
mod schema;
mod source;
mod sweep;
mod usage;
mod view;

use std::sync::Arc;

use auth_core::{
    Manifest, Match, Phase, Plugin, Problem, Registrar,
    access::AccessControl,
    ports::{NodeMemory, OrganizationProperty},
    session::SessionSource,
};

pub use config::{Config, Expiration, RateLimit, References, Rotation, Span, Usage};
pub use view::ApiKeyView;

/// One kind of keys.
pub(crate) struct Kind {
    /// The `configId`.
    pub(crate) id: String,
    pub(crate) config: Config,
}

pub struct ApiKey {
    default: Kind,
    further: Vec<Kind>,
    /// All of their headers.
    headers: Vec<String>,
    memory: memory::Memory,
    leases: lease::Leases,
    recent: recent::Recent,
    usage: usage::Usage,
    ledger: ledger::Ledger,
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
        let mut further = Vec::new();
        for (name, table) in &config.configurations {
            let config = config.with(table).map_err(|error| {
                vec![Problem::new(format!("plugins.api-key.configurations.{name}"), error.to_string())]
            })?;
            further.push(Kind { id: name.clone(), config });
        }
        let default = Kind { id: config::DEFAULT.to_owned(), config };
        let kinds = std::iter::once(&default).chain(&further).filter(|kind| kind.config.sessions);
        let mut headers: Vec<String> = Vec::new();
        for name in kinds.flat_map(|kind| &kind.config.headers) {
            if !headers.contains(name) {
                headers.push(name.clone());
            }
        }
        Ok(Self {
            usage: usage::Usage::new(default.config.usage),
            default,
            further,
            headers,
            memory: memory::Memory::default(),
            leases: lease::Leases::default(),
            recent: recent::Recent::default(),
            ledger: ledger::Ledger::default(),
        })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        use endpoints::{
            create, delete, delete_expired, get, list, report_leak, rotate, update, usage, verify,
        };
        host.alarm("api_key.leaked", 90);
        host.table(schema::table());
        host.endpoint(create::endpoint());
        host.endpoint(get::endpoint());
        host.endpoint(list::endpoint());
        host.endpoint(update::endpoint());
        host.endpoint(delete::endpoint());
        host.endpoint(verify::endpoint());
        host.endpoint(delete_expired::endpoint());
        host.endpoint(rotate::endpoint());
        if self.default.config.usage.enabled {
            host.table(schema::usage_table());
            host.endpoint(usage::endpoint());
        }
        if self.default.config.leak_reports {
            host.mail(report_leak::MAIL, "Somebody has reported a key of the user: news, keyName, keyStart");
            host.endpoint(report_leak::endpoint());
            host.rate(report_leak::rate());
        }
        if self.kinds().any(|kind| kind.config.references == References::Organization) {
            let missing = "`organization` needs a plugin that keeps organizations: enable `plugins.organization`, \
                           or use `user`";
            host.need::<dyn AccessControl>("references", missing);
            host.contribute::<dyn OrganizationProperty>(Arc::new(memory::OrganizationGone(self.clone())));
        }
        host.database_hook(memory::OwnerGone(self.clone()));
        host.contribute::<dyn NodeMemory>(Arc::new(memory::FromNodes(self.clone())));
        host.task(sweep::Sweep(self.clone()));
        if self.kinds().any(|kind| kind.config.sessions) {
            host.before(Phase::Identify, Match::All, source::Present(self.clone()));
            host.contribute::<dyn SessionSource>(self);
        }
    }
}

impl ApiKey {
    /// The kind of a `configId`; the default for one that nobody knows.
    pub(crate) fn kind(&self, id: Option<&str>) -> &Kind {
        id.and_then(|id| self.further.iter().find(|kind| kind.id == id)).unwrap_or(&self.default)
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = &Kind> {
        std::iter::once(&self.default).chain(&self.further)
    }
}

auth_core::plugin!(ApiKey);
