//! Which credentials count inside of which layer.

use auth_axum::{ApiKeyLayer, Auth, BearerLayer, Identity, JwtLayer, Scope, Scoped, Session, SessionLayer};
use auth_host::Builder;
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode},
    middleware::{self, Next},
    response::Response,
    routing::get as on_get,
};

use crate::{
    support::{Answer, request, send},
    toy::Toy,
    ways::{Cards, Keys, Signer, World},
};

const COOKIE: (&str, &str) = ("cookie", "who=ada");
const BEARER: (&str, &str) = ("authorization", "Bearer bob");
const KEY: (&str, &str) = ("x-key", "kim");
const JWT: (&str, &str) = ("authorization", "Bearer good.eve.sig");
const STRANGER: &str = "nobody";

async fn who(caller: Identity) -> String {
    format!("{} {}", caller.user_id(), caller.method())
}

fn routes() -> Router {
    Router::new()
        .route("/who", on_get(who))
        .route("/session", on_get(async |session: Session| session.user.id.clone()))
        .route("/open", on_get(async || "open"))
}

async fn ask(app: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut asking = request("GET", path).body(Body::empty()).unwrap();
    for (name, value) in headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        asking.headers_mut().append(name, value.parse().unwrap());
    }
    send(app, asking).await
}

/// Who the handler meets.
async fn met(app: &Router, headers: &[(&str, &str)]) -> String {
    let answer = ask(app, "/who", headers).await;
    match answer.status() {
        StatusCode::OK => String::from_utf8(answer.body).unwrap(),
        StatusCode::UNAUTHORIZED => {
            assert_eq!(answer.json()["code"], "UNAUTHORIZED");
            STRANGER.to_owned()
        }
        other => panic!("{other}"),
    }
}

fn pages(auth: &Auth) -> SessionLayer {
    SessionLayer::new(auth)
}

fn tools(auth: &Auth) -> BearerLayer {
    BearerLayer::new(auth).unwrap()
}

fn machines(auth: &Auth) -> JwtLayer {
    JwtLayer::new(auth).unwrap()
}

#[tokio::test]
async fn each_layer_takes_its_own_way_and_no_other() {
    let auth = World::new().auth;
    let all = routes().layer(auth.layer());
    let (pages, tools, machines) =
        (routes().layer(pages(&auth)), routes().layer(tools(&auth)), routes().layer(machines(&auth)));
    for (credential, caller, only) in [
        (COOKIE, "ada cookie", &pages),
        (BEARER, "bob bearer", &tools),
        (KEY, "kim key", &tools),
        (JWT, "eve jwt", &machines),
    ] {
        assert_eq!(met(&all, &[credential]).await, caller);
        for app in [&pages, &tools, &machines] {
            let expected = if std::ptr::eq(app, only) { caller } else { STRANGER };
            assert_eq!(met(app, &[credential]).await, expected, "{credential:?}");
        }
    }
    for app in [&all, &pages, &tools, &machines] {
        assert_eq!(met(app, &[]).await, STRANGER);
    }
    // What is not taken is not even seen: it hides no credential that is.
    assert_eq!(met(&pages, &[COOKIE, BEARER, KEY]).await, "ada cookie");
    assert_eq!(met(&pages, &[COOKIE, JWT]).await, "ada cookie");
    assert_eq!(met(&tools, &[BEARER, COOKIE]).await, "bob bearer");
    assert_eq!(met(&machines, &[JWT, COOKIE, KEY]).await, "eve jwt");
}

#[tokio::test]
async fn layers_add_up_in_any_order() {
    let auth = World::new().auth;
    for app in
        [routes().layer(pages(&auth)).layer(tools(&auth)), routes().layer(tools(&auth)).layer(pages(&auth))]
    {
        assert_eq!(met(&app, &[COOKIE]).await, "ada cookie");
        assert_eq!(met(&app, &[BEARER]).await, "bob bearer");
        assert_eq!(met(&app, &[JWT]).await, STRANGER);
    }
    for app in [
        routes().layer(pages(&auth)).layer(tools(&auth)).layer(machines(&auth)),
        routes().layer(machines(&auth)).layer(tools(&auth)).layer(pages(&auth)),
        routes().layer(machines(&auth)).layer(auth.layer()),
    ] {
        for (credential, caller) in [(COOKIE, "ada cookie"), (BEARER, "bob bearer"), (JWT, "eve jwt")] {
            assert_eq!(met(&app, &[credential]).await, caller);
        }
    }
}

