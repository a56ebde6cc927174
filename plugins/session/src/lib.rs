//! Sessions: the signed cookie, the cookie cache, refresh, and the endpoints around them.
//!
//! This plugin is the host's *session authority*: it says who calls, makes new sessions, and renders
//! cookies once the last hook has run. Other ways to present a session contribute a
//! `SessionSource`.

mod activity;
mod authority;
mod config;
mod cookies;
mod device;
pub mod endpoints;
mod limits;
mod lookup;
mod memory;
mod sweep;

use std::sync::Arc;

use auth_core::{
    Manifest, Plugin, Problem, Registrar, endpoint::Tag, get, http::Method, ports::NodeMemory, post,
    proof::Proofs, schema::CoreTable, session::SessionAuthority,
};

pub use config::{CookieCacheConfig, SessionConfig};

pub struct SessionPlugin {
    config: SessionConfig,
    memory: memory::Memory,
    activity: activity::Activity,
}

impl Plugin for SessionPlugin {
    const MANIFEST: Manifest = Manifest::new(
        "session",
        env!("CARGO_PKG_VERSION"),
        "Session cookies, cookie cache, refresh, list and revoke",
    );
    type Config = SessionConfig;

    fn new(config: SessionConfig) -> Result<Self, Vec<Problem>> {
        let memory = memory::Memory::new(&config.memory);
        Ok(Self { config, memory, activity: activity::Activity::default() })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        use endpoints::{devices, get_session, list, refresh, revoke, sign_out, update};
        for (name, field) in &self.config.fields {
            match field.column(name) {
                Ok(column) => host.column(CoreTable::Session, column),
                Err(wrong) => host.problem(format!("fields.{name}.default"), wrong),
            }
        }
        if self.config.proofs {
            host.column(CoreTable::Session, Proofs::column());
        }
        if self.config.activity {
            host.column(CoreTable::Session, activity::column());
            host.endpoint(
                get(devices::LIST_DEVICES, "/devices", devices::list_devices)
                    .tag(Tag::SESSION)
                    .summary("Where the user is signed in, without tokens")
                    .no_store(),
            );
        }
        host.endpoint(
            get(get_session::GET_SESSION, "/get-session", get_session::get_session)
                .alias(Method::GET, "/session")
                .tag(Tag::SESSION)
                .summary("Who is signed in")
                .no_store(),
        );
        host.endpoint(
            post(refresh::REFRESH_SESSION, "/get-session", refresh::refresh_session)
                .tag(Tag::SESSION)
                .summary("Refreshes the session where refreshing is deferred")
                .no_store(),
        );
        host.endpoint(
            post(sign_out::SIGN_OUT, "/sign-out", sign_out::sign_out)
                .tag(Tag::SESSION)
                .summary("Ends the session"),
        );
        host.endpoint(
            get(list::LIST_SESSIONS, "/list-sessions", list::list_sessions)
                .tag(Tag::SESSION)
                .summary("The devices on which the user is signed in"),
        );
        host.endpoint(
            post(revoke::REVOKE_SESSION, "/revoke-session", revoke::revoke_session)
                .tag(Tag::SESSION)
                .summary("Signs one device out"),
        );
        host.endpoint(
            post(revoke::REVOKE_SESSIONS, "/revoke-sessions", revoke::revoke_sessions)
                .tag(Tag::SESSION)
                .summary("Signs every device out, this one too"),
        );
        host.endpoint(
            post(revoke::REVOKE_OTHERS, "/revoke-other-sessions", revoke::revoke_other_sessions)
                .tag(Tag::SESSION)
                .summary("Signs every other device out"),
        );
        host.endpoint(
            post(update::UPDATE_SESSION, "/update-session", update::update_session)
                .tag(Tag::SESSION)
                .summary("Changes declared fields of the session"),
        );
        host.task(sweep::Sweep(self.clone()));
        host.database_hook(memory::Forget(self.clone()));
        host.contribute::<dyn NodeMemory>(Arc::new(memory::FromNodes(self.clone())));
        host.provide::<dyn SessionAuthority>(self);
    }
}

auth_core::plugin!(SessionPlugin);
