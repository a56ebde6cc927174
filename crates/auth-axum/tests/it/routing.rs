//! Paths are exact, mounts are two, and everything else is an empty 404.

use axum::{body::Body, http::StatusCode};

use crate::support::{app, get, host, request, send};

/// What an answer without body and type has at most.
const BARE: [&str; 4] = ["referrer-policy", "x-content-type-options", "x-frame-options", "x-trace-id"];

#[tokio::test]
async fn only_the_exact_spelling_answers() {
    let app = app("");
    assert_eq!(get(&app, "/api/auth/hi").await.json()["text"], "hi");
    assert_eq!(get(&app, "/api/auth/hi?x=1").await.status(), StatusCode::OK);
    for path in [
        "/",
        "/hi",
        "/api",
        "/api/auth",
        "/api/auth/",
        "/api/auth//hi",
        "//api/auth/hi",
        "/api/auth/hi/",
        "/api/auth/HI",
        "/api/auth/hi%2f",
        "/api/auth/%68i",
        "/api/auth/./hi",
        "/api/auth/x/../hi",
        "/api/authhi",
        "/api/auth;/hi",
        "/API/auth/hi",
        "/healthz/",
        "/readyz/x",
    ] {
        let answer = get(&app, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.is_empty(), "{path}");
        assert_eq!(answer.names(), BARE, "{path}");
    }
}

#[tokio::test]
async fn other_methods_are_unknown_paths() {
    // Case 286.
    let app = app("");
    for method in ["HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"] {
        let answer = send(&app, request(method, "/api/auth/hi").body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method}");
        assert_eq!(answer.names(), BARE, "{method}");
        assert!(answer.body.is_empty(), "{method}");
    }
    let star = send(&app, request("OPTIONS", "*").body(Body::empty()).unwrap()).await;
    assert_eq!(star.status(), StatusCode::NOT_FOUND);
    let overridden = request("POST", "/api/auth/hi").header("x-http-method-override", "GET");
    assert_eq!(send(&app, overridden.body(Body::empty()).unwrap()).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn parameters_are_decoded_once() {
    let app = app("");
    assert_eq!(get(&app, "/api/auth/item/a%2525b").await.json()["text"], "a%25b");
    assert_eq!(get(&app, "/api/auth/item/").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_native_mount_answers_in_the_envelope() {
    let app = app("app_name = \"Toys\"");
    let answer = get(&app, "/api/v1/hi").await;
    let body = answer.json();
    assert_eq!(body["success"], true);
    assert_eq!(body["data"]["text"], "hi");
    assert_eq!(body["app"]["name"], "Toys");
    assert_eq!(body["metadata"]["traceId"], answer.header("x-trace-id").unwrap());
    let refused = get(&app, "/api/v1/me").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.json()["error"]["type"], "AUTHENTICATION");
    let unknown = get(&app, "/api/v1/nothing").await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(unknown.json()["error"]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn the_base_path_is_configuration() {
    let app = app("base_path = \"/auth\"");
    assert_eq!(get(&app, "/auth/hi").await.status(), StatusCode::OK);
    assert_eq!(get(&app, "/api/auth/hi").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn readiness_follows_the_database_and_liveness_does_not() {
    let (host, database) = host("");
    let app = auth_axum::router(host, auth_axum::EdgeOptions::default());
    let status = async |path: &str| get(&app, path).await.status().as_u16();
    let pages = ["/readyz", "/health/ready", "/health", "/healthz", "/health/live"];
    for page in pages {
        assert_eq!(status(page).await, 200, "{page}");
    }
    database.go_away(true);
    for (page, wanted) in pages.into_iter().zip([503, 503, 503, 200, 200]) {
        let answer = get(&app, page).await;
        assert_eq!(answer.status().as_u16(), wanted, "{page}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("there is no database here"));
    }
    let health = get(&app, "/health").await.json();
    assert_eq!((&health["status"], &health["checks"]["database"]), (&"down".into(), &"down".into()));
    database.go_away(false);
    assert_eq!(status("/readyz").await, 200);
    for (method, page) in [("POST", "/health"), ("GET", "/health/"), ("GET", "/health/database")] {
        let answer = send(&app, request(method, page).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {page}");
    }
}

#[tokio::test]
async fn well_known_addresses_are_at_the_root_too() {
    let app = app("");
    assert_eq!(get(&app, "/.well-known/hi").await.json()["text"], "hi");
    for path in ["/.well-known/hi/", "/.well-known", "/.well-known/hi2", "/api/auth/.well-known/hi"] {
        assert_eq!(get(&app, path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let posted = send(&app, request("POST", "/.well-known/hi").body(Body::empty()).unwrap()).await;
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
}
