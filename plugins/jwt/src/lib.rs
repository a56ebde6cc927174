//! Signed tokens (JWT) that other services check by themselves, and the key set (JWKS) that they
//! check them with.
//!
//! A token says who is signed in; it is no session and never stands for one. Keys live in the table
//! `jwks` in Better Auth's format, made at their first need, sealed at rest, and replaced by a
//! background task where the configuration says so.

mod commands;
mod config;
pub mod endpoints;
mod hooks;
mod keys;
mod once;
mod outside;
mod revoked;
mod ring;
mod rotate;
mod schema;
mod span;
mod token;

use std::sync::{Arc, OnceLock};

use auth_core::{
    Manifest, Match, Phase, Plugin, Problem, Registrar,
    ports::{Cache, Dependency, NodeMemory, TokenVerifier},
};

pub use auth_core::crypto::jws::Algorithm;
pub use config::Config;

/// The plugin: its configuration, and keys and revoked tokens as they were read last.
pub struct Jwt {
    config: Config,
    keys: keys::Keys,
    revoked: revoked::Revoked,
    recent: OnceLock<Arc<dyn Cache>>,
}

impl Plugin for Jwt {
    const MANIFEST: Manifest = Manifest::new(
        "jwt",
        env!("CARGO_PKG_VERSION"),
        "Signed tokens for other services, and the keys to check them",
    )
    .requires(&["session"]);
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        let keys = keys::Keys::new(&config);
        let revoked = revoked::Revoked::new(&config);
        Ok(Self { config, keys, revoked, recent: OnceLock::new() })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.table(schema::table());
        host.endpoint(endpoints::jwks::endpoint());
        host.endpoint(endpoints::token::endpoint());
        host.endpoint(endpoints::sign_jwt::endpoint());
        host.endpoint(endpoints::verify_jwt::endpoint());
        if self.config.set_header {
            let sessions = Match::Ids(&["getSession", "refreshSession"]);
            host.after(Phase::Finish, sessions, hooks::SetAuthJwt(self.clone()));
        }
        if self.config.revocable {
            host.table(schema::revoked_table());
            host.endpoint(endpoints::revoke::endpoint());
            host.database_hook(revoked::OnEnd(self.clone()));
            host.contribute::<dyn NodeMemory>(Arc::new(revoked::FromNodes(self.clone())));
            host.contribute::<dyn NodeMemory>(Arc::new(keys::FromNodes(self.clone())));
        }
        host.contribute::<dyn Dependency>(self.keys.outside.clone());
        host.command(commands::keys(&self));
        host.provide::<dyn TokenVerifier>(self.clone());
        host.task(rotate::Rotate(self));
    }
}

auth_core::plugin!(Jwt);
