//! The handle of an application that embeds the server.

use std::sync::Arc;

use auth_host::Host;
use axum::Router;

use crate::{
    EdgeOptions,
    edge::{self, Edge},
    layer::Authenticate,
};

/// Authentication inside of an axum application.
///
/// ```no_run
/// # use std::sync::Arc;
/// use auth_axum::{Auth, Session};
/// use axum::{Router, routing::get};
///
/// async fn whoami(session: Session) -> String {
///     session.user.email.clone()
/// }
///
/// # fn app(host: Arc<auth_host::Host>) -> Router {
/// let auth = Auth::new(host);
/// Router::new()
///     .route("/whoami", get(whoami))
///     .layer(auth.layer())
///     .merge(auth.router())
/// # }
/// ```
#[derive(Clone)]
pub struct Auth {
    edge: Arc<Edge>,
}

impl Auth {
    /// With the limits of [`EdgeOptions::default`].
    #[must_use]
    pub fn new(host: Arc<Host>) -> Self {
        Self::with_options(host, EdgeOptions::default())
    }

    /// With limits of the application's own, for the API and not for its handlers.
    #[must_use]
    pub fn with_options(host: Arc<Host>, options: EdgeOptions) -> Self {
        Self { edge: Arc::new(Edge::new(host, options)) }
    }

    /// The API, to be merged into the application's router. Do not nest it: the base path is in
    /// the configuration.
    pub fn router(&self) -> Router {
        edge::mounted(self.edge.clone())
    }

    /// Lets handlers take [`Identity`](crate::Identity), [`Session`](crate::Session) and their kin.
    /// Nothing is looked up before a handler asks.
    #[must_use]
    pub fn layer(&self) -> Authenticate {
        Authenticate::new(self.edge.clone())
    }

    /// For calls in process: `auth.host().core().call(…)`.
    #[must_use]
    pub fn host(&self) -> &Arc<Host> {
        self.edge.host()
    }
}
