//! What handlers' arguments say in an application's document.

use aide::{
    axum::{
        ApiRouter,
        routing::{get as on_get, post as on_post},
    },
    openapi::OpenApi,
};
use auth_axum::{
    Auth, BearerLayer, Claims, FreshSession, Identity, JwtLayer, Member, Permission, Require, Scope, Scoped,
    SecondFactor, Session, SessionLayer, StrictSession, openapi::describe,
};
use auth_host::Builder;
use serde_json::{Value, json};

use crate::{toy::Toy, ways::World};

struct Write;

impl Scope for Write {
    const NAME: &'static str = "write";
}

struct Remove;

impl Permission for Remove {
    const RESOURCE: &'static str = "document";
    const ACTION: &'static str = "remove";
}

fn routes() -> ApiRouter {
    ApiRouter::new()
        .api_route("/open", on_get(async || ()))
        .api_route("/identity", on_get(async |_: Identity| ()))
        .api_route("/perhaps", on_get(async |_: Option<Identity>| ()))
        .api_route("/guest", on_get(async |_: Option<Session>| ()))
        .api_route("/session", on_get(async |_: Session| ()))
        .api_route("/strict", on_get(async |_: StrictSession| ()))
        .api_route("/fresh", on_get(async |_: FreshSession| ()))
        .api_route("/claims", on_get(async |_: Claims| ()))
        .api_route("/both", on_post(async |_: Option<Identity>, _: Scoped<Write>, _: Claims| ()))
        .api_route("/scoped", on_get(async |_: Scoped<Write>| ()))
        .api_route("/member", on_get(async |_: Member| ()))
        .api_route("/permitted", on_get(async |_: Require<Remove>| ()))
        .api_route("/factor", on_get(async |_: Require<SecondFactor<300>>| ()))
        .api_route("/row", on_get(async |member: Member| member.demand("document", "remove", None)))
}

fn document(auth: &Auth, routes: ApiRouter) -> Value {
    let mut document = OpenApi::default();
    let _: axum::Router = routes.finish_api_with(&mut document, describe(auth));
    serde_json::to_value(document).unwrap()
}

fn get<'d>(document: &'d Value, path: &str) -> &'d Value {
    &document["paths"][path]["get"]
}

#[test]
fn arguments_say_which_credentials_they_take() {
    let document = document(&World::new().auth, routes());
    let security = |path| &get(&document, path)["security"];
    let any = json!([{ "sessionCookie": [] }, { "sessionToken": [] }, { "signedToken": [] }]);
    let sessions = json!([{ "sessionCookie": [] }, { "sessionToken": [] }]);
    assert_eq!(security("/open"), &Value::Null);
    for path in ["/identity", "/factor"] {
        assert_eq!(security(path), &any, "{path}");
    }
    assert_eq!(
        security("/perhaps"),
        &json!([{}, { "sessionCookie": [] }, { "sessionToken": [] }, { "signedToken": [] }])
    );
    assert_eq!(security("/guest"), &json!([{}, { "sessionCookie": [] }, { "sessionToken": [] }]));
    for path in ["/session", "/strict", "/fresh"] {
        assert_eq!(security(path), &sessions, "{path}");
    }
    assert_eq!(security("/claims"), &json!([{ "signedToken": [] }]));
    let scoped =
        json!([{ "sessionCookie": ["write"] }, { "sessionToken": ["write"] }, { "signedToken": ["write"] }]);
    assert_eq!(security("/scoped"), &scoped);
    // Two arguments: what both take, and what either demands.
    assert_eq!(document["paths"]["/both"]["post"]["security"], json!([{ "signedToken": ["write"] }]));
}

