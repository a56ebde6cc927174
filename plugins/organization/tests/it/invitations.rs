//! Invitations: mailed, answered once, by who was invited.

use std::time::Duration;

use auth_testkit::{
    auth_core::{Preset, model::UserPatch},
    json, race,
};

use crate::support::{app, invite, member, organization, status};

const ACCEPT: &str = "/organization/accept-invitation";
const REJECT: &str = "/organization/reject-invitation";
const INVITE: &str = "/organization/invite-member";
const CANCEL: &str = "/organization/cancel-invitation";

#[tokio::test]
async fn the_invited_joins_by_the_mailed_link() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let body = json!({ "email": "Bob@Example.com", "role": ["member", "admin"] });
    let made = ada.post("/organization/invite", body).await.expect(200).body;
    // Without teams there is no such column upstream.
    assert!(made.get("teamId").is_none());
    let (email, role, state) = (&made["email"], &made["role"], &made["status"]);
    assert_eq!((email, role, state), (&json!("bob@example.com"), &json!("member,admin"), &json!("pending")));
    let letter = app.mailbox().last("invitation", "bob@example.com").unwrap();
    let url = letter.data["url"].as_str().unwrap();
    assert!(url.ends_with(&format!("/accept-invitation/{}", made["id"].as_str().unwrap())), "{url}");
    assert_eq!(
        (&letter.data["organization"], &letter.data["inviter"]),
        (&json!("acme"), &json!("ada@example.com"))
    );

    let mut bob = app.user("bob").await;
    let shown = bob
        .get(&format!("/organization/get-invitation?id={}", made["id"].as_str().unwrap()))
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&shown["organizationSlug"], &shown["inviterEmail"]),
        (&json!("acme"), &json!("ada@example.com"))
    );
    let mine = bob.get("/organization/list-user-invitations").await.expect(200).body;
    assert_eq!((&mine[0]["id"], &mine[0]["organizationName"]), (&made["id"], &json!("acme")));
    let answer = bob.post(ACCEPT, json!({ "invitationId": made["id"] })).await.expect(200).body;
    assert_eq!(answer["invitation"]["status"], "accepted");
    assert_eq!(answer["member"]["role"], "member,admin");
    // The session works in it at once, cached or not.
    assert_eq!(bob.get("/get-session").await.body["session"]["activeOrganizationId"], json!(acme));
    assert_eq!(bob.get("/organization/list-members").await.expect(200).body["total"], 2);
    bob.post(ACCEPT, json!({ "invitationId": made["id"] })).await.refused(400, "INVITATION_NOT_FOUND");
    assert_eq!(bob.get("/organization/list-user-invitations").await.body, json!([]));
}

#[tokio::test]
async fn the_link_can_lead_to_an_application() {
    let url = "https://app.example.com/join?with={id}";
    let app = app().set("plugins.organization.invitation_url", url).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let id = invite(&mut ada, &acme, "bob", "member").await;
    let letter = app.mailbox().last("invitation", "bob@example.com").unwrap();
    assert_eq!(letter.data["url"], format!("https://app.example.com/join?with={id}"));
}

