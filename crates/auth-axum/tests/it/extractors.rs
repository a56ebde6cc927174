//! What handlers are given, and how others are refused.

use auth_axum::{Claims, FreshSession, Identity, Scope, Scoped, Session, StrictSession};
use axum::{
    Router,
    body::Body,
    http::StatusCode,
    routing::{get as on_get, post as on_post},
};
use serde::Deserialize;

use crate::{
    support::{Answer, get, request, send},
    ways::World,
};

struct Read;

impl Scope for Read {
    const NAME: &'static str = "read";
}

struct Write;

impl Scope for Write {
    const NAME: &'static str = "write";
}

#[derive(Deserialize)]
struct Tenant {
    tenant: String,
}

#[derive(Deserialize)]
struct Other {
    #[serde(rename = "tenant")]
    _tenant: u32,
}

async fn describe(caller: Option<Identity>) -> String {
    let Some(caller) = caller else { return "nobody".to_owned() };
    format!(
        "{} {:?} {:?} {:?} {} {:?} {:?} {:?}",
        caller.user_id(),
        caller.user().map(|user| &*user.email),
        caller.session().map(|session| &*session.id),
        caller.session_id(),
        caller.method(),
        caller.scopes(),
        caller.actor(),
        caller.claims().map(serde_json::Map::len),
    )
}

async fn everything(
    _: Identity,
    _: Option<Identity>,
    _: Session,
    _: FreshSession,
    _: Scoped<Read>,
    _: Option<Session>,
) {
}

fn app(world: &World) -> Router {
    Router::new()
        .route("/describe", on_get(describe))
        .route("/session", on_get(async |_: Session| ()))
        .route("/strict", on_get(async |_: StrictSession| ()))
        .route("/fresh", on_get(async |_: FreshSession| ()))
        .route("/perhaps", on_get(async |session: Option<Session>| session.is_some().to_string()))
        .route("/read", on_get(async |caller: Scoped<Read>| caller.user_id().to_owned()))
        .route("/write", on_get(async |caller: Scoped<Write>| caller.user_id().to_owned()))
        .route("/tenant", on_get(async |Claims(claims): Claims<Tenant>| claims.tenant))
        .route("/other", on_get(async |_: Claims<Other>| ()))
        .route("/all", on_get(async |Claims(claims): Claims| claims["sub"].to_string()))
        .route("/twice", on_get(async |_: Claims, _: Scoped<Read>, _: Identity| ()))
        .route("/everything", on_get(everything))
        .route("/change", on_post(async |_: Session| ()).get(async |_: Session| ()))
        .route("/perhaps-change", on_post(async |session: Option<Session>| session.is_some().to_string()))
        .layer(world.auth.layer())
}

async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let asking =
        headers.iter().fold(request(method, path), |asking, (name, value)| asking.header(*name, *value));
    send(&app(world), asking.body(Body::empty()).unwrap()).await
}

async fn text(world: &World, path: &str, headers: &[(&str, &str)]) -> String {
    let answer = ask(world, "GET", path, headers).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path} {headers:?}");
    String::from_utf8(answer.body).unwrap()
}

async fn refused(world: &World, path: &str, headers: &[(&str, &str)], status: u16, code: &str) -> Answer {
    let answer = ask(world, "GET", path, headers).await;
    assert_eq!(answer.status().as_u16(), status, "{path} {headers:?}");
    assert_eq!(answer.json()["code"], code, "{path}");
    assert!(answer.header("x-trace-id").is_some());
    answer
}

const COOKIE: (&str, &str) = ("cookie", "who=ada");
const KEY: (&str, &str) = ("x-key", "kim");
const JWT: (&str, &str) = ("authorization", "Bearer good.eve.sig");
const READING: (&str, &str) = ("authorization", "Bearer good.eve~read.sig");
const NOTHING: (&str, &str) = ("authorization", "Bearer good.eve~.sig");

#[tokio::test]
async fn an_identity_says_what_is_known_of_the_caller() {
    let world = World::new();
    let ada = r#"ada Some("ada@example.com") Some("1") Some("1") cookie None None None"#;
    assert_eq!(text(&world, "/describe", &[COOKIE]).await, ada);
    let kim = r#"kim Some("kim@example.com") Some("1") Some("1") key Some(["read"]) None None"#;
    assert_eq!(text(&world, "/describe", &[KEY]).await, kim);
    let eve = r#"eve None None Some("9") jwt None Some("robot") Some(4)"#;
    assert_eq!(text(&world, "/describe", &[JWT]).await, eve);
    assert_eq!(text(&world, "/describe", &[]).await, "nobody");
}