#[tokio::test]
async fn a_token_comes_before_a_bearer_and_that_before_a_cookie() {
    let auth = World::new().auth;
    let all = routes().layer(auth.layer());
    assert_eq!(met(&all, &[COOKIE, JWT]).await, "eve jwt");
    assert_eq!(met(&all, &[COOKIE, JWT, KEY]).await, "eve jwt");
    assert_eq!(met(&all, &[COOKIE, BEARER]).await, "bob bearer");
    assert_eq!(met(&all, &[COOKIE, KEY]).await, "kim key");
}

#[tokio::test]
async fn what_does_not_count_is_passed_over() {
    let auth = World::new().auth;
    let all = routes().layer(auth.layer());
    let stacked = routes().layer(pages(&auth)).layer(machines(&auth)).layer(tools(&auth));
    for app in [all, stacked] {
        for bad in ["Bearer forged.eve.sig", "Bearer good.eve.x", "Bearer BOB", "Basic YTpi", "Bearer", ""] {
            let bad = ("authorization", bad);
            assert_eq!(met(&app, &[bad, COOKIE]).await, "ada cookie", "{bad:?}");
            assert_eq!(met(&app, &[bad, KEY]).await, "kim key", "{bad:?}");
            assert_eq!(met(&app, &[bad]).await, STRANGER, "{bad:?}");
        }
    }
}

