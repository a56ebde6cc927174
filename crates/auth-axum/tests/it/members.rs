//! Members of organizations in an application's handlers.
//!
//! Ada owns `acme`, where Kim is a writer; Eve is a reader of `globex`. Writers update rows of their own
//! only. What session or token works in is `acme`.

use std::sync::Arc;

use auth_axum::{
    Denied, Member, Permission, Require,
    auth_core::{
        Core, Event, Failure, Manifest, Plugin, Problem, Registrar,
        access::{AccessControl, Condition, Grants, Permissions, Restriction, Role},
        async_trait,
        config::NoConfig,
        model::Session,
        serde_json::{Map, Value},
        session::Level,
    },
};
use auth_host::Builder;
use axum::{
    Router,
    body::Body,
    extract::Path,
    http::StatusCode,
    middleware::from_extractor,
    routing::{get as on_get, put as on_put},
};

use crate::{
    support::{Answer, request, send},
    toy::Toy,
    ways::{Keys, Signer, World},
};

struct Organizations {
    roles: Vec<Arc<Role>>,
}

impl Plugin for Organizations {
    const MANIFEST: Manifest = Manifest::new("organizations", "0.1.0", "Two organizations");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        let role = |name: &str, actions: &[&str], restrictions| {
            let permissions = Permissions::of(&[("document", actions)]);
            Arc::new(Role { name: name.to_owned(), permissions, restrictions })
        };
        let own = Restriction {
            resource: "document".to_owned(),
            actions: vec!["update".to_owned()],
            when: Condition { owner: true, ..Condition::default() },
        };
        let office = Restriction {
            resource: "document".to_owned(),
            actions: vec!["delete".to_owned()],
            when: Condition { networks: vec!["10.0.0.0/8".parse().unwrap()], ..Condition::default() },
        };
        let all = ["read", "update", "delete"];
        Ok(Self {
            roles: vec![
                role("owner", &all, vec![]),
                role("writer", &all, vec![own, office]),
                role("reader", &["read"], vec![]),
            ],
        })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.provide::<dyn AccessControl>(self);
    }
}

#[async_trait]
impl AccessControl for Organizations {
    async fn grants(
        &self,
        _: &Arc<Core>,
        user: &str,
        organization: &str,
        _: Level,
    ) -> Result<Option<Arc<Grants>>, Failure> {
        let role = match (organization, user) {
            ("acme", "ada") => 0,
            ("acme", "kim") => 1,
            ("globex", "eve") => 2,
            _ => return Ok(None),
        };
        Ok(Some(Arc::new(Grants { roles: vec![self.roles[role].clone()], creator: role == 0 })))
    }

    fn active(&self, session: &Session) -> Option<String> {
        (session.user_id != "bob").then(|| "acme".to_owned())
    }

    fn active_of_token(&self, claims: &Map<String, Value>) -> Option<String> {
        claims.get("tenant")?.as_str().map(str::to_owned)
    }
}

struct Read;

impl Permission for Read {
    const RESOURCE: &'static str = "document";
    const ACTION: &'static str = "read";
}

struct Delete;

impl Permission for Delete {
    const RESOURCE: &'static str = "document";
    const ACTION: &'static str = "delete";
}

async fn update(member: Member, Path(owner): Path<String>) -> Result<String, Denied> {
    assert_eq!(
        member.may("document", "update", Some(&owner)),
        member.demand("document", "update", Some(&owner)).is_ok()
    );
    member.demand("document", "update", Some(&owner))?;
    Ok(member.roles().collect::<Vec<_>>().join(","))
}

fn world() -> World {
    let builder = Builder::default().plugin::<Toy>().plugin::<Keys>().plugin::<Signer>();
    World::of(builder.plugin::<Organizations>(), "")
}

fn app(world: &World) -> Router {
    let whole = async |member: Member| format!("{} in {}", member.user_id(), member.organization_id());
    Router::new()
        .route("/me", on_get(whole))
        .route("/of/{organization}", on_get(whole))
        .route(
            "/read/{organization_id}",
            on_get(async |member: Require<Read>| member.into_caller().user_id().to_owned()),
        )
        .route("/rows/{owner}", on_put(update))
        .merge(
            Router::new()
                .route("/bin", on_get(async || "empty"))
                .route_layer(from_extractor::<Require<Delete>>()),
        )
        .layer(world.auth.layer())
}

async fn ask(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let asking =
        headers.iter().fold(request(method, path), |asking, (name, value)| asking.header(*name, *value));
    send(&app(world), asking.body(Body::empty()).unwrap()).await
}

const ADA: (&str, &str) = ("cookie", "who=ada");
const KIM: (&str, &str) = ("cookie", "who=kim");
const BOB: (&str, &str) = ("cookie", "who=bob");
const EVE: (&str, &str) = ("cookie", "who=eve");
const ADAS_KEY: (&str, &str) = ("x-key", "ada");
const ADAS_TOKEN: (&str, &str) = ("authorization", "Bearer good.ada.sig");

