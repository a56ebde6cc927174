//! A visitor signs up and writes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use auth_host::Sources;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use http_body_util::BodyExt;
use tessera::Assembly;
use tower::ServiceExt;

async fn send(
    app: &Router,
    method: &str,
    uri: &str,
    cookie: &str,
    body: &str,
) -> (StatusCode, String, String) {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header(header::COOKIE, cookie)
        .header(header::ORIGIN, "http://127.0.0.1:3000")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let cookies: Vec<_> =
        cookies.map(|c| c.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, cookies.join("; "), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn whoever_is_signed_in_writes() {
    let sources = Sources::empty()
        .set("secret", "a secret that is long enough for a test")
        .set("database.url", "sqlite::memory:")
        .set("mail.transport", "file")
        .set("mail.outbox", "none");
    let running = Assembly::with_secret(sources).unwrap().start().await.unwrap();
    let app = example_axum::app(&running.auth());

    assert!(send(&app, "GET", "/", "", "").await.2.contains("Welcome, stranger!"));
    assert_eq!(send(&app, "POST", "/", "", "hello").await.0, StatusCode::UNAUTHORIZED);

    let ada = r#"{"name":"Ada","email":"ada@example.com","password":"Correct-Horse-42"}"#;
    let (status, cookie, answer) = send(&app, "POST", "/api/auth/sign-up/email", "", ada).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(send(&app, "POST", "/", &cookie, "hello").await.0, StatusCode::OK);
    let (_, _, page) = send(&app, "GET", "/", &cookie, "").await;
    assert!(page.contains("Welcome, Ada!\nAda: hello"), "{page}");
    assert_eq!(send(&app, "DELETE", "/", &cookie, "").await.0, StatusCode::OK);
    assert!(!send(&app, "GET", "/", &cookie, "").await.2.contains("hello"));
    running.stop().await;
}
