//! Forward-auth: a proxy asks before it lets a request through, and is told who sent it.
//!
//! nginx (`auth_request`), Traefik (`forwardAuth`) and Caddy (`forward_auth`) send the request's head
//! here; the answer is 200 with the user in headers, or 401 without a reason.

mod config;
pub mod verify;

use std::sync::Arc;

use auth_core::{Manifest, Plugin, Problem, Registrar, endpoint::Tag, get, http::Method};

pub use config::ForwardAuthConfig;

pub struct ForwardAuth {
    config: ForwardAuthConfig,
}

impl Plugin for ForwardAuth {
    const MANIFEST: Manifest =
        Manifest::new("forward-auth", env!("CARGO_PKG_VERSION"), "Tells a proxy who is signed in")
            .requires(&["session"]);
    type Config = ForwardAuthConfig;

    fn new(config: ForwardAuthConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self { config })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.endpoint(
            get(verify::VERIFY, "/verify", verify::verify)
                .also(Method::HEAD)
                .tag(Tag::new("gateway"))
                .no_store()
                .summary("Whether a proxy may let a request through, and whose it is"),
        );
    }
}

auth_core::plugin!(ForwardAuth);
