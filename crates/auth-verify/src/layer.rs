//! A tower layer that lets nobody through without a token, and the extractor of what it says.

use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll},
};

use axum_core::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Request, StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Claims, Verifier, VerifyError};

/// Answers 401 to every request without a valid `Authorization: Bearer` token, always in the same words,
/// and 503 while there are no keys to judge with. Handlers behind it take a [`Token`].
#[derive(Clone, Debug)]
pub struct JwtLayer {
    verifier: Verifier,
}

impl JwtLayer {
    /// Clones of the verifier share their keys, so any number of layers ask for them once.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier }
    }
}

impl<S> Layer<S> for JwtLayer {
    type Service = JwtService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        JwtService { inner, verifier: self.verifier.clone() }
    }
}

/// The service that [`JwtLayer`] makes.
#[derive(Clone, Debug)]
pub struct JwtService<S> {
    inner: S,
    verifier: Verifier,
}

impl<S, B> Service<Request<B>> for JwtService<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // The one that is ready goes along; its clone waits for the next request.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let verifier = self.verifier.clone();
        Box::pin(async move {
            let Some(token) = token_of(request.headers()) else {
                return Ok(Refusal::Unauthorized.into_response());
            };
            match verifier.verify_untyped(token).await {
                Ok(claims) => {
                    request.extensions_mut().insert(claims);
                    inner.call(request).await
                }
                Err(error) => Ok(Refusal::from(error).into_response()),
            }
        })
    }
}

/// The one token of a request; two headers are none.
fn token_of(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = one.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(token)
}

/// The claims of the request's token. Where no [`JwtLayer`] stands in front there are none, and the
/// answer is 401.
#[derive(Clone, Debug)]
pub struct Token<T = serde_json::Map<String, serde_json::Value>>(pub Claims<T>);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Token<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let claims = parts.extensions.get::<Claims>().cloned().ok_or(Refusal::Unauthorized)?;
        Ok(Self(claims.into_typed()?))
    }
}

/// `None` only where no [`JwtLayer`] stands in front.
impl<T: DeserializeOwned, S: Sync> OptionalFromRequestParts<S> for Token<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Refusal> {
        let Some(claims) = parts.extensions.get::<Claims>().cloned() else { return Ok(None) };
        Ok(Some(Self(claims.into_typed()?)))
    }
}

/// The answer to a request that is not let through. It does not say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 401.
    Unauthorized,
    /// 503: there are no keys, so the token may well be good.
    Unavailable,
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        if error.is_unavailable() { Self::Unavailable } else { Self::Unauthorized }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let (status, name, value, body) = match self {
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                header::WWW_AUTHENTICATE,
                "Bearer",
                r#"{"code":"UNAUTHORIZED","message":"Unauthorized"}"#,
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                header::RETRY_AFTER,
                "5",
                r#"{"code":"SERVICE_UNAVAILABLE","message":"Service unavailable"}"#,
            ),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(name, HeaderValue::from_static(value));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
