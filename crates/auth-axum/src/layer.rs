//! The layer around an application's handlers.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use auth_core::{
    Call, Failure,
    call::Request as CallRequest,
    session::{Identity, Level, SessionAuthority},
};
use axum::{
    extract::{ConnectInfo, Request},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use tokio::sync::Mutex;
use tower::{Layer, Service};

use crate::edge::Edge;

/// See [`Auth::layer`](crate::Auth::layer).
#[derive(Clone)]
pub struct AuthLayer {
    edge: Arc<Edge>,
}

impl AuthLayer {
    pub(crate) fn new(edge: Arc<Edge>) -> Self {
        Self { edge }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> AuthService<S> {
        AuthService { edge: self.edge.clone(), inner }
    }
}

/// The service that [`AuthLayer`] makes.
#[derive(Clone)]
pub struct AuthService<S> {
    edge: Arc<Edge>,
    inner: S,
}

impl<S> Service<Request> for AuthService<S>
where
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let visitor = Visitor { edge: self.edge.clone(), known: Arc::default() };
        request.extensions_mut().insert(visitor.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut response = answer.await?.into_response();
            // An error of the application's sets no cookies, as with the API's own.
            if !response.status().is_server_error() {
                visitor.leave(&mut response).await;
            }
            Ok(response)
        })
    }
}

/// Who sent a request: an extension that [`AuthLayer`] puts on it. Looks up when first asked.
#[derive(Clone)]
pub struct Visitor {
    edge: Arc<Edge>,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    answer: Option<(Level, Option<Identity>)>,
    /// What looking up left behind: a refreshed cookie, an expired one.
    calls: Vec<Arc<Call>>,
}

impl Visitor {
    /// The identity, looked up at most once a level.
    pub async fn identity(&self, parts: &Parts, level: Level) -> Result<Option<Identity>, Failure> {
        let mut known = self.known.lock().await;
        if let Some((sure, identity)) = &known.answer
            && *sure >= level
        {
            return Ok(identity.clone());
        }
        let request = CallRequest {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            headers: parts.headers.clone(),
            peer: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()),
            ..CallRequest::default()
        };
        let (identity, call) = self.edge.host().identify(request, level).await?;
        known.answer = Some((level, identity.clone()));
        known.calls.push(call);
        Ok(identity)
    }

    /// Whether a session is young enough for what should need a recent sign-in.
    #[must_use]
    pub fn is_fresh(&self, identity: &Identity) -> bool {
        let core = self.edge.host().core();
        let authority = core.services().get::<dyn SessionAuthority>();
        authority.is_some_and(|a| a.is_fresh(&identity.session, core.now()))
    }

    pub(crate) fn refuse(&self, failure: &Failure, parts: &Parts) -> Response {
        self.edge.refuse(failure, &parts.headers)
    }

    async fn leave(&self, response: &mut Response) {
        for call in self.known.lock().await.calls.drain(..) {
            for (name, value) in self.edge.host().effects(&call) {
                response.headers_mut().append(name, value);
            }
        }
    }
}
