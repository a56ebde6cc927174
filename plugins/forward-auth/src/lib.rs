//! Forward-auth: a proxy asks before it lets a request through, and is told who sent it.
//!
//! nginx (`auth_request`), Traefik (`forwardAuth`), Caddy (`forward_auth`) and Envoy (`ext_authz`) send
//! the request's head here; the answer is 200 with the user in headers, or 401 without a reason.

mod config;
pub mod verify;

use std::{sync::Arc, time::Duration};

use auth_core::{
    Manifest, Plugin, Problem, Registrar,
    endpoint::{Endpoint, Tag},
    get,
    http::Method,
    rate::{Limit, RateRule},
};

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
        let question = |endpoint: Endpoint| {
            endpoint
                .also(Method::HEAD)
                .tag(Tag::new("gateway"))
                .tag(Tag::QUESTION)
                .no_store()
                .summary("Whether a proxy may let a request through, and whose it is")
        };
        host.endpoint(question(get(verify::VERIFY, "/verify", verify::verify)));
        let methods = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
        let any = question(get(verify::VERIFY_REQUEST, "/verify/*", verify::verify));
        host.endpoint(methods.into_iter().fold(any, Endpoint::also));
        // A page asks once for each of its parts; a limit is for what stands behind the proxy.
        let unlimited = Limit::new(0, Duration::ZERO);
        host.rate(RateRule::exact("/verify", unlimited));
        host.rate(RateRule::prefix("/verify/", unlimited));
    }
}

auth_core::plugin!(ForwardAuth);
