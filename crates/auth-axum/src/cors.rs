//! Answers to browsers on foreign origins that the configuration trusts.
//!
//! Everyone else, and our own origin, gets none of these headers: an origin that is not trusted is
//! never reflected, and a same-origin answer looks as if there were no CORS at all.

use auth_core::origin::TrustedOrigins;
use axum::http::{HeaderMap, HeaderValue, Method, header};

const EXPOSED: HeaderValue =
    HeaderValue::from_static("set-auth-token, set-auth-jwt, x-trace-id, x-retry-after");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// A trusted foreign origin.
pub(crate) struct Foreign(HeaderValue);

impl Foreign {
    /// The sender of a request, if it is one.
    pub(crate) fn of(headers: &HeaderMap, origins: &TrustedOrigins) -> Option<Self> {
        let value = headers.get(header::ORIGIN)?;
        let text = value.to_str().ok()?;
        let trusted = text != origins.base_origin() && is_origin(text) && origins.allows_origin(text);
        trusted.then(|| Self(value.clone()))
    }

    /// What every answer to it carries.
    pub(crate) fn mark(self, headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.0);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        headers.append(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// An origin and nothing more: no path, no user.
fn is_origin(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, host)| !host.is_empty() && !host.contains(['/', '?', '#', '@']))
}

/// Whether a request asks what it may send.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// What a preflight is told beyond [`Foreign::mark`].
pub(crate) fn allow(asked: Option<HeaderValue>, headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    if let Some(asked) = asked {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
        headers.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
    }
}
