//! The layer in front of an axum application.

use auth_verify::{JwtLayer, Token};
use axum::{Router, body::Body, routing::get};
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use tower::ServiceExt as _;

use crate::support::{Answer, Signing, World};

#[derive(Deserialize)]
struct Profile {
    email: String,
}

#[derive(Deserialize)]
struct Other {
    #[expect(dead_code, reason = "it is never there")]
    roles: Vec<String>,
}

fn app(world: &World) -> Router {
    Router::new()
        .route("/me", get(async |Token(claims): Token<Profile>| claims.extra.email))
        .route("/raw", get(async |Token(claims): Token| claims.sub))
        .route("/other", get(async |_: Token<Other>| ""))
        .layer(JwtLayer::new(world.verifier.clone()))
        .route("/bare", get(async |_: Token| ""))
        .route("/open", get(async |token: Option<Token>| token.is_some().to_string()))
}

async fn ask(app: &Router, path: &str, values: &[&str]) -> (StatusCode, String, String) {
    let mut request = Request::get(path);
    for value in values {
        request = request.header(header::AUTHORIZATION, *value);
    }
    let answer = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let scheme = headers.get(header::WWW_AUTHENTICATE).map_or("", |value| value.to_str().unwrap());
    (status, scheme.to_owned(), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn handlers_take_the_claims() {
    let world = World::new().await;
    let (app, good) = (app(&world), format!("Bearer {}", world.key.good()));
    assert_eq!(ask(&app, "/me", &[&good]).await.2, "ada@example.com");
    assert_eq!(ask(&app, "/raw", &[&good.replacen("Bearer", "bEaReR", 1)]).await.2, "u1");
    assert_eq!(ask(&app, "/open", &[&good]).await.2, "false");
}

#[tokio::test]
async fn refusals_are_all_alike() {
    let world = World::new().await;
    let (app, token) = (app(&world), world.key.good());
    let (good, forged) = (format!("Bearer {token}"), format!("Bearer {}", Signing::new("k1", 9).good()));
    world.clock.advance(0);
    let no = (
        StatusCode::UNAUTHORIZED,
        "Bearer".to_owned(),
        r#"{"code":"UNAUTHORIZED","message":"Unauthorized"}"#.to_owned(),
    );
    for values in [
        &[][..],
        &[""],
        &["Bearer"],
        &["Bearer "],
        &[&format!("Basic {token}")],
        &[&token],
        &[&format!("Bearer  {token}")],
        &[&format!("Bearer {token}, Bearer {token}")],
        &[&good, &good],
        &[&forged],
        &["Bearer eyJhbGciOiJub25lIn0.e30."],
    ] {
        assert_eq!(ask(&app, "/me", values).await, no, "{values:?}");
    }
    // Claims of another shape, and a handler that nobody guards.
    assert_eq!(ask(&app, "/other", &[&good]).await, no);
    assert_eq!(ask(&app, "/bare", &[&good]).await, no);
    world.clock.advance(900 + 30);
    assert_eq!(ask(&app, "/me", &[&good]).await, no);
}

#[tokio::test]
async fn a_server_that_is_away_is_nobodys_fault() {
    let world = World::new().await;
    world.server.answers(Answer::Down);
    let (status, scheme, body) = ask(&app(&world), "/me", &[&format!("Bearer {}", world.key.good())]).await;
    assert_eq!((status, scheme.as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
    assert_eq!(body, r#"{"code":"SERVICE_UNAVAILABLE","message":"Service unavailable"}"#);
}