#[tokio::test]
async fn an_invitation_is_for_one_address() {
    // Case 175.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let id = invite(&mut ada, &acme, "bob", "admin").await;
    let mut eve = app.user("eve").await;
    for path in [ACCEPT, REJECT] {
        let refused = eve.post(path, json!({ "invitationId": id })).await;
        refused.refused(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION");
    }
    let shown = eve.get(&format!("/organization/get-invitation?id={id}")).await;
    shown.refused(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION");
    assert_eq!(eve.get("/organization/list-user-invitations").await.body, json!([]));
    eve.get("/organization/list-user-invitations?email=bob@example.com").await.expect(400);
    app.anon().get("/organization/list-user-invitations?email=bob@example.com").await.expect(400);
    assert_eq!(status(&mut ada, &acme, &id).await, "pending");
}

#[tokio::test]
async fn an_address_counts_once_it_is_verified() {
    // Case 176.
    for preset in [Preset::Tessera, Preset::BetterAuth] {
        let app = app().preset(preset).set("plugins.organization.require_verified_email", true).start().await;
        let mut ada = app.user("ada").await;
        let acme = organization(&mut ada, "acme").await;
        let id = invite(&mut ada, &acme, "bob", "member").await;
        let mut bob = app.user("bob").await;
        let verified = |verified| UserPatch { email_verified: Some(verified), ..UserPatch::default() };
        app.change_user(&bob.user().id, verified(false)).await;
        let before = "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION";
        bob.post(ACCEPT, json!({ "invitationId": id })).await.refused(403, before);
        bob.post(REJECT, json!({ "invitationId": id })).await.refused(403, before);
        let seeing = "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION";
        bob.get(&format!("/organization/get-invitation?id={id}")).await.refused(403, seeing);
        bob.get("/organization/list-user-invitations").await.refused(403, seeing);
        assert_eq!(status(&mut ada, &acme, &id).await, "pending");
        app.change_user(&bob.user().id, verified(true)).await;
        bob.post(ACCEPT, json!({ "invitationId": id })).await.expect(200);
    }
}

#[tokio::test]
async fn an_address_that_was_given_up_accepts_nothing() {
    // The cached session still names the old address.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let id = invite(&mut ada, &acme, "bob", "member").await;
    let mut bob = app.user("bob").await;
    let patch = UserPatch { email: Some("robert@example.com".to_owned()), ..UserPatch::default() };
    app.change_user(&bob.user().id, patch).await;
    let refused = bob.post(ACCEPT, json!({ "invitationId": id })).await;
    refused.refused(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION");
}

#[tokio::test]
async fn an_invitation_ends_after_its_time() {
    let app = app().set("plugins.organization.invitation_expires_in", 60).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let id = invite(&mut ada, &acme, "bob", "member").await;
    app.clock().advance(Duration::from_secs(40));
    let again = json!({ "email": "bob@example.com", "role": "member", "resend": true });
    assert_eq!(ada.post(INVITE, again).await.expect(200).body["id"], json!(id));
    assert_eq!(app.mailbox().count(), 2);
    app.clock().advance(Duration::from_secs(40));
    let mut bob = app.user("bob").await;
    bob.get(&format!("/organization/get-invitation?id={id}")).await.expect(200);
    app.clock().advance(Duration::from_secs(20));
    bob.get(&format!("/organization/get-invitation?id={id}")).await.expect(400);
    bob.post(ACCEPT, json!({ "invitationId": id })).await.refused(400, "INVITATION_NOT_FOUND");
    // Whoever was late is invited again.
    let second = invite(&mut ada, &acme, "bob", "member").await;
    assert_ne!(second, id);
    bob.post(ACCEPT, json!({ "invitationId": second })).await.expect(200);
}

#[tokio::test]
async fn an_answer_is_final() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let mut bob = app.user("bob").await;
    let rejected = invite(&mut ada, &acme, "bob", "member").await;
    let answer = bob.post(REJECT, json!({ "invitationId": rejected })).await.expect(200).body;
    assert_eq!((&answer["invitation"]["status"], &answer["member"]), (&json!("rejected"), &json!(null)));
    let canceled = invite(&mut ada, &acme, "bob", "member").await;
    ada.post(INVITE, json!({ "email": "bob@example.com", "role": "member" }))
        .await
        .refused(400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION");
    bob.post(CANCEL, json!({ "invitationId": canceled })).await.refused(400, "MEMBER_NOT_FOUND");
    assert_eq!(
        ada.post(CANCEL, json!({ "invitationId": canceled })).await.expect(200).body["status"],
        "canceled"
    );
    for id in [&rejected, &canceled] {
        bob.post(ACCEPT, json!({ "invitationId": id })).await.refused(400, "INVITATION_NOT_FOUND");
        bob.post(REJECT, json!({ "invitationId": id })).await.refused(400, "INVITATION_NOT_FOUND");
    }
    let accepted = invite(&mut ada, &acme, "bob", "member").await;
    bob.post(ACCEPT, json!({ "invitationId": accepted })).await.expect(200);
    ada.post(CANCEL, json!({ "invitationId": accepted })).await.refused(400, "INVITATION_NOT_FOUND");
    bob.post(REJECT, json!({ "invitationId": accepted })).await.refused(400, "INVITATION_NOT_FOUND");
    assert_eq!(status(&mut ada, &acme, &accepted).await, "accepted");
}

#[tokio::test]
async fn a_new_invitation_can_take_the_old_ones_place() {
    let app = app().set("plugins.organization.cancel_pending_on_reinvite", true).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let first = invite(&mut ada, &acme, "bob", "member").await;
    let second = invite(&mut ada, &acme, "bob", "admin").await;
    assert_eq!(status(&mut ada, &acme, &first).await, "canceled");
    assert_eq!(status(&mut ada, &acme, &second).await, "pending");
}

#[tokio::test]
async fn who_may_not_invite_does_not() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut eve, _) = member(&app, "eve", &acme, "member").await;
    let (mut bob, _) = member(&app, "bob", &acme, "admin").await;
    let body = |role: &str| json!({ "email": "new@example.com", "role": role });
    let denied = "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION";
    eve.post(INVITE, body("member")).await.refused(403, denied);
    eve.get("/organization/list-invitations").await.refused(403, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS");
    for role in ["owner", "member,owner", " owner"] {
        bob.post(INVITE, body(role)).await.refused(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE");
    }
    for role in ["", ","] {
        bob.post(INVITE, body(role)).await.refused(400, "ROLE_NOT_FOUND");
    }
    let unknown = bob.post(INVITE, body("member,emperor")).await.expect(400);
    assert_eq!((&unknown.body["message"], unknown.code()), (&json!("ROLE_NOT_FOUND: emperor"), None));
    let for_owner = invite(&mut ada, &acme, "heir", "owner").await;
    // An invitation that makes an owner is not seen by others, nor mailed again by them.
    assert_eq!(bob.get("/organization/list-invitations").await.body, json!([]));
    assert_eq!(bob.get("/organization/get-full-organization").await.body["invitations"], json!([]));
    assert_eq!(ada.get("/organization/list-invitations").await.body[0]["id"], json!(for_owner));
    let again = json!({ "email": "heir@example.com", "role": "member", "resend": true });
    bob.post(INVITE, again).await.refused(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE");
    for email in ["nonsense", "a@b", "a@example.com\r\nBcc: x@example.com", "a@example.com,b@example.com", ""]
    {
        bob.post(INVITE, json!({ "email": email, "role": "member" })).await.refused(400, "INVALID_EMAIL");
    }
    let member = json!({ "email": "EVE@example.com", "role": "member" });
    bob.post(INVITE, member).await.refused(400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION");
    assert_eq!(app.mailbox().count(), 1);
}

#[tokio::test]
async fn an_admin_of_another_organization_reaches_no_invitation() {
    // Case 181.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let id = invite(&mut ada, &acme, "bob", "member").await;
    let mut eve = app.user("eve").await;
    organization(&mut eve, "eves").await;
    eve.post(CANCEL, json!({ "invitationId": id })).await.refused(400, "MEMBER_NOT_FOUND");
    let listed = eve.get(&format!("/organization/list-invitations?organizationId={acme}")).await.expect(403);
    assert!(!listed.text.contains("bob"), "{}", listed.text);
    let body = json!({ "organizationId": acme, "email": "x@example.com", "role": "member" });
    eve.post(INVITE, body).await.refused(400, "MEMBER_NOT_FOUND");
    assert_eq!(status(&mut ada, &acme, &id).await, "pending");
}

#[tokio::test]
async fn waiting_invitations_are_limited() {
    let app = app().set("plugins.organization.invitation_limit", 3).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let answers = race(10, |at| {
        let mut device = ada.clone();
        let body = json!({ "email": format!("user{at}@example.com"), "role": "member" });
        async move { device.post(INVITE, body).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 3, "{answers:?}");
    assert_eq!(
        answers.iter().filter(|a| a.code() == Some("INVITATION_LIMIT_REACHED")).count(),
        7,
        "{answers:?}"
    );
    assert_eq!(app.mailbox().count(), 3);
    let listed = ada.get("/organization/list-invitations").await.body;
    ada.post(CANCEL, json!({ "invitationId": listed[0]["id"] })).await.expect(200);
    invite(&mut ada, &acme, "last", "member").await;
}

#[tokio::test]
async fn an_address_is_invited_once() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    organization(&mut ada, "acme").await;
    let answers = race(10, |_| {
        let mut device = ada.clone();
        async move { device.post(INVITE, json!({ "email": "bob@example.com", "role": "member" })).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
    assert_eq!(app.mailbox().count(), 1);
}
