//! An organization never is without an owner.

use auth_testkit::{Value, json, race};

use crate::support::{app, member, organization, owners};

const ONLY: &str = "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER";

#[tokio::test]
async fn the_only_owner_stays() {
    // Case 172.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    // A role that only holds the word is no owner's.
    let (mut bob, _) = member(&app, "bob", &acme, "admin").await;
    let me = owners(&mut ada, &acme).await.remove(0);
    ada.post("/organization/leave", json!({ "organizationId": acme })).await.refused(400, ONLY);
    ada.post("/organization/remove-member", json!({ "memberIdOrEmail": me })).await.refused(400, ONLY);
    ada.post("/organization/remove-member", json!({ "memberIdOrEmail": "ada@example.com" }))
        .await
        .refused(400, ONLY);
    bob.post("/organization/remove-member", json!({ "memberIdOrEmail": me })).await.refused(400, ONLY);
    let demote = json!({ "memberId": me, "role": "member" });
    let without = "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER";
    ada.post("/organization/update-member-role", demote).await.refused(400, without);
    ada.post("/organization/update-member-role", json!({ "memberId": me, "role": ["owner", "admin"] }))
        .await
        .expect(200);
    assert_eq!(owners(&mut ada, &acme).await, [me]);
}

#[tokio::test]
async fn an_admin_makes_nobody_an_owner() {
    // Case 170.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, id) = member(&app, "bob", &acme, "admin").await;
    for role in [json!("owner"), json!("admin,owner"), json!([" owner"]), json!(["admin", "owner,member"])] {
        let body = json!({ "memberId": id, "role": role });
        bob.post("/organization/update-member-role", body)
            .await
            .refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER");
    }
    for role in [json!(""), json!(" , "), json!([])] {
        let answer = bob
            .post("/organization/update-member-role", json!({ "memberId": id, "role": role }))
            .await
            .expect(400);
        assert_eq!(answer.text, "");
    }
    let body = json!({ "memberId": id, "role": "emperor" });
    bob.post("/organization/update-member-role", body).await.refused(400, "ROLE_NOT_FOUND");
    assert_eq!(owners(&mut ada, &acme).await.len(), 1);
}

