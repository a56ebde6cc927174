//! Bearer: the session token in the `Authorization` header, for clients without cookies.
//!
//! A client finds the token in `set-auth-token` whenever an answer gives it a session, and sends it
//! back as `Authorization: Bearer`. It is the same session as the cookie's.

mod config;
mod expose;
mod source;

use std::sync::Arc;

use auth_core::{Manifest, Match, Phase, Plugin, Problem, Registrar, session::SessionSource};

pub use config::BearerConfig;

pub struct Bearer {
    config: BearerConfig,
}

impl Plugin for Bearer {
    const MANIFEST: Manifest =
        Manifest::new("bearer", env!("CARGO_PKG_VERSION"), "The session token in the Authorization header")
            .requires(&["session"]);
    type Config = BearerConfig;

    fn new(config: BearerConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.after(Phase::Finish, Match::All, expose::SetAuthToken);
        host.contribute::<dyn SessionSource>(self);
    }
}

auth_core::plugin!(Bearer);