#[tokio::test]
async fn garbage_is_nobody() {
    // Case 58.
    let world = World::new();
    let app = routes().layer(world.auth.layer());
    let long = format!("Bearer good.{}.sig", "a".repeat(100_000));
    let none = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.";
    for bad in [
        &long,
        none,
        "Bearer ..",
        "Bearer a..b",
        "Bearer .good.ada.sig",
        "Bearer good.ada.sig.",
        "good.ada.sig",
    ] {
        assert_eq!(met(&app, &[("authorization", bad)]).await, STRANGER, "{bad:.40}");
    }
    // Only what has the shape of a token, and its size, was checked.
    assert_eq!(world.asked().1, 3);
    for bytes in [&b"Bearer good.ad\xe4.sig"[..], b"\xff\xfe", b"Bearer\xa0good.ada.sig", b"Bearer\tada"] {
        let mut asking = request("GET", "/who").body(Body::empty()).unwrap();
        asking.headers_mut().insert("authorization", HeaderValue::from_bytes(bytes).unwrap());
        assert_eq!(send(&app, asking).await.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(world.asked().1, 3);
}

#[tokio::test]
async fn two_authorization_headers_count_as_none() {
    let world = World::new();
    let app = routes().layer(world.auth.layer());
    for pair in [[JWT, JWT], [JWT, BEARER], [BEARER, JWT], [BEARER, BEARER]] {
        assert_eq!(met(&app, &pair).await, STRANGER);
        assert_eq!(met(&app, &[pair[0], pair[1], COOKIE]).await, "ada cookie");
    }
    assert_eq!(world.asked().1, 0);
    let spelled = ("authorization", "bEARER   good.eve.sig ");
    assert_eq!(met(&app, &[spelled]).await, "eve jwt");
}

#[tokio::test]
async fn who_comes_with_a_token_has_no_session() {
    let auth = World::new().auth;
    let app = routes().layer(auth.layer());
    for headers in [&[JWT][..], &[JWT, COOKIE]] {
        assert_eq!(ask(&app, "/session", headers).await.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask(&app, "/session", &[BEARER]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_token_is_checked_without_a_lookup_and_nobody_is_looked_up_unasked() {
    let world = World::new();
    let app = routes().layer(pages(&world.auth)).layer(machines(&world.auth));
    assert_eq!(ask(&app, "/open", &[COOKIE, JWT]).await.status(), StatusCode::OK);
    assert_eq!(world.asked(), (0, 0));
    assert_eq!(met(&app, &[JWT]).await, "eve jwt");
    assert_eq!(world.asked(), (0, 1));
    let only = routes().layer(machines(&world.auth));
    assert_eq!(met(&only, &[COOKIE]).await, STRANGER);
    assert_eq!(world.asked(), (0, 1));
}

fn cookies(answer: &Answer) -> Vec<&str> {
    let all = answer.response.headers().get_all("set-cookie").iter();
    all.map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn cookies_are_set_once_however_many_layers_there_are() {
    let auth = World::new().auth;
    for app in [
        routes().layer(auth.layer()).layer(auth.layer()),
        routes().layer(pages(&auth)).layer(tools(&auth)).layer(machines(&auth)),
        routes().layer(tools(&auth)).layer(pages(&auth)),
    ] {
        assert_eq!(cookies(&ask(&app, "/who", &[COOKIE]).await).len(), 1);
        assert_eq!(cookies(&ask(&app, "/open", &[COOKIE]).await).len(), 0);
    }
}

#[tokio::test]
async fn who_takes_no_cookies_sets_none() {
    let world = World::new();
    let app = routes().layer(tools(&world.auth)).layer(machines(&world.auth));
    for headers in [&[BEARER][..], &[COOKIE], &[BEARER, COOKIE]] {
        assert_eq!(cookies(&ask(&app, "/who", headers).await), Vec::<&str>::new());
    }
    assert_eq!(world.asked().0, 3);
}

async fn ask_early(caller: Option<Identity>, request: Request, next: Next) -> Response {
    let early = caller.map_or("nobody", |caller| caller.method());
    let mut response = next.run(request).await;
    response.headers_mut().insert("early", early.parse().unwrap());
    response
}

#[tokio::test]
async fn a_layer_further_in_is_heard_though_somebody_has_asked_before() {
    let world = World::new();
    let app =
        routes().layer(pages(&world.auth)).layer(middleware::from_fn(ask_early)).layer(tools(&world.auth));
    let answer = ask(&app, "/who", &[COOKIE]).await;
    assert_eq!(answer.header("early"), Some("nobody"));
    assert_eq!(answer.body, b"ada cookie");
    // The cookies of the one lookup that took cookies.
    assert_eq!(cookies(&answer).len(), 1);
    assert_eq!(world.asked().0, 2);
    let app = routes().layer(middleware::from_fn(ask_early)).layer(world.auth.layer());
    assert_eq!(ask(&app, "/who", &[COOKIE]).await.header("early"), Some("cookie"));
    assert_eq!(world.asked().0, 3);
}

#[tokio::test]
async fn layers_of_two_servers_do_not_mix() {
    let (inner, outer) = (World::new(), World::new());
    let app = routes().layer(machines(&inner.auth)).layer(outer.auth.layer());
    // A session of the outer server's is nothing to the inner one.
    assert_eq!(met(&app, &[COOKIE]).await, STRANGER);
    assert_eq!(met(&app, &[JWT]).await, "eve jwt");
    assert_eq!((inner.asked(), outer.asked()), ((0, 1), (0, 0)));
}

#[tokio::test]
async fn keys_that_are_away_make_nobody_a_stranger() {
    let auth = World::new().auth;
    let broken = ("authorization", "Bearer broken.a.b");
    for app in [routes().layer(auth.layer()), routes().layer(machines(&auth))] {
        let answer = ask(&app, "/who", &[broken, COOKIE]).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), Some("5"));
        assert!(!String::from_utf8(answer.body).unwrap().contains("secret detail"));
    }
}

#[tokio::test]
async fn a_layer_that_could_let_nobody_in_is_not_made() {
    let bare = World::of(Builder::default().plugin::<Toy>(), "").auth;
    let refused = JwtLayer::new(&bare).err().unwrap().to_string();
    assert_eq!(refused, "JwtLayer lets nobody in: no enabled plugin checks signed tokens");
    let refused = BearerLayer::new(&bare).err().unwrap().to_string();
    assert_eq!(refused, "BearerLayer lets nobody in: no enabled plugin finds sessions in headers");
    let app = routes().layer(bare.layer());
    assert_eq!(met(&app, &[JWT]).await, STRANGER);
    assert_eq!(met(&app, &[JWT, COOKIE]).await, "ada cookie");
    let keys = World::of(Builder::default().plugin::<Toy>().plugin::<Keys>(), "").auth;
    assert!(BearerLayer::new(&keys).is_ok() && JwtLayer::new(&keys).is_err());
    let signer = World::of(Builder::default().plugin::<Toy>().plugin::<Signer>(), "").auth;
    assert!(BearerLayer::new(&signer).is_err() && JwtLayer::new(&signer).is_ok());
}

const CARD: (&str, &str) = ("x-card", "kay");

fn with_cards() -> Auth {
    World::of(Builder::default().plugin::<Toy>().plugin::<Keys>().plugin::<Cards>().plugin::<Signer>(), "")
        .auth
}

#[tokio::test]
async fn a_layer_of_keys_takes_keys_and_the_others_none() {
    let auth = with_cards();
    let programs = routes().layer(ApiKeyLayer::new(&auth).unwrap());
    assert_eq!(met(&programs, &[CARD]).await, "kay card");
    for other in [COOKIE, BEARER, KEY, JWT] {
        assert_eq!(met(&programs, &[other]).await, STRANGER, "{other:?}");
        assert_eq!(met(&programs, &[other, CARD]).await, "kay card", "{other:?}");
    }
    let others =
        [routes().layer(pages(&auth)), routes().layer(tools(&auth)), routes().layer(machines(&auth))];
    for app in &others {
        assert_eq!(met(app, &[CARD]).await, STRANGER);
        // A key that is no good is not even seen there.
        assert_eq!(met(app, &[("x-card", "bad")]).await, STRANGER);
    }
    let all = routes().layer(auth.layer());
    assert_eq!(met(&all, &[CARD]).await, "kay card");
    for app in [&programs, &all] {
        let refused = ask(app, "/who", &[("x-card", "bad"), COOKIE]).await;
        assert_eq!(
            (refused.status(), &refused.json()["code"]),
            (StatusCode::FORBIDDEN, &"INVALID_CARD".into())
        );
        assert_eq!(
            ask(app, "/open", &[("x-card", "bad")]).await.status(),
            StatusCode::OK,
            "nobody asks who calls"
        );
    }
    for app in [
        routes().layer(tools(&auth)).layer(ApiKeyLayer::new(&auth).unwrap()),
        routes().layer(ApiKeyLayer::new(&auth).unwrap()).layer(tools(&auth)),
    ] {
        assert_eq!(met(&app, &[CARD]).await, "kay card");
        assert_eq!(met(&app, &[BEARER]).await, "bob bearer");
        assert_eq!(met(&app, &[COOKIE]).await, STRANGER);
    }
}

struct Look;
impl Scope for Look {
    const NAME: &'static str = "cellar:read";
}

struct Drink;
impl Scope for Drink {
    const NAME: &'static str = "cellar:drink";
}

#[tokio::test]
async fn a_keys_scopes_are_the_callers() {
    let auth = with_cards();
    let app = Router::new()
        .route("/look", on_get(async |caller: Scoped<Look>| caller.user_id().to_owned()))
        .route("/drink", on_get(async |caller: Scoped<Drink>| caller.user_id().to_owned()))
        .merge(routes())
        .layer(ApiKeyLayer::new(&auth).unwrap());
    assert_eq!(ask(&app, "/look", &[CARD]).await.status(), StatusCode::OK);
    for path in ["/drink", "/session"] {
        let refused = ask(&app, path, &[CARD]).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        assert_eq!(refused.json()["code"], "INSUFFICIENT_SCOPE");
    }
    assert_eq!(ask(&app, "/look", &[]).await.status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_layer_of_keys_needs_keys_and_one_of_bearers_needs_those() {
    let auth = World::new().auth;
    assert!(ApiKeyLayer::new(&auth).err().unwrap().to_string().contains("ApiKeyLayer lets nobody in"));
    let auth = World::of(Builder::default().plugin::<Toy>().plugin::<Cards>(), "").auth;
    assert!(ApiKeyLayer::new(&auth).is_ok() && BearerLayer::new(&auth).is_err());
}
