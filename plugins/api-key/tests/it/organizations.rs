//! Keys of organizations, with a plugin that keeps some.

use std::sync::Arc;

use auth_core::{
    Core, Failure, Manifest, Plugin, Problem, Registrar,
    access::{AccessControl, Grants, Permissions, Role},
    async_trait,
    config::NoConfig,
    model::Session,
    ports::OrganizationProperty,
    serde_json::Map,
    session::Level,
};
use auth_testkit::{Actor, Builder, TestApp, Value, json};

use crate::support::{app, is_stored, make, row, verdict, with};

/// A plugin that knows one organization, `acme`: by their names Olga owns it, Rita may read keys there, and
/// Mona is a member.
struct Acme;

impl Plugin for Acme {
    const MANIFEST: Manifest = Manifest::new("acme", "0.1.0", "One organization");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self)
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.provide::<dyn AccessControl>(self);
    }
}

#[async_trait]
impl AccessControl for Acme {
    async fn grants(
        &self,
        core: &Arc<Core>,
        user_id: &str,
        organization_id: &str,
        level: Level,
    ) -> Result<Option<Arc<Grants>>, Failure> {
        assert_eq!(level, Level::Strict);
        let user = core.users().find(core.db(), user_id).await?;
        let name = user.map(|user| user.name).filter(|_| organization_id == "acme");
        let (creator, permissions) = match name.as_deref() {
            Some("Olga") => (true, Permissions::default()),
            Some("Rita") => (false, Permissions::of(&[("apiKey", &["read"])])),
            Some("Mona") => (false, Permissions::default()),
            _ => return Ok(None),
        };
        let role = Role { permissions, ..Role::default() };
        Ok(Some(Arc::new(Grants { roles: vec![Arc::new(role)], creator })))
    }

    fn active(&self, _: &Session) -> Option<String> {
        None
    }

    fn active_of_token(&self, _: &Map<String, Value>) -> Option<String> {
        None
    }
}

fn with_organizations() -> Builder {
    app()
        .plugin::<Acme>()
        .config("[plugins.api-key.configurations.team]\nreferences = \"organization\"\nprefix = \"org_\"")
}

const TEAM: &str = "team";

fn body(fields: Value) -> Value {
    let mut body = fields;
    body["configId"] = json!(TEAM);
    body
}

async fn start() -> (TestApp, Actor) {
    let app = with_organizations().start().await;
    let olga = app.user("olga").await;
    (app, olga)
}

#[tokio::test]
async fn the_owner_may_everything() {
    let (app, mut olga) = start().await;
    let made = make(&mut olga, body(json!({ "organizationId": "acme", "name": "ci" }))).await;
    assert!(made.key.starts_with("org_"));
    assert_eq!(made.body["referenceId"], "acme");
    let query = format!("?id={}&configId=team", made.id);
    olga.get(&format!("/api-key/get{query}")).await.expect(200);
    olga.get(&format!("/api-key/usage{query}")).await.expect(200);
    assert_eq!(olga.get("/api-key/list?organizationId=acme").await.expect(200).body["total"], 1);
    assert_eq!(olga.get("/api-key/list").await.expect(200).body["total"], 0, "not her own");
    olga.post("/api-key/update", body(json!({ "keyId": made.id, "name": "cd" }))).await.expect(200);
    let rotated = olga.post("/api-key/rotate", body(json!({ "keyId": made.id }))).await.expect(200).body;
    assert_eq!(verdict(&app, rotated["key"].as_str().unwrap()).await, "ok");
    olga.post("/api-key/delete", body(json!({ "keyId": made.id }))).await.expect(200);
    assert!(!is_stored(&app, &made.id).await);
}

#[tokio::test]
async fn members_without_the_right_and_strangers_are_refused() {
    // Case 143.
    let (app, mut olga) = start().await;
    let made = make(&mut olga, body(json!({ "organizationId": "acme" }))).await;
    let before = row(&app, &made.id).await;
    for (name, reads, code) in [
        ("rita", true, "INSUFFICIENT_API_KEY_PERMISSIONS"),
        ("mona", false, "INSUFFICIENT_API_KEY_PERMISSIONS"),
        ("sven", false, "USER_NOT_MEMBER_OF_ORGANIZATION"),
    ] {
        let mut user = app.user(name).await;
        for (path, fields) in [
            ("/api-key/create", json!({ "organizationId": "acme" })),
            ("/api-key/update", json!({ "keyId": made.id, "name": "x" })),
            ("/api-key/rotate", json!({ "keyId": made.id })),
            ("/api-key/delete", json!({ "keyId": made.id })),
        ] {
            user.post(path, body(fields)).await.refused(403, code);
        }
        for path in [
            format!("/api-key/get?id={}&configId=team", made.id),
            format!("/api-key/usage?id={}&configId=team", made.id),
            "/api-key/list?organizationId=acme".to_owned(),
        ] {
            let answer = user.get(&path).await;
            if reads { drop(answer.expect(200)) } else { answer.refused(403, code) }
        }
        // Not by another kind of key either.
        for path in ["/api-key/update", "/api-key/delete"] {
            user.post(path, json!({ "keyId": made.id, "name": "x" })).await.refused(404, "KEY_NOT_FOUND");
        }
    }
    assert_eq!(row(&app, &made.id).await, before);
}

#[tokio::test]
async fn an_organization_has_to_be_named_and_there() {
    let (_app, mut olga) = start().await;
    for fields in [json!({}), json!({ "organizationId": "" })] {
        olga.post("/api-key/create", body(fields)).await.refused(400, "ORGANIZATION_ID_REQUIRED");
    }
    let nowhere = body(json!({ "organizationId": "nowhere" }));
    olga.post("/api-key/create", nowhere).await.refused(403, "USER_NOT_MEMBER_OF_ORGANIZATION");
    let wrong = body(json!({ "organizationId": 5 }));
    olga.post("/api-key/create", wrong).await.refused(400, "VALIDATION_ERROR");
    let own = make(&mut olga, json!({ "organizationId": "acme" })).await;
    assert_eq!(own.body["referenceId"], *olga.user().id, "other kinds are the user's");
}

#[tokio::test]
async fn a_key_of_an_organization_stands_for_nobody() {
    let (app, mut olga) = start().await;
    let made = make(&mut olga, body(json!({ "organizationId": "acme" }))).await;
    for path in ["/get-session", "/list-accounts"] {
        with(&app, &made.key).get(path).await.refused(401, "INVALID_REFERENCE_ID_FROM_API_KEY");
    }
    assert_eq!(verdict(&app, &made.key).await, "ok");
}

#[tokio::test]
async fn they_go_with_the_organization() {
    let (app, mut olga) = start().await;
    let made = make(&mut olga, body(json!({ "organizationId": "acme" }))).await;
    let own = make(&mut olga, json!({})).await;
    assert_eq!(verdict(&app, &made.key).await, "ok");
    let tx = app.core().begin().await.unwrap();
    for part in app.core().services().slot::<dyn OrganizationProperty>() {
        part.remove(&tx, "acme").await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(verdict(&app, &made.key).await, "INVALID_API_KEY");
    assert_eq!(verdict(&app, &own.key).await, "ok");
}

#[test]
fn without_organizations_the_server_does_not_start() {
    let started = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let builder = app().set("plugins.api-key.references", "organization");
        drop(runtime.block_on(builder.start()));
    });
    let refused = started.join().expect_err("no start");
    let text = refused.downcast_ref::<String>().expect("the problems");
    assert!(text.contains("plugins.api-key.references: `organization` needs a plugin"), "{text}");
}
