//! Everybody comes in by their own way, and by no other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod boards;
mod live;
mod vault;

use auth_core::call::Request as CallRequest;
use auth_host::Sources;
use auth_plugin_jwt::endpoints::sign_jwt::{SIGN_JWT, SignJwt};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use example_axum::UsersRead;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tessera::{Application, Running};
use tower::ServiceExt;

type Credential = (&'static str, String);

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn cookie(&self) -> Credential {
        let cookies = self.headers.get_all("set-cookie").iter();
        let cookies: Vec<_> = cookies.map(|c| c.to_str().unwrap().split(';').next().unwrap()).collect();
        ("cookie", cookies.join("; "))
    }

    fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.json()["code"], code);
    }

    fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self
    }
}

/// The application, and Ada who has signed up.
struct World {
    app: Router,
    running: Running,
    cookie: Credential,
    bearer: Credential,
    jwt: Credential,
}

impl World {
    async fn new() -> Self {
        Self::with(example_axum::sources()).await
    }

    async fn with(sources: Sources) -> Self {
        let sources = sources
            .set("secret", "a secret that is long enough for a test")
            .set("database.url", "sqlite::memory:")
            .set("mail.transport", "file")
            .set("mail.outbox", "none");
        let running =
            Application::new(sources).plugin::<UsersRead>().with_secret().unwrap().start().await.unwrap();
        let app = example_axum::app(&running.auth()).unwrap();
        let nobody = ("x-nobody", String::new());
        let mut world =
            Self { app, running, cookie: nobody.clone(), bearer: nobody.clone(), jwt: nobody.clone() };

        let ada = r#"{"name":"Ada","email":"ada@example.com","password":"Correct-Horse-42"}"#;
        let answer = world.send("POST", "/api/auth/sign-up/email", &nobody, ada).await.ok();
        world.cookie = answer.cookie();
        world.bearer = bearer(answer.headers["set-auth-token"].to_str().unwrap());
        let token = world.send("GET", "/api/auth/token", &world.cookie, "").await.ok().json();
        world.jwt = bearer(token["token"].as_str().unwrap());
        world
    }

    async fn send(&self, method: &str, uri: &str, with: &Credential, body: &str) -> Answer {
        self.send_both(method, uri, [with, &nobody()], body).await
    }

    async fn send_both(&self, method: &str, uri: &str, with: [&Credential; 2], body: &str) -> Answer {
        let request = with.iter().fold(Request::builder(), |request, with| request.header(with.0, &with.1));
        let request = request
            .method(method)
            .uri(uri)
            .header("origin", "http://127.0.0.1:3000")
            .header("content-type", "application/json")
            .body(Body::from(body.to_owned()))
            .unwrap();
        let (parts, body) = self.app.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// A token that the program itself signs.
    async fn signed(&self, claims: Value) -> Credential {
        let input = SignJwt { payload: claims.as_object().unwrap().clone(), ..SignJwt::default() };
        let core = self.running.host().core();
        let signed = core.call(&SIGN_JWT, CallRequest::with_body(&input).unwrap()).await.unwrap();
        bearer(&signed.token)
    }
}

fn bearer(token: &str) -> Credential {
    ("authorization", format!("Bearer {token}"))
}

fn nobody() -> Credential {
    ("x-nobody", String::new())
}

#[tokio::test]
async fn pages_are_for_everybody_and_writing_is_for_cookies() {
    let world = World::new().await;
    assert!(world.send("GET", "/", &nobody(), "").await.ok().text.contains("Welcome, stranger!"));
    for wrong in [&nobody(), &world.bearer, &world.jwt] {
        world.send("POST", "/", wrong, "hello").await.refused(401, "UNAUTHORIZED");
        world.send("DELETE", "/", wrong, "").await.refused(401, "UNAUTHORIZED");
        assert!(world.send("GET", "/", wrong, "").await.ok().text.contains("Welcome, stranger!"));
    }
    world.send("POST", "/", &world.cookie, "hello").await.ok();
    let page = world.send("GET", "/", &world.cookie, "").await.ok().text;
    assert!(page.contains("Welcome, Ada!\nAda: hello"), "{page}");
    world.send("DELETE", "/", &world.cookie, "").await.ok();
    assert!(!world.send("GET", "/", &world.cookie, "").await.ok().text.contains("hello"));
    world.running.stop().await;
}

#[tokio::test]
async fn the_command_line_comes_with_a_bearer_token() {
    let world = World::new().await;
    world.send("POST", "/", &world.cookie, "hello").await.ok();
    for wrong in [&nobody(), &world.cookie, &world.jwt] {
        world.send("GET", "/cli/mine", wrong, "").await.refused(401, "UNAUTHORIZED");
        world.send("DELETE", "/cli/mine", wrong, "").await.refused(401, "UNAUTHORIZED");
    }
    let mine = world.send("GET", "/cli/mine", &world.bearer, "").await.ok();
    assert_eq!(mine.json(), json!(["hello"]));
    world.send("DELETE", "/cli/mine", &world.bearer, "").await.ok();
    assert_eq!(world.send("GET", "/cli/mine", &world.bearer, "").await.ok().json(), json!([]));
    world.send("POST", "/api/auth/sign-out", &world.bearer, "{}").await.ok();
    world.send("DELETE", "/cli/mine", &world.bearer, "").await.refused(401, "UNAUTHORIZED");
    world.running.stop().await;
}

#[tokio::test]
async fn services_come_with_a_signed_token_that_is_good_for_it() {
    let world = World::new().await;
    for wrong in [&nobody(), &world.cookie, &world.bearer] {
        world.send("GET", "/api/entries", wrong, "").await.refused(401, "UNAUTHORIZED");
        world.send("POST", "/api/entries", wrong, "hello").await.refused(401, "UNAUTHORIZED");
    }
    let reader = world.signed(json!({ "sub": "counter", "name": "Counter", "scope": "entries:read" })).await;
    let writer = world.signed(json!({ "sub": "robot", "name": "Robot", "scope": "entries:write" })).await;
    let nameless = world.signed(json!({ "sub": "robot", "scope": "entries:write" })).await;
    world.send("POST", "/api/entries", &reader, "hello").await.refused(403, "INSUFFICIENT_SCOPE");
    world.send("GET", "/api/entries", &writer, "").await.refused(403, "INSUFFICIENT_SCOPE");
    world.send("POST", "/api/entries", &nameless, "hello").await.refused(401, "UNAUTHORIZED");
    world.send("POST", "/api/entries", &writer, "hello").await.ok();
    // The application says what a user's own token is good for.
    world.send("POST", "/api/entries", &world.jwt, "and hello").await.refused(403, "INSUFFICIENT_SCOPE");
    for reads in [&reader, &world.jwt] {
        assert_eq!(world.send("GET", "/api/entries", reads, "").await.ok().json(), json!(["Robot: hello"]));
    }

    // Case 155.
    let (signed, signature) = reader.1.rsplit_once('.').unwrap();
    let payload = signed.rsplit_once('.').unwrap().1;
    let none = "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    for forged in [
        format!("{signed}."),
        format!("{signed}.AAAA"),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
    ] {
        world.send("GET", "/api/entries", &("authorization", forged), "").await.refused(401, "UNAUTHORIZED");
    }
    world.running.stop().await;
}