async fn allowed(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let answer = ask(world, method, path, headers).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path} {headers:?}");
    String::from_utf8(answer.body).unwrap()
}

async fn refused(world: &World, method: &str, path: &str, headers: &[(&str, &str)], status: u16, code: &str) {
    let answer = ask(world, method, path, headers).await;
    assert_eq!(answer.status().as_u16(), status, "{path} {headers:?}");
    assert_eq!(answer.json()["code"], code, "{path} {headers:?}");
}

const NO_MEMBER: &str = "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION";

#[tokio::test]
async fn the_path_names_the_organization_or_else_the_session() {
    let world = world();
    assert_eq!(allowed(&world, "GET", "/me", &[ADA]).await, "ada in acme");
    assert_eq!(allowed(&world, "GET", "/me", &[ADAS_TOKEN]).await, "ada in acme");
    assert_eq!(allowed(&world, "GET", "/of/globex", &[EVE]).await, "eve in globex");
    assert_eq!(allowed(&world, "GET", "/read/globex", &[EVE]).await, "eve");
    refused(&world, "GET", "/me", &[BOB], 400, "NO_ACTIVE_ORGANIZATION").await;
    refused(&world, "GET", "/me", &[], 401, "UNAUTHORIZED").await;
}

#[tokio::test]
async fn who_is_no_member_is_refused() {
    let world = world();
    // The session works in acme, where Eve is no member.
    refused(&world, "GET", "/me", &[EVE], 403, NO_MEMBER).await;
    for path in ["/of/globex", "/of/nowhere", "/read/globex"] {
        refused(&world, "GET", path, &[ADA], 403, NO_MEMBER).await;
        refused(&world, "GET", path, &[ADAS_TOKEN], 403, NO_MEMBER).await;
    }
}

#[tokio::test]
async fn a_permission_is_demanded_before_the_handler_and_by_it() {
    let world = world();
    assert_eq!(allowed(&world, "GET", "/bin", &[ADA]).await, "empty");
    refused(&world, "GET", "/bin", &[EVE], 403, NO_MEMBER).await;
    assert_eq!(allowed(&world, "PUT", "/rows/kim", &[KIM]).await, "writer");
    refused(&world, "PUT", "/rows/ada", &[KIM], 403, "PERMISSION_DENIED").await;
    assert_eq!(allowed(&world, "PUT", "/rows/kim", &[ADA]).await, "owner");
}

#[tokio::test]
async fn a_network_is_a_condition() {
    let world = world();
    // Nobody knows where this request comes from, and nobody may say so in a header.
    refused(&world, "GET", "/bin", &[KIM, ("x-forwarded-for", "10.1.2.3")], 403, "PERMISSION_DENIED").await;
    let proxied = World::of(
        Builder::default().plugin::<Toy>().plugin::<Organizations>(),
        "[ip]\ntrust_any_peer = true\n",
    );
    allowed(&proxied, "GET", "/bin", &[KIM, ("x-forwarded-for", "10.1.2.3")]).await;
    refused(&proxied, "GET", "/bin", &[KIM, ("x-forwarded-for", "11.1.2.3")], 403, "PERMISSION_DENIED").await;
}

#[tokio::test]
async fn a_credential_for_a_part_needs_the_scope_too() {
    let world = world();
    // Ada's key is good for `read`, which is no permission of a document.
    refused(&world, "GET", "/bin", &[ADAS_KEY], 403, "PERMISSION_DENIED").await;
    refused(
        &world,
        "PUT",
        "/rows/ada",
        &[ADAS_KEY, ("origin", "http://localhost")],
        403,
        "PERMISSION_DENIED",
    )
    .await;
    assert_eq!(allowed(&world, "GET", "/me", &[ADAS_KEY]).await, "ada in acme");
    let (reading, other) = ("Bearer good.ada~document:read.sig", "Bearer good.ada~document:delete.sig");
    allowed(&world, "GET", "/read/acme", &[("authorization", reading)]).await;
    refused(&world, "GET", "/read/acme", &[("authorization", other)], 403, "PERMISSION_DENIED").await;
}

#[tokio::test]
async fn the_event_bus_is_told_of_denials() {
    let world = world();
    let mut events = world.core().events().subscribe();
    allowed(&world, "GET", "/bin", &[ADA]).await;
    assert!(events.try_next().is_none());
    refused(&world, "GET", "/bin", &[KIM], 403, "PERMISSION_DENIED").await;
    let Some(Event::AccessDenied { user_id, organization_id, asked }) = events.try_next() else {
        panic!("no event of the denial");
    };
    assert_eq!((user_id.as_str(), organization_id.as_str()), ("kim", "acme"));
    assert_eq!(asked, Permissions::of(&[("document", &["delete"])]));
}