#[tokio::test]
async fn a_scope_is_demanded_of_credentials_that_have_scopes() {
    let world = World::new();
    for all in [COOKIE, JWT] {
        text(&world, "/read", &[all]).await;
        text(&world, "/write", &[all]).await;
    }
    for reading in [KEY, READING] {
        text(&world, "/read", &[reading]).await;
        let answer = refused(&world, "/write", &[reading], 403, "INSUFFICIENT_SCOPE").await;
        assert_eq!(answer.json()["scope"], "write");
    }
    refused(&world, "/read", &[NOTHING], 403, "INSUFFICIENT_SCOPE").await;
    refused(&world, "/read", &[], 401, "UNAUTHORIZED").await;
}

#[tokio::test]
async fn a_credential_for_a_part_is_no_session() {
    let world = World::new();
    for path in ["/session", "/strict", "/fresh"] {
        refused(&world, path, &[KEY], 403, "INSUFFICIENT_SCOPE").await;
        refused(&world, path, &[JWT], 401, "UNAUTHORIZED").await;
        refused(&world, path, &[], 401, "UNAUTHORIZED").await;
        text(&world, path, &[COOKIE]).await;
    }
    for (headers, expected) in [(&[KEY][..], "false"), (&[JWT], "false"), (&[], "false"), (&[COOKIE], "true")]
    {
        assert_eq!(text(&world, "/perhaps", headers).await, expected, "{headers:?}");
    }
    refused(&world, "/fresh", &[("cookie", "who=old")], 403, "SESSION_NOT_FRESH").await;
}

#[tokio::test]
async fn claims_have_the_shape_that_is_asked_for() {
    let world = World::new();
    assert_eq!(text(&world, "/tenant", &[JWT]).await, "acme");
    assert_eq!(text(&world, "/all", &[JWT]).await, "\"eve\"");
    refused(&world, "/other", &[JWT], 401, "UNAUTHORIZED").await;
    for other in [&[COOKIE][..], &[KEY], &[]] {
        refused(&world, "/tenant", other, 401, "UNAUTHORIZED").await;
    }
}

#[tokio::test]
async fn arguments_share_one_lookup() {
    let world = World::new();
    text(&world, "/everything", &[COOKIE]).await;
    assert_eq!(world.asked(), (1, 0));
    text(&world, "/twice", &[READING]).await;
    assert_eq!(world.asked(), (1, 1));
    text(&world, "/describe", &[("authorization", "Bearer bad.bad.bad"), COOKIE]).await;
    assert_eq!(world.asked(), (2, 2));
}

#[tokio::test]
async fn foreign_pages_change_nothing_with_a_browsers_cookie() {
    // Case 31. The pages of other sites of the same owner are why `SameSite=Lax` is not enough.
    let config = "base_url = \"https://app.example.com\"\ntrusted_origins = [\"https://www.example.com\"]";
    let world = World::with(config);
    for good in ["https://app.example.com", "https://www.example.com"] {
        let answer = ask(&world, "POST", "/change", &[COOKIE, ("origin", good)]).await;
        assert_eq!(answer.status(), StatusCode::OK, "{good}");
    }
    for bad in
        ["https://evil.example.com", "https://app.example.com.evil.com", "null", "", "http://app.example.com"]
    {
        for path in ["/change", "/perhaps-change"] {
            let answer = ask(&world, "POST", path, &[COOKIE, ("origin", bad)]).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{bad}");
            assert_eq!(answer.json()["code"], "INVALID_ORIGIN");
        }
        assert_eq!(ask(&world, "GET", "/change", &[COOKIE, ("origin", bad)]).await.status(), StatusCode::OK);
        let bearer = ("authorization", "Bearer ada");
        assert_eq!(ask(&world, "POST", "/change", &[bearer, ("origin", bad)]).await.status(), StatusCode::OK);
        let stranger = ask(&world, "POST", "/change", &[("origin", bad)]).await;
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    }
    let two = [COOKIE, ("origin", "https://app.example.com"), ("origin", "https://evil.example.com")];
    assert_eq!(ask(&world, "POST", "/change", &two).await.status(), StatusCode::FORBIDDEN);
    let hidden = [COOKIE, ("origin", "null"), ("sec-fetch-site", "same-origin")];
    assert_eq!(ask(&world, "POST", "/change", &hidden).await.status(), StatusCode::OK);
    // No browser: it would have said where it is.
    assert_eq!(ask(&world, "POST", "/change", &[COOKIE]).await.status(), StatusCode::OK);
    let open = World::with("check_csrf = false");
    let evil = [COOKIE, ("origin", "https://evil.example.com")];
    assert_eq!(ask(&open, "POST", "/change", &evil).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn arguments_without_a_layer_are_the_applications_fault() {
    let app = Router::new()
        .route("/identity", on_get(async |_: Identity| ()))
        .route("/perhaps", on_get(async |_: Option<Identity>| ()))
        .route("/scoped", on_get(async |_: Scoped<Read>| ()))
        .route("/claims", on_get(async |_: Claims| ()));
    for path in ["/identity", "/perhaps", "/scoped", "/claims"] {
        assert_eq!(get(&app, path).await.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
}
