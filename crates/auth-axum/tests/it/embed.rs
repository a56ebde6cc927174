//! The API and its sessions inside of an application of somebody else's.

use auth_axum::{Auth, FreshSession, Session, StrictSession};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::get as on_get,
};

use crate::support::{Answer, get, host, request, send};

async fn name(session: Session) -> String {
    session.user.name.clone()
}

async fn perhaps(session: Option<Session>) -> String {
    session.map_or("nobody".to_owned(), |s| s.user.name.clone())
}

async fn fresh(session: FreshSession) -> String {
    session.user.name.clone()
}

async fn twice(first: Session, strict: StrictSession, again: Session) -> String {
    format!("{} {} {}", first.user.name, strict.user.name, again.user.name)
}

async fn fails(_: Session) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

fn app() -> Router {
    let auth = Auth::new(host("").0);
    Router::new()
        .route("/name", on_get(name))
        .route("/perhaps", on_get(perhaps))
        .route("/fresh", on_get(fresh))
        .route("/twice", on_get(twice))
        .route("/fails", on_get(fails))
        .route("/open", on_get(|| async { "open" }))
        .layer(auth.layer())
        .merge(auth.router())
        .fallback(|| async { (StatusCode::IM_A_TEAPOT, "theirs") })
}

async fn visit(path: &str, cookie: Option<&str>) -> Answer {
    let mut asking: Request<Body> = request("GET", path).body(Body::empty()).unwrap();
    if let Some(cookie) = cookie {
        asking.headers_mut().insert("cookie", cookie.parse().unwrap());
    }
    send(&app(), asking).await
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).unwrap()
}

#[tokio::test]
async fn handlers_take_sessions() {
    assert_eq!(text(&visit("/name", Some("who=ada")).await), "ada");
    assert_eq!(text(&visit("/perhaps", Some("who=ada")).await), "ada");
    assert_eq!(text(&visit("/perhaps", None).await), "nobody");
    assert_eq!(text(&visit("/fresh", Some("who=ada")).await), "ada");
}

#[tokio::test]
async fn strangers_are_refused_in_the_wires_words() {
    let answer = visit("/name", None).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["code"], "UNAUTHORIZED");
    assert!(answer.header("x-trace-id").is_some());
    let old = visit("/fresh", Some("who=old")).await;
    assert_eq!(old.status(), StatusCode::FORBIDDEN);
    assert_eq!(old.json()["code"], "SESSION_NOT_FRESH");
}

#[tokio::test]
async fn a_store_that_is_away_is_no_stranger() {
    for path in ["/name", "/perhaps"] {
        let answer = visit(path, Some("who=broken")).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert!(!text(&answer).contains("secret detail"));
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn cookies_of_a_lookup_reach_the_client_once() {
    let answer = visit("/twice", Some("who=ada")).await;
    assert_eq!(text(&answer), "ada ada ada");
    let cookies: Vec<_> = answer.response.headers().get_all("set-cookie").iter().collect();
    // One of the cached and one of the strict lookup; the third argument asked nobody.
    assert_eq!(cookies.len(), 2);
    assert!(cookies[1].to_str().unwrap().starts_with("seen=Strict"));
    assert_eq!(visit("/open", Some("who=ada")).await.header("set-cookie"), None);
    assert_eq!(visit("/fails", Some("who=ada")).await.header("set-cookie"), None);
}

#[tokio::test]
async fn the_api_is_beside_the_application() {
    let app = app();
    assert_eq!(get(&app, "/api/auth/hi").await.json()["text"], "hi");
    assert_eq!(get(&app, "/api/v1/hi").await.json()["success"], true);
    assert_eq!(get(&app, "/elsewhere").await.status(), StatusCode::IM_A_TEAPOT);
    for path in ["/api/auth", "/api/auth/", "/api/auth/nope", "/api/auth//hi"] {
        let answer = get(&app, path).await;
        assert_eq!((answer.status(), answer.body.len()), (StatusCode::NOT_FOUND, 0), "{path}");
    }
    let head = send(&app, request("HEAD", "/api/auth/hi").body(Body::empty()).unwrap()).await;
    assert_eq!(
        (head.status(), head.header("content-type"), head.header("allow")),
        (StatusCode::NOT_FOUND, None, None)
    );
}

#[tokio::test]
async fn a_forgotten_layer_is_the_applications_fault() {
    let app = Router::new().route("/name", on_get(name));
    assert_eq!(get(&app, "/name").await.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn well_known_addresses_come_along() {
    assert!(text(&visit("/.well-known/hi", None).await).contains("hi"));
    assert_eq!(visit("/.well-known/other", None).await.status(), StatusCode::IM_A_TEAPOT);
}
