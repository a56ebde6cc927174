//! From a request to the host and back.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Instant,
};

use auth_core::{
    Failure,
    crypto::{Alphabet, random_string},
    endpoint::{Reply, ReplyBody},
    http::StatusCode,
    trace,
};
use auth_host::{Host, Incoming, Mount};
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Version, header, request::Parts},
};
use bytes::Bytes;
use futures_util::FutureExt;
use tower::service_fn;
use tracing::Instrument;

use crate::{
    EdgeOptions, body, compress,
    cors::{self, Foreign},
    dress::Dress,
    health,
    options::ENVELOPE,
    requests::{self, Requests, Route, Traffic},
    socket::Upgrade,
    trace::TraceIds,
};

/// The header in which a page's handler finds the nonce for its scripts and styles. A client's own
/// is thrown away.
const NONCE: HeaderName = HeaderName::from_static(auth_core::call::NONCE_HEADER);

pub(crate) struct Edge {
    host: Arc<Host>,
    options: EdgeOptions,
    dress: Dress,
    traces: TraceIds,
    requests: Requests,
    traffic: Arc<Traffic>,
}

/// A whole server's router: the API below the base path, its envelope below `/api/v1`, and the pages
/// of `health`. Everything else is an empty 404.
///
/// Paths are taken as they were sent, so it cannot be nested below a prefix.
pub fn router(host: Arc<Host>, options: EdgeOptions) -> Router {
    let edge = Arc::new(Edge::new(host, options));
    Router::new().fallback_service(service_fn(move |request: Request| {
        let edge = edge.clone();
        async move { Ok::<_, Infallible>(edge.serve(request).await) }
    }))
}

/// The API alone, for an application's own router.
pub(crate) fn mounted(edge: Arc<Edge>) -> Router {
    let base = edge.host.core().settings().base_path.clone();
    let roots: Vec<&'static str> =
        edge.host.roots().filter(|root| root.starts_with("/.well-known/")).collect();
    let api = service_fn(move |request: Request| {
        let edge = edge.clone();
        async move { Ok::<_, Infallible>(edge.serve(request).await) }
    });
    let mut router = Router::new();
    let envelope = (base != ENVELOPE).then_some(ENVELOPE);
    for mount in std::iter::once(base.as_str()).chain(envelope) {
        router = router
            .route_service(mount, api.clone())
            .route_service(&format!("{mount}/"), api.clone())
            .route_service(&format!("{mount}/{{*path}}"), api.clone());
    }
    for root in roots {
        router = router.route_service(root, api.clone());
    }
    router
}

impl Edge {
    pub(crate) fn new(host: Arc<Host>, options: EdgeOptions) -> Self {
        let core = host.core();
        let (dress, traces) = (Dress::new(core.settings()), TraceIds::new(core.rng()));
        let traffic = options.traffic.clone().unwrap_or_default();
        Self { host, options, dress, traces, requests: Requests::default(), traffic }
    }

    pub(crate) fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// The response of a failure that happened beside the API.
    pub(crate) fn refuse(&self, failure: &Failure, headers: &HeaderMap) -> Response<Body> {
        // Who is at the other end is not known here.
        let (trace_id, _) = self.traces.of(headers, self.host.core().settings().trusts(None));
        self.dress.response(self.host.refuse(Mount::Wire, failure, &trace_id), &trace_id, None)
    }

    /// Answers anything. Never fails and never panics.
    async fn serve(&self, request: Request) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let began = Instant::now();
        let settings = self.host.core().settings();
        let (trace_id, parent) = self.traces.of(&parts.headers, settings.trusts(peer(&parts)));
        let foreign = Foreign::of(&parts.headers, &settings.origins);
        let (method, route) = (parts.method.clone(), self.route(&parts.method, parts.uri.path()));
        let encoding =
            if self.options.compress { parts.headers.get(header::ACCEPT_ENCODING).cloned() } else { None };
        let nonce = self.nonce(&mut parts);
        let upgrade = Upgrade::of(&mut parts).await;