#[tokio::test]
async fn anybody_may_ask_who_they_are() {
    let world = World::new().await;
    world.send("GET", "/me", &nobody(), "").await.refused(401, "UNAUTHORIZED");
    let mut ids = Vec::new();
    for (credential, way) in [(&world.cookie, "cookie"), (&world.bearer, "bearer"), (&world.jwt, "jwt")] {
        let me = world.send("GET", "/me", credential, "").await.ok().text;
        let (id, by) = me.split_once(" by ").unwrap();
        assert_eq!(by, way);
        ids.push(id.to_owned());
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    // Both are of the session that ends here.
    world.send("POST", "/api/auth/sign-out", &world.cookie, "{}").await.ok();
    for credential in [&world.bearer, &world.jwt] {
        world.send("GET", "/me", credential, "").await.refused(401, "UNAUTHORIZED");
    }
    let ada = r#"{"email":"ada@example.com","password":"Correct-Horse-42"}"#;
    let cookie = world.send("POST", "/api/auth/sign-in/email", &nobody(), ada).await.ok().cookie();
    let me = world.send_both("GET", "/me", [&world.jwt, &cookie], "").await.ok();
    assert!(me.text.ends_with("by cookie"));
    let me = world.send_both("GET", "/me", [&bearer("nonsense"), &cookie], "").await.ok();
    assert!(me.text.ends_with("by cookie"));
    // A genuine token whose session has ended.
    world.send_both("GET", "/me", [&world.bearer, &cookie], "").await.refused(401, "UNAUTHORIZED");
    world.running.stop().await;
}

#[tokio::test]
async fn foreign_pages_write_nothing() {
    let world = World::new().await;
    let request = Request::post("/")
        .header("cookie", &world.cookie.1)
        .header("origin", "https://evil.example.com")
        .body(Body::from("hello"))
        .unwrap();
    let answer = world.app.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(!world.send("GET", "/", &nobody(), "").await.ok().text.contains("hello"));
    world.running.stop().await;
}

#[tokio::test]
async fn the_document_says_who_may_come_in_where() {
    let world = World::new().await;
    let document = world.send("GET", "/openapi.json", &nobody(), "").await.ok().json();
    let security = |path: &str, method: &str| document["paths"][path][method]["security"].clone();
    assert_eq!(security("/", "get"), json!([{}, { "sessionCookie": [] }]));
    assert_eq!(security("/", "post"), json!([{ "sessionCookie": [] }]));
    assert_eq!(security("/cli/mine", "get"), json!([{ "sessionToken": [] }]));
    assert_eq!(security("/api/entries", "get"), json!([{ "signedToken": ["entries:read"] }]));
    assert_eq!(security("/api/entries", "post"), json!([{ "signedToken": ["entries:write"] }]));
    let any =
        json!([{ "sessionCookie": [] }, { "sessionToken": [] }, { "apiKey": [] }, { "signedToken": [] }]);
    assert_eq!(security("/me", "get"), any);
    for path in ["/", "/cli/mine"] {
        let refusal = &document["paths"][path]["delete"]["responses"]["401"]["description"];
        assert_eq!(refusal, "`UNAUTHORIZED`: Unauthorized");
    }
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(
        schemes.keys().collect::<Vec<_>>(),
        ["sessionCookie", "sessionToken", "apiKey", "signedToken"]
    );
    world.running.stop().await;
}
