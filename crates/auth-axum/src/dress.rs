//! Replies to responses: the headers that every answer has.

use std::convert::Infallible;

use auth_core::{
    endpoint::{Reply, ReplyBody},
    settings::Settings,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, header},
};
use futures_util::StreamExt;

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

    /// A handshake's answer, with what the reply says besides.
    pub(crate) fn upgraded(
        &self,
        mut response: Response<Body>,
        headers: HeaderMap,
        trace_id: &str,
    ) -> Response<Body> {
        response.headers_mut().extend(headers);
        self.dress(response.headers_mut(), trace_id);
        response
    }

    /// The response of a reply. What the reply says itself wins.
    pub(crate) fn response(&self, reply: Reply, trace_id: &str, nonce: Option<&str>) -> Response<Body> {
        let body = match &reply.body {
            ReplyBody::Events(events) => match events.take() {
                Some(events) => Body::from_stream(events.map(Ok::<_, Infallible>)),
                None => Body::empty(),
            },
            _ => match reply.body_bytes() {
                bytes if bytes.is_empty() => Body::empty(),
                bytes => Body::from(bytes),
            },
        };
        let mut headers = reply.headers;
        self.dress(&mut headers, trace_id);
        if headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html")) {
            page(&mut headers, nonce);
        }
        let mut response = Response::new(body);
        *response.status_mut() = reply.status;
        *response.headers_mut() = headers;
        response
    }

    fn dress(&self, headers: &mut HeaderMap, trace_id: &str) {
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
