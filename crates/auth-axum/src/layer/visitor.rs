//! Who sent a request, found out when somebody asks.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use auth_core::{
    Call, Core, Failure,
    call::Request as CallRequest,
    model::Session,
    ports::{TokenVerifier, VerifiedToken},
    session::{Identity as SessionIdentity, Level, SessionAuthority},
};
use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, Method, header, request::Parts},
    response::Response,
};
use tokio::sync::Mutex;

use super::ways::{Ways, signed_token};
use crate::{edge::Edge, identity::Identity};

/// Who sent a request: an extension that the layers put on it. Looks when first asked.
///
/// Extractors of an application's own take it from the request:
///
/// ```
/// use auth_axum::{Visitor, auth_core::{Failure, session::Level}};
/// use axum::{extract::FromRequestParts, http::{StatusCode, request::Parts}, response::{IntoResponse, Response}};
///
/// /// Somebody of the house.
/// struct Staff;
///
/// impl<S: Sync> FromRequestParts<S> for Staff {
///     type Rejection = Response;
///
///     async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
///         let Some(visitor) = parts.extensions.get::<Visitor>() else {
///             return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
///         };
///         let refuse = |failure| visitor.refuse(&failure, parts);
///         let caller = visitor.identity(parts, Level::Cached).await.map_err(refuse)?;
///         let email = caller.as_ref().and_then(|caller| Some(&caller.user()?.email));
///         match email {
///             None => Err(refuse(Failure::unauthorized())),
///             Some(email) if email.ends_with("@example.com") => Ok(Self),
///             Some(_) => Err(refuse(Failure::forbidden("NOT_STAFF", "Not of the house"))),
///         }
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Visitor {
    edge: Arc<Edge>,
    ways: Ways,
    known: Arc<Mutex<Known>>,
}

/// What was found out so far. All layers around a handler share it.
#[derive(Default)]
struct Known {
    token: Option<Option<Arc<VerifiedToken>>>,
    session: Option<(Ways, Level, Option<SessionIdentity>)>,
    /// What looking up left behind: a refreshed cookie, an expired one.
    calls: Vec<Arc<Call>>,
}

impl Visitor {
    pub(super) fn new(edge: Arc<Edge>, ways: Ways) -> Self {
        Self { edge, ways, known: Arc::default() }
    }

    /// The same visitor for a layer further in, which takes more.
    pub(super) fn with(&self, ways: Ways) -> Self {
        Self { ways: self.ways.with(ways), ..self.clone() }
    }

    /// Whether another layer is of the same server.
    pub(super) fn is_of(&self, edge: &Edge) -> bool {
        Arc::ptr_eq(self.edge.host(), edge.host())
    }

    /// The caller, looked up at most once a level.
    ///
    /// A signed token comes first, then what plugins find in headers, then cookies. What does not
    /// count is passed over.
    pub async fn identity(&self, parts: &Parts, level: Level) -> Result<Option<Identity>, Failure> {
        let mut known = self.known.lock().await;
        if self.ways.tokens
            && let Some(token) = self.token(parts, &mut known).await?
        {
            return Ok(Some(Identity::of_token(token)));
        }
        if !self.ways.finds_sessions() {
            return Ok(None);
        }
        let identity = self.session(parts, level, &mut known).await?;
        Ok(identity.map(Identity::of_session))
    }

    async fn token(&self, parts: &Parts, known: &mut Known) -> Result<Option<Arc<VerifiedToken>>, Failure> {
        if let Some(token) = &known.token {
            return Ok(token.clone());
        }
        let core = self.edge.host().core();
        let token = match (signed_token(&parts.headers), core.services().get::<dyn TokenVerifier>()) {
            (Some(text), Some(verifier)) => verifier.verify(core, text).await?.map(Arc::new),
            _ => None,
        };
        known.token = Some(token.clone());
        Ok(token)
    }

    async fn session(
        &self,
        parts: &Parts,
        level: Level,
        known: &mut Known,
    ) -> Result<Option<SessionIdentity>, Failure> {
        if let Some((ways, sure, identity)) = &known.session
            && *ways == self.ways
            && *sure >= level
        {
            return Ok(identity.clone());
        }
        let host = self.edge.host();
        let request = CallRequest {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            headers: self.ways.visible(&parts.headers, host.core()),
            peer: peer(parts),
            ..CallRequest::default()
        };
        let (identity, call) = host.identify(request, level).await?;
        if identity.as_ref().is_some_and(|identity| identity.method == COOKIE) {
            self.check_sender(&parts.method, &parts.headers)?;
        }
        known.session = Some((self.ways, level, identity.clone()));
        // Who takes no cookies sets none.
        if self.ways.cookies {
            known.calls.push(call);
        }
        Ok(identity)
    }

    /// A browser adds cookies to whatever a page makes it send, and names the page's origin.
    fn check_sender(&self, method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
        let settings = self.edge.host().core().settings();
        if !settings.checks.csrf || method.is_safe() {
            return Ok(());
        }
        let trusted = |origin: &str| match origin {
            // A page may hide its origin, but not that it is ours.
            "null" => headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin"),
            origin => settings.origins.allows_origin(origin),
        };
        let mut senders = headers.get_all(header::ORIGIN).iter();
        if senders.all(|origin| origin.to_str().is_ok_and(trusted)) {
            return Ok(());
        }
        Err(Failure::forbidden("INVALID_ORIGIN", "Invalid origin"))
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        self.edge.host().core()
    }

    /// Where the request came from, as far as it can be trusted.
    pub(crate) fn ip(&self, parts: &Parts) -> Option<IpAddr> {
        let request = CallRequest {
            headers: self.ways.visible(&parts.headers, self.core()),
            peer: peer(parts),
            ..CallRequest::default()
        };
        self.core().settings().client_address(&request)?.parse().ok()
    }

    /// Whether a session is young enough for what should need a recent sign-in.
    #[must_use]
    pub fn is_fresh(&self, session: &Session) -> bool {
        let core = self.edge.host().core();
        let authority = core.services().get::<dyn SessionAuthority>();
        authority.is_some_and(|authority| authority.is_fresh(session, core.now()))
    }

    /// The response of a failure, in the API's words.
    #[must_use]
    pub fn refuse(&self, failure: &Failure, parts: &Parts) -> Response {
        self.refuse_to(failure, &parts.headers)
    }

    /// The same, to who sent these headers.
    pub(crate) fn refuse_to(&self, failure: &Failure, headers: &HeaderMap) -> Response {
        self.edge.refuse(failure, headers)
    }

    /// Adds what looking up left behind.
    pub(super) async fn leave(&self, response: &mut Response) {
        for call in self.known.lock().await.calls.drain(..) {
            for (name, value) in self.edge.host().effects(&call) {
                response.headers_mut().append(name, value);
            }
        }
    }
}

/// The other end of the connection.
pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

/// What sessions that came in cookies say of themselves.
const COOKIE: &str = "cookie";