        let answer = async {
            let span = requests::span(&self.host, &method, route, parent.as_deref());
            let answer =
                self.answer(parts, route, body, foreign.is_some(), &trace_id).instrument(span.clone());
            let reply = answer.await;
            requests::end(&span, reply.status);
            reply
        };
        let answer = AssertUnwindSafe(trace::within(trace_id.clone(), answer)).catch_unwind();
        let reply = answer.await.unwrap_or_else(|_| {
            self.host.refuse(Mount::Wire, &Failure::internal("the edge panicked"), &trace_id)
        });
        let mut response = match (&reply.body, upgrade) {
            (ReplyBody::Socket(dialogue), upgrade) => {
                let accepted =
                    upgrade.zip(dialogue.take()).map(|(upgrade, dialogue)| upgrade.accept(dialogue));
                match accepted {
                    Some(accepted) => self.dress.upgraded(accepted, reply.headers, &trace_id),
                    None => self.dress.response(self.no_upgrade(&trace_id), &trace_id, None),
                }
            }
            _ => self.dress.response(reply, &trace_id, nonce.as_deref()),
        };
        if let Some(foreign) = foreign {
            foreign.mark(response.headers_mut());
        }
        let (status, took) = (response.status(), began.elapsed());
        self.requests.note(&self.host, &method, route, status, took);
        self.traffic.note(status, took);
        match encoding {
            Some(accepted) => compress::compress(accepted, response).await,
            None => response,
        }
    }

    /// The handshake cannot be done: over HTTP/2, or below something that gives no connections away.
    fn no_upgrade(&self, trace_id: &str) -> Reply {
        let failure = Failure::new(
            StatusCode::UPGRADE_REQUIRED,
            "UPGRADE_REQUIRED",
            "A WebSocket needs a connection of its own, over HTTP/1.1",
        );
        self.host.refuse(Mount::Wire, &failure, trace_id)
    }

    async fn answer(&self, parts: Parts, route: Route, body: Body, foreign: bool, trace_id: &str) -> Reply {
        let Some((mount, path)) = self.mount(parts.uri.path()) else {
            let (core, health) = (self.host.core(), self.options.health.as_deref());
            return health::page(core, health, &parts.method, parts.uri.path()).await;
        };
        if foreign && cors::is_preflight(&parts.method, &parts.headers) {
            let mut reply = Reply::new(StatusCode::NO_CONTENT, ReplyBody::Empty);
            let asked = parts.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
            cors::allow(asked, &mut reply.headers);
            return reply;
        }
        if size(&parts.headers) > self.options.header_limit {
            let failure = Failure::new(
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "REQUEST_HEADER_FIELDS_TOO_LARGE",
                "The request headers are too large",
            );
            return self.host.refuse(mount, &failure, trace_id);
        }
        let (method, path) = (parts.method.clone(), path.to_owned());
        let body = match self.body(route, &parts.headers, body).await {
            Ok(body) => body,
            Err(failure) => {
                let mut reply = self.host.refuse(mount, &failure, trace_id);
                if parts.version < Version::HTTP_2 {
                    // The rest of the body may still be on its way.
                    reply.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                return reply;
            }
        };
        // After the body: who sends one slowly takes nobody's place.
        let Some(_in_flight) = self.traffic.begin(self.options.max_requests) else {
            return self.host.refuse(mount, &self.overloaded(), trace_id);
        };
        let logged = tracing::enabled!(tracing::Level::DEBUG).then(|| {
            // A path may hold a token, so the endpoint's id stands for it.
            (method.clone(), route.endpoint().unwrap_or("none"))
        });
        let incoming = Incoming {
            mount,
            method,
            path,
            query: parts.uri.query().map(str::to_owned),
            peer: peer(&parts),
            headers: parts.headers,
            body,
            trace_id: trace_id.to_owned(),
        };
        let answer = tokio::time::timeout(self.options.request_timeout, self.host.handle(incoming));
        let reply = answer.await.unwrap_or_else(|_| {
            self.host.refuse(mount, &Failure::unavailable("no answer in time", 5), trace_id)
        });
        if let Some((method, endpoint)) = logged {
            tracing::debug!(trace_id, %method, endpoint, status = reply.status.as_u16(), "answered");
        }
        reply
    }

    /// Clients that were refused at the same moment come back at different ones.
    fn overloaded(&self) -> Failure {
        let mut random = [0];
        self.host.core().rng().fill(&mut random);
        let [random] = random;
        Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "OVERLOADED",
            "The server has too much to do. Please try again in a moment.",
        )
        .with_header(header::RETRY_AFTER, HeaderValue::from(1 + u16::from(random % 3)))
    }

    /// Which mount a path is below, and the rest of it exactly as it was sent.
    fn mount<'p>(&'p self, path: &'p str) -> Option<(Mount, &'p str)> {
        let below =
            |mount: &str| path.strip_prefix(mount).filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let wire = below(&self.host.core().settings().base_path).map(|rest| (Mount::Wire, rest));
        wire.or_else(|| below(ENVELOPE).map(|rest| (Mount::Envelope, rest)))
            .or_else(|| self.host.at_root(path).map(|rest| (Mount::Wire, rest)))
    }

    /// Where a request leads, before anything is done for it.
    fn route(&self, method: &Method, path: &str) -> Route {
        match self.mount(path) {
            Some((mount, path)) => {
                self.host.endpoint(method, path).map_or(Route::Unknown, |id| Route::Endpoint(mount, id))
            }
            None => health::PAGES
                .iter()
                .find(|page| **page == path)
                .map_or(Route::Unknown, |page| Route::Page(page)),
        }
    }

    async fn body(&self, route: Route, headers: &HeaderMap, body: Body) -> Result<Bytes, Failure> {
        use hyper::body::Body as _;
        // What no endpoint will look at is not waited for.
        if body.is_end_stream() || route.endpoint().is_none() {
            return Ok(Bytes::new());
        }
        body::read(headers, body, self.options.body_limit, self.options.body_timeout).await
    }

    /// A nonce for a page, where a browser navigates. Others get no pages worth a random number.
    fn nonce(&self, parts: &mut Parts) -> Option<String> {
        if parts.headers.contains_key(NONCE) {
            parts.headers.remove(NONCE);
        }
        let accepts = parts.headers.get(header::ACCEPT)?;
        if !accepts.as_bytes().windows(9).any(|part| part == b"text/html") {
            return None;
        }
        let nonce = random_string(self.host.core().rng(), 22, Alphabet::AlphaNumeric);
        parts.headers.insert(NONCE, HeaderValue::from_str(&nonce).ok()?);
        Some(nonce)
    }
}

/// The other end of the connection.
fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

/// Names and values together, as HTTP/2 counts them.
fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum()
}
