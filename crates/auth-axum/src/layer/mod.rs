//! Layers around an application's handlers: which ways to prove who one is count there.

mod service;
mod visitor;
mod ways;

use std::{fmt, sync::Arc};

use auth_core::{ports::TokenVerifier, session::SessionSource};
use tower::Layer;

pub use service::AuthService;
pub use visitor::Visitor;
pub(crate) use visitor::peer;
use ways::Ways;

use crate::{Auth, edge::Edge};

/// Takes every way to prove who one is that the server has. See [`Auth::layer`].
///
/// Where a request has several, a signed token comes before a bearer token, and that before a
/// cookie. One that is not valid is passed over and the next is asked, as the API does; a genuine
/// bearer token whose session has ended stands for nobody. There is one caller: who comes with a signed
/// token has no [`Session`](crate::Session), whatever cookies the request has. Two `Authorization`
/// headers count as none.
///
/// A failure is not a stranger: where a store does not answer, the handler's arguments say 503.
///
/// # Cross-site requests
///
/// Session cookies are `SameSite=Lax`, so that browsers leave them out of what foreign sites send,
/// all but links. Beyond that a session of a cookie is refused with 403 `INVALID_ORIGIN` where the
/// method is none of `GET`, `HEAD`, `OPTIONS` and `TRACE`, and an `Origin` that the browser names is not
/// trusted (`trusted_origins`; `check_csrf = false` switches it off). A handler of `GET` should change
/// nothing, and one that takes no identity is not protected.
#[derive(Clone)]
pub struct Authenticate {
    edge: Arc<Edge>,
    ways: Ways,
}

impl Authenticate {
    pub(crate) fn new(edge: Arc<Edge>) -> Self {
        let tokens = edge.host().core().services().get::<dyn TokenVerifier>().is_some();
        Self { edge, ways: Ways { cookies: true, headers: true, keys: true, tokens } }
    }
}

/// Takes cookies of sessions only: for pages.
///
/// Layers add up: a handler inside of a [`SessionLayer`] and a [`BearerLayer`] takes both, whichever
/// is the outer one. Where less should be taken than around it, do not put it inside.
#[derive(Clone)]
pub struct SessionLayer(Authenticate);

impl SessionLayer {
    /// Around handlers of the application that `auth` belongs to.
    #[must_use]
    pub fn new(auth: &Auth) -> Self {
        Self(auth.layer_of(Ways { cookies: true, ..Ways::default() }))
    }
}

/// Takes what plugins find in headers only, such as bearer tokens: for command lines and mobile
/// applications. Keys in headers of their own are for [`ApiKeyLayer`]. Cookies are neither read nor set, so no foreign page can use a browser's.
#[derive(Clone)]
pub struct BearerLayer(Authenticate);

impl BearerLayer {
    /// Fails where no enabled plugin knows such a way.
    pub fn new(auth: &Auth) -> Result<Self, NoSuchWay> {
        let mut sources = auth.host().core().services().slot::<dyn SessionSource>();
        if sources.all(|source| !source.headers().is_empty()) {
            return Err(NoSuchWay { layer: "BearerLayer", what: "finds sessions in headers" });
        }
        Ok(Self(auth.layer_of(Ways { headers: true, ..Ways::default() })))
    }
}

/// Takes keys in headers of their own only, such as `x-api-key`: for programs. What a key is good for is the
/// identity's scopes, as `resource:action`: demand them with [`Scoped`](crate::Scoped). Each request is one use
/// of its key, and one that is no good refuses the request where somebody asks who calls.
#[derive(Clone)]
pub struct ApiKeyLayer(Authenticate);

impl ApiKeyLayer {
    /// Fails where no enabled plugin knows such keys.
    pub fn new(auth: &Auth) -> Result<Self, NoSuchWay> {
        let mut sources = auth.host().core().services().slot::<dyn SessionSource>();
        if sources.all(|source| source.headers().is_empty()) {
            return Err(NoSuchWay { layer: "ApiKeyLayer", what: "finds keys in headers" });
        }
        Ok(Self(auth.layer_of(Ways { keys: true, ..Ways::default() })))
    }
}

/// Takes signed tokens only, by signature and claims: for other services. No user and no session is
/// looked up; whether a token that was taken back still counts is for the plugin that checks it.
#[derive(Clone)]
pub struct JwtLayer(Authenticate);

impl JwtLayer {
    /// Fails where no enabled plugin checks tokens.
    pub fn new(auth: &Auth) -> Result<Self, NoSuchWay> {
        if auth.host().core().services().get::<dyn TokenVerifier>().is_none() {
            return Err(NoSuchWay { layer: "JwtLayer", what: "checks signed tokens" });
        }
        Ok(Self(auth.layer_of(Ways { tokens: true, ..Ways::default() })))
    }
}

/// A layer that could let nobody in: a plugin is missing or not enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchWay {
    layer: &'static str,
    what: &'static str,
}

impl fmt::Display for NoSuchWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lets nobody in: no enabled plugin {}", self.layer, self.what)
    }
}

impl std::error::Error for NoSuchWay {}

impl Auth {
    fn layer_of(&self, ways: Ways) -> Authenticate {
        Authenticate { ways, ..self.layer() }
    }
}

impl<S> Layer<S> for Authenticate {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService::new(self.clone(), inner)
    }
}

macro_rules! layers {
    ($($name:ident),*) => {$(
        impl<S> Layer<S> for $name {
            type Service = AuthService<S>;

            fn layer(&self, inner: S) -> AuthService<S> {
                self.0.layer(inner)
            }
        }
    )*};
}
layers!(SessionLayer, BearerLayer, ApiKeyLayer, JwtLayer);
