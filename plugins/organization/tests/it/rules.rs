//! An application's say in what happens in organizations.

use std::sync::{Arc, Mutex};

use auth_plugin_organization::{OrganizationChange, OrganizationHook};
use auth_testkit::{
    Builder,
    auth_core::{Failure, Manifest, Plugin, Problem, Registrar, Tx, async_trait, config::NoConfig},
    json,
};

use crate::support::{invite, member, organization, size, status, whole_app};

/// Names are in capitals; `gremlin` is no role here, nobody leaves a team called `stay`, and everything is
/// written down.
#[derive(Default)]
struct House {
    seen: Mutex<Vec<String>>,
}

impl Plugin for House {
    const MANIFEST: Manifest = Manifest::new("house", "0.1.0", "Rules of the house");
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self, Vec<Problem>> {
        Ok(Self::default())
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        host.contribute::<dyn OrganizationHook>(self);
    }
}

fn no(what: &str) -> Result<(), Failure> {
    Err(Failure::forbidden("HOUSE_RULES", what.to_owned()))
}

#[async_trait]
impl OrganizationHook for House {
    async fn before(&self, _: &Tx, change: &mut OrganizationChange<'_>) -> Result<(), Failure> {
        let seen = format!("{change:?}");
        self.seen.lock().unwrap().push(seen.split([' ', '(']).next().unwrap_or_default().to_owned());
        match change {
            OrganizationChange::Create(organization) => organization.name = organization.name.to_uppercase(),
            OrganizationChange::Update { from, to } if to.slug != from.slug => return no("slugs stay"),
            OrganizationChange::Invite(invitation) if invitation.role.as_deref() == Some("admin") => {
                invitation.role = Some("member".to_owned());
            }
            OrganizationChange::ChangeRole { role: "admin", .. } => return no("nobody rises"),
            OrganizationChange::Settle { status: "accepted", .. } => return no("nobody joins"),
            OrganizationChange::Delete { .. } => return no("nothing ends"),
            _ => {}
        }
        Ok(())
    }
}

fn house() -> Builder {
    whole_app().plugin::<House>()
}

#[tokio::test]
async fn a_hook_alters_and_refuses_in_the_transaction() {
    let app = house().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let listed = ada.get("/organization/list").await.expect(200).body;
    assert_eq!(listed[0]["name"], "ACME");
    let rename = |data| json!({ "organizationId": acme, "data": data });
    ada.post("/organization/update", rename(json!({ "slug": "other" }))).await.refused(403, "HOUSE_RULES");
    ada.post("/organization/update", rename(json!({ "name": "Acme" }))).await.expect(200);
    ada.post("/organization/delete", json!({ "organizationId": acme })).await.refused(403, "HOUSE_RULES");
    let listed = ada.get("/organization/list").await.expect(200).body;
    assert_eq!((&listed[0]["name"], &listed[0]["slug"]), (&json!("Acme"), &json!("acme")));
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_guest_stays_invited_and_outside() {
    let app = house().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let invitation = invite(&mut ada, &acme, "bob", "admin").await;
    let mut bob = app.user("bob").await;
    app.change_user(
        &bob.user().id.clone(),
        auth_testkit::auth_core::model::UserPatch { email_verified: Some(true), ..Default::default() },
    )
    .await;
    let body = json!({ "invitationId": invitation });
    bob.post("/organization/accept-invitation", body).await.refused(403, "HOUSE_RULES");
    assert_eq!(size(&mut ada, &acme).await, 1);
    assert_eq!(status(&mut ada, &acme, &invitation).await, "pending");
    let listed = ada.get("/organization/list-invitations").await.expect(200).body;
    assert_eq!(listed[0]["role"], "member", "the hook made less of it");
}

#[tokio::test]
async fn everything_is_asked_about() {
    let app = house().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, id) = member(&app, "bob", &acme, "member").await;
    let team = ada.post("/organization/create-team", json!({ "name": "red" })).await.expect(200).body;
    let in_team = json!({ "teamId": team["id"], "userId": bob.user().id });
    ada.post("/organization/add-team-member", in_team.clone()).await.expect(200);
    ada.post("/organization/remove-team-member", in_team).await.expect(200);
    let renamed = json!({ "teamId": team["id"], "data": { "name": "blue" } });
    ada.post("/organization/update-team", renamed).await.expect(200);
    ada.post("/organization/remove-team", json!({ "teamId": team["id"] })).await.expect(200);
    let rise = json!({ "memberId": id, "role": "admin" });
    ada.post("/organization/update-member-role", rise).await.refused(403, "HOUSE_RULES");
    let invitation = invite(&mut ada, &acme, "eve", "member").await;
    ada.post("/organization/cancel-invitation", json!({ "invitationId": invitation })).await.expect(200);
    bob.post("/organization/leave", json!({ "organizationId": acme })).await.expect(200);
    let house = app.core().plugin::<House>().unwrap();
    let seen = house.seen.lock().unwrap().join(" ");
    let expected = "Create AddMember CreateTeam JoinTeam AddMember CreateTeam JoinTeam LeaveTeam RenameTeam \
                    DeleteTeam ChangeRole Invite Settle RemoveMember";
    assert_eq!(seen, expected);
}
