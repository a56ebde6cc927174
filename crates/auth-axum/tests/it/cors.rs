//! Security case 34: origins are reflected only where the configuration trusts them.

use axum::{body::Body, http::StatusCode};

use crate::support::{Answer, app, request, send};

const CONFIG: &str = "base_url = \"https://auth.example.com\"\n\
    trusted_origins = [\"https://app.example.com\", \"https://*.trusted.org\"]";

fn cors(answer: &Answer) -> Vec<&str> {
    answer.names().into_iter().filter(|n| n.starts_with("access-control-") || *n == "vary").collect()
}

async fn from(origin: &str, preflight: bool) -> Answer {
    let method = if preflight { "OPTIONS" } else { "GET" };
    let mut asking = request(method, "/api/auth/hi").header("origin", origin);
    if preflight {
        asking = asking
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type, x-mine");
    }
    send(&app(CONFIG), asking.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn trusted_foreign_origins_may_read() {
    for origin in ["https://app.example.com", "https://a.trusted.org"] {
        let answer = from(origin, false).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        assert_eq!(answer.header("vary"), Some("Origin"));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        assert_eq!(exposed, "set-auth-token, set-auth-jwt, x-trace-id, x-retry-after");
    }
}

#[tokio::test]
async fn trusted_foreign_origins_are_told_what_they_may_send() {
    let answer = from("https://app.example.com", true).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!(answer.header("access-control-allow-headers"), Some("content-type, x-mine"));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
    assert_eq!(answer.header("access-control-max-age"), Some("600"));
}

#[tokio::test]
async fn everybody_else_sees_no_trace_of_cors() {
    for origin in [
        "https://auth.example.com",
        "https://evil.com",
        "http://app.example.com",
        "https://app.example.com.evil.com",
        "https://app.example.com:444",
        "https://app.example.com/path",
        "https://app.example.com@evil.com",
        "https://evil.com?.trusted.org",
        "https://trusted.org.evil.com",
        "null",
        "",
    ] {
        for preflight in [false, true] {
            let answer = from(origin, preflight).await;
            assert_eq!(cors(&answer), [""; 0], "{origin} preflight={preflight}");
            let status = if preflight { StatusCode::NOT_FOUND } else { StatusCode::OK };
            assert_eq!(answer.status(), status, "{origin}");
        }
    }
}

#[tokio::test]
async fn a_preflight_without_a_method_is_an_unknown_path() {
    let asking = request("OPTIONS", "/api/auth/hi").header("origin", "https://app.example.com");
    let answer = send(&app(CONFIG), asking.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}
