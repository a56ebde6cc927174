//! What others learn of the active organization, and what a wrong configuration is told.

use auth_plugin_forward_auth::ForwardAuth;
use auth_plugin_jwt::Jwt;
use auth_testkit::{
    Actor, TestApp, Value,
    auth_core::{Event, call::Request},
    json,
};

use crate::support::{app, member, organization, whole_app};

async fn claim(app: &TestApp, actor: &mut Actor) -> Value {
    let token = actor.get("/token").await.expect(200).body;
    let verified = app.core().call_raw("verifyJWT", Request::with_body(&token).unwrap()).await.unwrap();
    let payload = verified.body_value().unwrap()["payload"].clone();
    assert!(payload.is_object());
    payload["organization"].clone()
}

async fn roles(actor: &mut Actor) -> String {
    actor.get("/verify").await.header("x-auth-roles").unwrap().to_owned()
}

#[tokio::test]
async fn tokens_and_proxies_know_the_active_organization() {
    let app = app().plugin::<Jwt>().plugin::<ForwardAuth>().start().await;
    let mut ada = app.user("ada").await;
    assert_eq!((claim(&app, &mut ada).await, roles(&mut ada).await), (json!(null), String::new()));
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, his) = member(&app, "bob", &acme, "admin,member").await;
    let expected = json!({ "id": acme, "slug": "acme", "roles": ["admin", "member"] });
    assert_eq!((claim(&app, &mut bob).await, roles(&mut bob).await), (expected, "admin,member".to_owned()));
    ada.post("/organization/remove-member", json!({ "memberIdOrEmail": his })).await.expect(200);
    // His session still names it.
    assert_eq!((claim(&app, &mut bob).await, roles(&mut bob).await), (json!(null), String::new()));
    bob.post("/organization/set-active", json!({ "organizationId": null })).await.expect(200);
    let quiet = TestApp::builder().set("plugins.organization.token_claims", false);
    let quiet = quiet.plugin::<auth_plugin_session::SessionPlugin>();
    let quiet = quiet.plugin::<auth_plugin_organization::OrganizationPlugin>().plugin::<Jwt>().start().await;
    let mut ada = quiet.user("ada").await;
    organization(&mut ada, "acme").await;
    assert_eq!(claim(&quiet, &mut ada).await, json!(null));
}

#[tokio::test]
async fn cookies_follow_the_session() {
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    let active = |answer: Value| {
        (answer["session"]["activeOrganizationId"].clone(), answer["session"]["activeTeamId"].is_null())
    };
    let body = json!({ "name": "Acme", "slug": "acme" });
    let acme = ada.post("/organization", body).await.expect(200).body["id"].clone();
    assert_eq!(active(ada.get("/get-session").await.body), (acme.clone(), false));
    ada.post("/organization/delete", json!({ "organizationId": acme })).await.expect(200);
    assert_eq!(active(ada.get("/get-session").await.body).0, json!(null));
    // A request that fails moves nothing.
    let acme = organization(&mut ada, "acme").await;
    let refused = ada.post("/organization/create", json!({ "name": "Acme", "slug": "acme" })).await;
    assert!(refused.set_cookie("session_data").is_none());
    refused.refused(400, "ORGANIZATION_ALREADY_EXISTS");
    assert_eq!(active(ada.get("/get-session").await.body).0, json!(acme));
}

#[tokio::test]
async fn listeners_are_told_after_the_commit() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let mut events = app.core().events().subscribe();
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, _) = member(&app, "bob", &acme, "member").await;
    bob.post("/organization/leave", json!({ "organizationId": acme })).await.expect(200);
    ada.post("/organization/leave", json!({ "organizationId": acme })).await.expect(400);
    ada.post("/organization/delete", json!({ "organizationId": acme })).await.expect(200);
    let mut told = Vec::new();
    while let Some(event) = events.try_next() {
        if let Event::Plugin { plugin: "organization", name, data } = event {
            assert_eq!(data["organizationId"], json!(acme));
            told.push(name);
        }
    }
    assert_eq!(told, ["organization.created", "member.added", "member.removed", "organization.deleted"]);
}

#[test]
fn a_wrong_configuration_is_told_before_the_start() {
    for (config, problem) in [
        ("creator_role = \"king\"", "names no role"),
        ("invitation_url = \"https://app.example.com/join\"", "needs `{id}`"),
        ("invitation_expires_in = 0", "at least 1"),
        ("[plugins.organization.roles]\n\"a,b\" = { ac = [\"read\"] }", "no comma"),
        ("invitation_limits = 3", "invitation_limit"),
    ] {
        let text = format!("[plugins.organization]\n{config}");
        let problems = app().config(&text).plan().err().unwrap_or_default();
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(texts.iter().any(|text| text.contains(problem)), "{config}: {texts:?}");
    }
}
