//! {{Title}}: notes of users.

mod config;
mod endpoints;
mod hooks;
mod schema;
mod sweep;

use std::sync::Arc;

use auth_core::{Manifest, Match, Phase, Plugin, Problem, Registrar};

pub use config::Config;
pub use endpoints::{
    Note,
    add::{ADD, Input},
    list::LIST,
};

/// The plugin. Its configuration is all that it keeps.
pub struct {{Type}} {
    config: Config,
}

impl Plugin for {{Type}} {
    const MANIFEST: Manifest =
        Manifest::new("{{id}}", env!("CARGO_PKG_VERSION"), "Notes of users");
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.columns::<schema::Written>();
        host.table(schema::table());
        host.endpoint(endpoints::add::endpoint());
        host.endpoint(endpoints::list::endpoint());
        host.after(Phase::Finish, Match::All, hooks::Mark(self.clone()));
        host.database_hook(hooks::Welcome(self.clone()));
        host.task(sweep::Sweep(self));
    }
}

auth_core::plugin!({{Type}});
