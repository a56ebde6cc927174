//! People, organizations and how they come together.

use auth_plugin_account::AccountPlugin;
use auth_plugin_organization::{OrganizationPlugin, endpoints::members::add::ADD_MEMBER};
use auth_plugin_session::SessionPlugin;
use auth_testkit::{Actor, Builder, TestApp, Value, auth_core::call::Request, json};

pub(crate) fn app() -> Builder {
    TestApp::builder().plugin::<SessionPlugin>().plugin::<AccountPlugin>().plugin::<OrganizationPlugin>()
}

/// As [`app`], with teams and roles of an organization's own.
pub(crate) fn whole_app() -> Builder {
    app()
        .set("plugins.organization.teams.enabled", true)
        .set("plugins.organization.dynamic_roles.enabled", true)
}

/// As [`whole_app`], with all else that is off at first.
pub(crate) fn everything() -> Builder {
    whole_app()
        .set("plugins.organization.tree.enabled", true)
        .set("plugins.organization.security.enabled", true)
}

/// An organization of this actor, who works in it from now on: its id.
pub(crate) async fn organization(owner: &mut Actor, slug: &str) -> String {
    let body = json!({ "name": slug, "slug": slug });
    let made = owner.post("/organization/create", body).await.expect(200);
    let id = made.body["id"].as_str().unwrap().to_owned();
    owner.post("/organization/set-active", json!({ "organizationId": id })).await.expect(200);
    id
}

/// Puts a user into an organization, and makes it the active one: the member's id.
pub(crate) async fn join(app: &TestApp, actor: &mut Actor, organization: &str, role: &str) -> String {
    let body = json!({ "userId": actor.user().id, "organizationId": organization, "role": role });
    let member: Value = serde(
        app.core().call_raw(ADD_MEMBER.id(), Request::with_body(&body).unwrap()).await.unwrap().body_value(),
    );
    actor.post("/organization/set-active", json!({ "organizationId": organization })).await.expect(200);
    member["id"].as_str().unwrap().to_owned()
}

fn serde(value: Option<Value>) -> Value {
    value.expect("a body")
}

/// Somebody new in an organization.
pub(crate) async fn member(app: &TestApp, name: &str, organization: &str, role: &str) -> (Actor, String) {
    let mut actor = app.user(name).await;
    let id = join(app, &mut actor, organization, role).await;
    (actor, id)
}

/// The ids of an organization's owners, as the store has them.
pub(crate) async fn owners(actor: &mut Actor, organization: &str) -> Vec<String> {
    let path = format!(
        "/organization/list-members?organizationId={organization}&filterField=role&filterOperator=contains&filterValue=owner"
    );
    let answer = actor.get(&path).await.expect(200);
    answer.body["members"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect()
}

/// Invites an address: the invitation's id.
pub(crate) async fn invite(actor: &mut Actor, organization: &str, who: &str, role: &str) -> String {
    let body = json!({ "organizationId": organization, "email": format!("{who}@example.com"), "role": role });
    let answer = actor.post("/organization/invite-member", body).await.expect(200);
    answer.body["id"].as_str().unwrap().to_owned()
}

/// How many members an organization has.
pub(crate) async fn size(actor: &mut Actor, organization: &str) -> u64 {
    let path = format!("/organization/list-members?limit=1&organizationId={organization}");
    actor.get(&path).await.expect(200).body["total"].as_u64().unwrap()
}

/// What became of an invitation, as somebody sees who may invite.
pub(crate) async fn status(actor: &mut Actor, organization: &str, invitation: &str) -> String {
    let path = format!("/organization/list-invitations?organizationId={organization}");
    let listed = actor.get(&path).await.expect(200).body;
    let found = listed.as_array().unwrap().iter().find(|row| row["id"] == invitation);
    found.expect("the invitation is listed")["status"].as_str().unwrap().to_owned()
}
