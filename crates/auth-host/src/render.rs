//! Outcomes to replies: errors, cookies, headers.

use std::fmt::Write;

use auth_core::{
    Failure,
    call::SetCookie,
    endpoint::{Reply, ReplyBody},
    http::{HeaderValue, StatusCode, header},
    settings::CookieSettings,
};

/// The reply of a failure; what broke goes to the log and not to the client.
pub(crate) fn failure(failure: &Failure, trace_id: &str) -> Reply {
    let status = failure.status();
    // A 503 with nothing behind it is work that was refused: counted, and a line each would be work too.
    let refused = status == StatusCode::SERVICE_UNAVAILABLE && failure.source().is_none();
    if status.is_server_error() && !refused {
        tracing::error!(
            trace_id,
            status = status.as_u16(),
            source = failure.source().map(tracing::field::display),
            "request failed: {}",
            failure.message()
        );
    } else {
        tracing::debug!(trace_id, status = status.as_u16(), code = failure.code(), "request refused");
    }
    let mut reply = match failure.body() {
        Some(body) => Reply::new(status, ReplyBody::Value(body)),
        None => {
            let json = HeaderValue::from_static("application/json");
            Reply::new(status, ReplyBody::Empty).header(header::CONTENT_TYPE, json)
        }
    };
    reply.headers.extend(failure.headers().iter().cloned());
    reply
}

/// An answer without body and type, as unknown paths have it.
pub(crate) fn nothing_here() -> Reply {
    Reply::new(StatusCode::NOT_FOUND, ReplyBody::Empty)
}

/// `Set-Cookie`.
pub(crate) fn cookie(cookie: &SetCookie, settings: &CookieSettings) -> Option<HeaderValue> {
    let mut text = format!("{}={}", cookie.name, cookie.value.as_deref().unwrap_or_default());
    if let Some(max_age) = cookie.max_age {
        // Writing to a string cannot fail.
        let _ = write!(text, "; Max-Age={max_age}");
    }
    if let Some(domain) = &settings.domain {
        let _ = write!(text, "; Domain={domain}");
    }
    text.push_str("; Path=/");
    if cookie.http_only {
        text.push_str("; HttpOnly");
    }
    if settings.secure {
        text.push_str("; Secure");
    }
    text.push_str("; SameSite=Lax");
    HeaderValue::try_from(text).ok()
}
