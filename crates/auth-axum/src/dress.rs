//! Replies to responses: the headers that every answer has.

use auth_core::{endpoint::Reply, settings::Settings};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, header},
};

use crate::trace::TRACE_ID;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const DENY: HeaderValue = HeaderValue::from_static("DENY");
const REFERRER: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
/// A year, this host only: what its neighbours do is not ours to promise.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const COOP: HeaderValue = HeaderValue::from_static("same-origin");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self)",
);
const COOP_NAME: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Puts headers on answers.
pub(crate) struct Dress {
    https: bool,
}

impl Dress {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { https: settings.base_url.scheme() == "https" }
    }

    /// The response of a reply. What the reply says itself wins.
    pub(crate) fn response(&self, reply: Reply, trace_id: &str, nonce: Option<&str>) -> Response<Body> {
        let body = reply.body_bytes();
        let mut headers = reply.headers;
        headers.reserve(6);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        headers.insert(header::X_FRAME_OPTIONS, DENY);
        headers.entry(header::REFERRER_POLICY).or_insert(REFERRER);
        if self.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        if let Ok(id) = HeaderValue::from_str(trace_id) {
            headers.insert(TRACE_ID, id);
        }
        if headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html")) {
            page(&mut headers, nonce);
        }
        let mut response = Response::new(if body.is_empty() { Body::empty() } else { Body::from(body) });
        *response.status_mut() = reply.status;
        *response.headers_mut() = headers;
        response
    }
}

/// A page runs no script and loads nothing but what carries the nonce of its request.
fn page(headers: &mut HeaderMap, nonce: Option<&str>) {
    headers.entry(COOP_NAME).or_insert(COOP);
    headers.entry(PERMISSIONS_POLICY).or_insert(PERMISSIONS);
    let marked = nonce.map_or_else(|| "'none'".to_owned(), |nonce| format!("'nonce-{nonce}'"));
    let policy = format!(
        "default-src 'none'; script-src {marked}; style-src {marked}; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
}
