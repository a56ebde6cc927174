//! What every answer carries.

use std::net::SocketAddr;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, StatusCode},
};

use crate::support::{app, get, request, send};

#[tokio::test]
async fn every_answer_has_a_trace_id_of_its_own() {
    let app = app("");
    let mut seen = std::collections::HashSet::new();
    for path in
        ["/api/auth/hi", "/api/auth/nope", "/", "/healthz", "/api/auth/panic", "/api/v1/hi", "/api/auth/me"]
    {
        let id = get(&app, path).await.header("x-trace-id").unwrap().to_owned();
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{path}: {id}");
        assert!(seen.insert(id), "{path}");
    }
}

#[tokio::test]
async fn a_valid_parent_is_taken_over_from_proxies_and_rubbish_is_not() {
    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    let (near, any) = ("ip.trusted_proxies = [\"10.0.0.0/8\"]", "ip.trust_any_peer = true");
    let valid = format!("00-{TRACE}-b7ad6b7169203331-01");
    for (config, peer, parent, taken) in [
        (near, "10.1.2.3", valid.clone(), true),
        (near, "192.0.2.1", valid.clone(), false),
        ("", "127.0.0.1", valid.clone(), false),
        (any, "192.0.2.1", valid.clone(), true),
        (near, "10.1.2.3", format!("00-{TRACE}-0000000000000000-01"), false),
        (near, "10.1.2.3", "00-<script>-b7ad6b7169203331-01".to_owned(), false),
    ] {
        let app = app(config);
        let peer = ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1));
        let asking = request("GET", "/api/auth/hi").header("traceparent", &parent).extension(peer);
        let answer = send(&app, asking.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("x-trace-id") == Some(TRACE), taken, "{config} {parent}");
    }
}

#[tokio::test]
async fn security_headers() {
    let plain = get(&app(""), "/api/auth/hi").await;
    assert_eq!(plain.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(plain.header("x-frame-options"), Some("DENY"));
    assert_eq!(plain.header("referrer-policy"), Some("strict-origin-when-cross-origin"));
    assert_eq!(plain.header("strict-transport-security"), None);
    assert_eq!(plain.header("content-security-policy"), None);
    let secure = get(&app("base_url = \"https://auth.example.com\""), "/api/auth/hi").await;
    assert_eq!(secure.header("strict-transport-security"), Some("max-age=31536000"));
    let away = get(&app(""), "/api/auth/away").await;
    assert_eq!((away.status(), away.header("location")), (StatusCode::FOUND, Some("/elsewhere")));
}

#[tokio::test]
async fn scripts_of_pages_carry_the_nonce_of_the_answer() {
    let app = app("");
    let ask = |nonce: Option<&'static str>, accept: Option<&'static str>| {
        let mut asking = request("GET", "/api/auth/page");
        if let Some(nonce) = nonce {
            asking = asking.header("x-page-nonce", nonce);
        }
        if let Some(accept) = accept {
            asking = asking.header("accept", accept);
        }
        send(&app, asking.body(Body::empty()).unwrap())
    };
    let page = ask(Some("mine"), Some("text/html,*/*")).await;
    let policy = page.header("content-security-policy").unwrap().to_owned();
    let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    assert_eq!(nonce.len(), 22);
    assert_eq!(String::from_utf8_lossy(&page.body), format!("<script nonce=\"{nonce}\"></script>"));
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"));
    assert_eq!(page.header("cross-origin-opener-policy"), Some("same-origin"));
    assert!(page.header("permissions-policy").is_some());

    let planted = ask(Some("mine"), None).await;
    assert!(planted.header("content-security-policy").unwrap().contains("script-src 'none'"));
    assert!(!String::from_utf8_lossy(&planted.body).contains("mine"));
}

#[tokio::test]
async fn only_large_answers_without_secrets_are_compressed() {
    let app = app("");
    let ask = |path: &'static str, encoding: Option<&'static str>| {
        let mut asking = request("GET", path);
        if let Some(encoding) = encoding {
            asking = asking.header("accept-encoding", encoding);
        }
        send(&app, asking.body(Body::empty()).unwrap())
    };
    let big = ask("/api/auth/big", Some("gzip")).await;
    assert_eq!((big.header("content-encoding"), big.header("vary")), (Some("gzip"), Some("accept-encoding")));
    assert!(big.body.len() < 1000);
    for (path, encoding) in
        [("/api/auth/big", None), ("/api/auth/hi", Some("gzip, br")), ("/api/auth/big-secret", Some("gzip"))]
    {
        let plain = ask(path, encoding).await;
        assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, None), "{path}");
    }
}

#[tokio::test]
async fn forwarded_hosts_and_addresses_of_strangers_are_ignored() {
    // Cases 52 and 53.
    let app = app("");
    for (name, value) in [
        ("x-forwarded-host", "evil.com"),
        ("x-forwarded-proto", "javascript"),
        ("x-forwarded-for", "not-an-ip"),
        ("x-original-url", "/api/auth/panic"),
        ("x-rewrite-url", "/api/auth/panic"),
        ("authorization", "Bearer \u{1}"),
        ("cookie", "="),
    ] {
        let mut asking = request("GET", "/api/auth/whence").body(Body::empty()).unwrap();
        asking.headers_mut().insert(
            axum::http::HeaderName::from_static(name),
            HeaderValue::from_bytes(value.replace('\u{1}', "\u{ff}").as_bytes()).unwrap(),
        );
        let peer = axum::extract::ConnectInfo(std::net::SocketAddr::from(([203, 0, 113, 9], 1)));
        asking.extensions_mut().insert(peer);
        let answer = send(&app, asking).await;
        assert_eq!(answer.json()["text"], "203.0.113.9", "{name}");
        assert_eq!(answer.header("location"), None);
    }
}
