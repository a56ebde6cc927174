//! The native form of answers, below `/api/v1`.

use auth_core::{
    Timestamp,
    endpoint::{Reply, ReplyBody},
    http::{StatusCode, header},
    serde_json::{Map, Value, json},
};

/// The version that clients of the native API see.
const API_VERSION: &str = "1";

/// Puts a wire reply into the envelope. Redirects, pages and what goes on stay as they are.
pub(crate) fn wrap(reply: Reply, app: &str, now: Timestamp, trace_id: &str) -> Reply {
    use ReplyBody::{Events, Html, Socket, Text};
    if reply.status.is_redirection() || matches!(reply.body, Html(_) | Text(..) | Socket(_) | Events(_)) {
        return reply;
    }
    let mut body = Map::new();
    let value = reply.body_value();
    if reply.status.is_success() {
        body.insert("success".into(), true.into());
        body.insert("data".into(), value.unwrap_or(Value::Null));
    } else {
        body.insert("success".into(), false.into());
        body.insert("error".into(), error(reply.status, value, now, trace_id));
    }
    body.insert(
        "metadata".into(),
        json!({ "timestamp": now.to_string(), "version": API_VERSION, "traceId": trace_id }),
    );
    body.insert(
        "app".into(),
        json!({ "name": app, "version": env!("CARGO_PKG_VERSION"), "logo": Value::Null }),
    );
    let mut headers = reply.headers;
    headers.remove(header::CONTENT_TYPE);
    Reply { status: reply.status, headers, body: ReplyBody::Value(Value::Object(body)) }
}

fn error(status: StatusCode, body: Option<Value>, now: Timestamp, trace_id: &str) -> Value {
    let mut members = match body {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let reason = || status.canonical_reason().unwrap_or("Error").to_owned();
    let code = members
        .shift_remove("code")
        .unwrap_or_else(|| reason().to_uppercase().replace([' ', '-'], "_").into());
    let message = members.shift_remove("message").unwrap_or_else(|| reason().into());
    let kind = match status {
        StatusCode::UNAUTHORIZED => "AUTHENTICATION",
        StatusCode::FORBIDDEN => "AUTHORIZATION",
        StatusCode::TOO_MANY_REQUESTS => "RATE_LIMIT",
        status if status.is_server_error() => "SYSTEM",
        _ => "VALIDATION",
    };
    let details = if members.is_empty() { Value::Null } else { Value::Object(members) };
    json!({
        "code": code,
        "message": message,
        "details": details,
        "type": kind,
        "timestamp": now.to_string(),
        "traceId": trace_id,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn errors_say_whose_fault_they_are() {
        let reply = Reply::new(
            StatusCode::FORBIDDEN,
            ReplyBody::Value(json!({"message": "No", "code": "NO", "more": 1})),
        );
        let body = wrap(reply, "App", Timestamp::UNIX_EPOCH, "t1").body_value().unwrap();
        assert_eq!(body["success"], false);
        assert_eq!(body["error"]["type"], "AUTHORIZATION");
        assert_eq!(body["error"]["details"], json!({"more": 1}));
        assert_eq!(body["metadata"]["traceId"], "t1");
        let empty =
            wrap(Reply::new(StatusCode::NOT_FOUND, ReplyBody::Empty), "App", Timestamp::UNIX_EPOCH, "t2");
        assert_eq!(empty.body_value().unwrap()["error"]["code"], "NOT_FOUND");
    }
}