#[test]
fn arguments_say_how_they_refuse() {
    let document = document(&World::new().auth, routes());
    let description = |path, status: &str| &get(&document, path)["responses"][status]["description"];
    for path in ["/identity", "/session", "/strict", "/fresh", "/claims", "/scoped"] {
        assert_eq!(description(path, "401"), "`UNAUTHORIZED`: Unauthorized", "{path}");
    }
    for path in ["/open", "/perhaps", "/guest"] {
        assert_eq!(description(path, "401"), &Value::Null, "{path}");
    }
    assert_eq!(description("/identity", "403"), &Value::Null);
    assert_eq!(description("/scoped", "403"), "`INSUFFICIENT_SCOPE`: Insufficient scope");
    let fresh = "`INSUFFICIENT_SCOPE`: Insufficient scope\n\n`SESSION_NOT_FRESH`: Session is not fresh";
    assert_eq!(description("/fresh", "403"), fresh);
    let no_member = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`: You are not a member of this organization";
    assert_eq!(description("/member", "403"), no_member);
    assert_eq!(description("/member", "400"), "`NO_ACTIVE_ORGANIZATION`: No active organization");
    let factor = "`SECOND_FACTOR_REQUIRED`: ";
    assert!(description("/factor", "403").as_str().unwrap().starts_with(factor));
    assert_eq!(description("/factor", "401"), "`UNAUTHORIZED`: Unauthorized");
    let denied = format!("{no_member}\n\n`PERMISSION_DENIED`: You are not allowed to do this");
    assert_eq!(description("/permitted", "403"), &denied);
    let denied = format!("`PERMISSION_DENIED`: You are not allowed to do this\n\n{no_member}");
    assert_eq!(description("/row", "403"), &denied);
    let schema = &get(&document, "/identity")["responses"]["401"]["content"]["application/json"]["schema"];
    assert_eq!(schema["properties"]["code"]["type"], "string");
}

#[test]
fn the_organization_of_a_path_is_declared() {
    let routes = ApiRouter::new()
        .api_route("/of/{organization}", on_get(async |_: Member| ()))
        .api_route("/in/{organization_id}/{row}", on_get(async |_: Require<Remove>| ()))
        .api_route("/active", on_get(async |_: Member| ()));
    let document = document(&World::new().auth, routes);
    let parameter = |path| &get(&document, path)["parameters"];
    let of = &parameter("/of/{organization}")[0];
    assert_eq!(
        (&of["in"], &of["name"], &of["required"]),
        (&json!("path"), &json!("organization"), &json!(true))
    );
    assert_eq!(parameter("/in/{organization_id}/{row}")[0]["name"], "organization_id");
    assert_eq!(parameter("/active"), &Value::Null);
}

#[test]
fn two_refusals_with_one_status_are_no_conflict() {
    aide::generate::on_error(|error| panic!("{error}"));
    let routes = ApiRouter::new().api_route("/", on_get(async |_: Identity, _: FreshSession, _: Session| ()));
    document(&World::new().auth, routes);
    aide::generate::reset_context();
}

#[test]
fn the_document_names_what_the_server_has() {
    let whole = document(&World::new().auth, routes());
    let schemes = &whole["components"]["securitySchemes"];
    assert_eq!(schemes["sessionCookie"]["in"], "cookie");
    assert!(schemes["sessionCookie"]["name"].as_str().unwrap().ends_with(".session_token"));
    assert_eq!(schemes["sessionToken"]["scheme"], "Bearer");
    assert_eq!(schemes["signedToken"]["bearerFormat"], "JWT");
    let bare = document(&World::of(Builder::default().plugin::<Toy>(), "").auth, routes());
    let names: Vec<_> = bare["components"]["securitySchemes"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["sessionCookie"]);
    assert_eq!(get(&bare, "/identity")["security"], json!([{ "sessionCookie": [] }]));
    // Nobody can come in here; an empty list would say that everybody can.
    assert_eq!(get(&bare, "/claims")["security"], json!([{ "signedToken": [] }]));
}

#[test]
fn a_layer_says_that_its_way_is_the_only_one() {
    let auth = World::new().auth;
    let security = |routes| get(&document(&auth, routes), "/identity")["security"].clone();
    let pages = SessionLayer::new(&auth);
    let tools = BearerLayer::new(&auth).unwrap();
    let machines = JwtLayer::new(&auth).unwrap();
    assert_eq!(security(routes().with_path_items(|i| pages.document(i))), json!([{ "sessionCookie": [] }]));
    assert_eq!(security(routes().with_path_items(|i| tools.document(i))), json!([{ "sessionToken": [] }]));
    assert_eq!(security(routes().with_path_items(|i| machines.document(i))), json!([{ "signedToken": [] }]));
}
