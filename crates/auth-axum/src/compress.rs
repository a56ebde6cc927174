//! Compression of large answers, for clients that ask for it.
//!
//! Not a layer around everything: small answers, which are nearly all of them, must not pay. An
//! answer that sets cookies or must not be stored stays as it is, so that its length tells nothing
//! of the secrets in it.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{HeaderValue, Request, Response, header},
};
use hyper::body::Body as _;
use tower::{ServiceExt, service_fn};
use tower_http::compression::{Compression, predicate::SizeAbove};

/// The smallest body that is compressed.
const MINIMUM: u64 = 1024;

pub(crate) async fn compress(accepted: HeaderValue, response: Response<Body>) -> Response<Body> {
    let large = response.body().size_hint().lower() > MINIMUM;
    let headers = response.headers();
    let secret = headers.contains_key(header::SET_COOKIE)
        || headers.get(header::CACHE_CONTROL).is_some_and(|v| v.as_bytes().starts_with(b"no-store"));
    if !large || secret {
        return response;
    }
    let mut asking = Request::new(());
    asking.headers_mut().insert(header::ACCEPT_ENCODING, accepted);
    let mut answer = Some(response);
    let inner = service_fn(move |_: Request<()>| {
        let answer = answer.take().unwrap_or_default();
        async move { Ok::<_, Infallible>(answer) }
    });
    match Compression::new(inner).compress_when(SizeAbove::new(MINIMUM)).oneshot(asking).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}