/// Fifty times two owners, each of whom does something at the same moment: what, by their place and the ids
/// of both. One of the two succeeds, and one owner is left.
async fn two_owners(request: impl Fn(usize, &str, &[String; 2]) -> (&'static str, Value)) {
    let app = app().start().await;
    for round in 0..50 {
        let mut ada = app.user(&format!("ada{round}")).await;
        let acme = organization(&mut ada, &format!("acme{round}")).await;
        let mine = owners(&mut ada, &acme).await.remove(0);
        let (bob, his) = member(&app, &format!("bob{round}"), &acme, "owner").await;
        let mut watcher = member(&app, &format!("eve{round}"), &acme, "member").await.0;
        let ids = [mine, his];
        let answers = race(2, |at| {
            let mut actor = [&ada, &bob][at].clone();
            let (path, body) = request(at, &acme, &ids);
            async move { actor.post(path, body).await }
        })
        .await;
        assert_eq!(owners(&mut watcher, &acme).await.len(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|a| a.status < 500), "{answers:?}");
    }
}

const LEAVE: &str = "/organization/leave";
const TRANSFER: &str = "/organization/transfer-ownership";

#[tokio::test]
async fn two_owners_who_leave_at_once() {
    // Case 173.
    two_owners(|_, acme, _| (LEAVE, json!({ "organizationId": acme }))).await;
}

#[tokio::test]
async fn two_owners_who_demote_each_other() {
    // Case 173.
    let demote = |id: &str| json!({ "memberId": id, "role": "member" });
    two_owners(|at, _, ids| ("/organization/update-member-role", demote(&ids[1 - at]))).await;
}

#[tokio::test]
async fn two_owners_who_remove_each_other() {
    // Case 173.
    two_owners(|at, _, ids| ("/organization/remove-member", json!({ "memberIdOrEmail": ids[1 - at] }))).await;
}

#[tokio::test]
async fn an_owner_who_hands_over_to_one_who_leaves() {
    // Case 173.
    two_owners(|at, acme, ids| match at {
        0 => (TRANSFER, json!({ "memberId": ids[1] })),
        _ => (LEAVE, json!({ "organizationId": acme })),
    })
    .await;
}

#[tokio::test]
async fn members_of_others_are_out_of_reach() {
    // Case 169.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (_, theirs) = member(&app, "eve", &acme, "member").await;
    let mut bob = app.user("bob").await;
    organization(&mut bob, "bobs").await;
    let update = json!({ "memberId": theirs, "role": "owner" });
    bob.post("/organization/update-member-role", update)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER");
    for who in [theirs.as_str(), "eve@example.com", "nobody@example.com", "nope", ""] {
        let body = json!({ "memberIdOrEmail": who });
        bob.post("/organization/remove-member", body).await.refused(400, "MEMBER_NOT_FOUND");
    }
    let named = json!({ "memberIdOrEmail": theirs, "organizationId": acme });
    bob.post("/organization/remove-member", named).await.refused(400, "MEMBER_NOT_FOUND");
    assert_eq!(ada.get("/organization/list-members").await.body["total"], 2);
}

#[tokio::test]
async fn a_deleted_user_leaves_unless_others_would_be_without_an_owner() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, his) = member(&app, "bob", &acme, "member").await;
    ada.post("/delete-user", json!({})).await.refused(400, ONLY);
    assert!(app.stored_user(&ada.user().id).await.is_some());
    ada.post("/organization/update-member-role", json!({ "memberId": his, "role": "owner" }))
        .await
        .expect(200);
    ada.post("/delete-user", json!({})).await.expect(200);
    assert_eq!(bob.get("/organization/list-members").await.body["total"], 1);
    // Nobody else is in it: it goes too, and its slug is free.
    bob.post("/delete-user", json!({})).await.expect(200);
    organization(&mut app.user("eve").await, "acme").await;
}

#[tokio::test]
async fn an_owner_hands_the_organization_over() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let me = owners(&mut ada, &acme).await.remove(0);
    let (mut bob, his) = member(&app, "bob", &acme, "member").await;
    let denied = "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER";
    bob.post(TRANSFER, json!({ "memberId": his })).await.refused(403, denied);
    let mut eve = app.user("eve").await;
    let hers = organization(&mut eve, "eves").await;
    let foreign = owners(&mut eve, &hers).await.remove(0);
    for id in [foreign.as_str(), "nope", ""] {
        ada.post(TRANSFER, json!({ "memberId": id })).await.refused(400, "MEMBER_NOT_FOUND");
    }
    eve.post(TRANSFER, json!({ "memberId": his, "organizationId": acme }))
        .await
        .refused(400, "MEMBER_NOT_FOUND");
    let own = "YOU_CANNOT_TRANSFER_THE_ORGANIZATION_TO_YOURSELF";
    ada.post(TRANSFER, json!({ "memberId": me })).await.refused(400, own);
    let done = ada.post(TRANSFER, json!({ "memberId": his })).await.expect(200).body;
    assert_eq!((&done["owner"]["role"], &done["member"]["role"]), (&json!("owner,member"), &json!("admin")));
    assert_eq!(owners(&mut ada, &acme).await, std::slice::from_ref(&his));
    ada.post(TRANSFER, json!({ "memberId": his })).await.refused(403, denied);
}

#[tokio::test]
async fn a_cut_while_handing_over_leaves_the_owner() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let me = owners(&mut ada, &acme).await;
    let (_, his) = member(&app, "bob", &acme, "member").await;
    for statements in 0..20 {
        app.cable().cut_after(statements);
        let answer = ada.post(TRANSFER, json!({ "memberId": his })).await;
        app.cable().mend();
        if answer.status == 200 {
            assert_eq!(owners(&mut ada, &acme).await, [his]);
            return;
        }
        assert_eq!(answer.status, 503, "after {statements}: {}", answer.text);
        assert_eq!(owners(&mut ada, &acme).await, me);
    }
    panic!("no number of statements was enough");
}
