//! Invitations while something else happens at the same moment.

use auth_testkit::{json, race};

use crate::support::{app, invite, join, organization, size, status};

const ACCEPT: &str = "/organization/accept-invitation";
const CANCEL: &str = "/organization/cancel-invitation";

#[tokio::test]
async fn an_invitation_is_accepted_once() {
    // Case 178.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    for round in 0..50 {
        let name = format!("bob{round}");
        let id = invite(&mut ada, &acme, &name, "member").await;
        let bob = app.user(&name).await;
        let answers = race(if round == 0 { 50 } else { 4 }, |_| {
            let mut device = bob.clone();
            let body = json!({ "invitationId": id });
            async move { device.post(ACCEPT, body).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
        let gone = Some("INVITATION_NOT_FOUND");
        assert!(answers.iter().all(|a| a.status == 200 || a.code() == gone), "{answers:?}");
        assert_eq!(size(&mut ada, &acme).await, round + 2);
    }
}

#[tokio::test]
async fn accepted_or_canceled_never_both() {
    // Case 178.
    let app = app().set("plugins.organization.membership_limit", 0).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut joined, mut missed) = (0, 0);
    for round in 0..50 {
        let name = format!("bob{round}");
        let id = invite(&mut ada, &acme, &name, "member").await;
        let bob = app.user(&name).await;
        let answers = race(2, |at| {
            let mut actor = [&bob, &ada][at].clone();
            let path = [ACCEPT, CANCEL][at];
            let body = json!({ "invitationId": id });
            async move { actor.post(path, body).await }
        })
        .await;
        let won = answers.iter().position(|answer| answer.status == 200).unwrap();
        assert_eq!(answers[1 - won].code(), Some("INVITATION_NOT_FOUND"), "{answers:?}");
        joined += u64::from(won == 0);
        missed += u64::from(won == 1);
        assert_eq!(status(&mut ada, &acme, &id).await, ["accepted", "canceled"][won]);
        assert_eq!(size(&mut ada, &acme).await, joined + 1);
    }
    assert_eq!(joined + missed, 50);
}

#[tokio::test]
async fn a_cut_at_any_statement_leaves_it_pending() {
    // Case 178.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let id = invite(&mut ada, &acme, "bob", "member").await;
    let mut bob = app.user("bob").await;
    for statements in 0..40 {
        app.cable().cut_after(statements);
        let answer = bob.post(ACCEPT, json!({ "invitationId": id })).await;
        app.cable().mend();
        if answer.status == 200 {
            assert!(statements > 5);
            assert_eq!(size(&mut ada, &acme).await, 2);
            return;
        }
        assert_eq!(answer.status, 503, "after {statements}: {}", answer.text);
        assert_eq!(status(&mut ada, &acme, &id).await, "pending");
        assert_eq!(size(&mut ada, &acme).await, 1);
    }
    panic!("no number of statements was enough");
}

#[tokio::test]
async fn the_last_place_is_given_once() {
    // Case 179.
    let app = app().set("plugins.organization.membership_limit", 100).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    for at in 0..98 {
        join(&app, &mut app.user(&format!("user{at}")).await, &acme, "member").await;
    }
    for round in 0..50 {
        let mut invited = Vec::new();
        let racers = if round == 0 { 20 } else { 3 };
        for at in 0..racers {
            let name = format!("new{round}x{at}");
            invited.push((app.user(&name).await, invite(&mut ada, &acme, &name, "member").await));
        }
        let answers = race(invited.len(), |at| {
            let (mut actor, id) = invited[at].clone();
            async move { actor.post(ACCEPT, json!({ "invitationId": id })).await }
        })
        .await;
        let won: Vec<_> = answers.iter().filter(|a| a.status == 200).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        let full = Some("ORGANIZATION_MEMBERSHIP_LIMIT_REACHED");
        assert_eq!(answers.iter().filter(|a| a.code() == full).count(), racers - 1, "{answers:?}");
        assert_eq!(size(&mut ada, &acme).await, 100);
        for (_, id) in &invited {
            ada.post(CANCEL, json!({ "invitationId": id })).await;
        }
        let body = json!({ "memberIdOrEmail": won[0].body["member"]["id"] });
        ada.post("/organization/remove-member", body).await.expect(200);
    }
}

#[tokio::test]
async fn whoever_deletes_their_account_meanwhile_is_nowhere() {
    let app = app().set("plugins.organization.membership_limit", 0).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    for round in 0..50 {
        let name = format!("bob{round}");
        let id = invite(&mut ada, &acme, &name, "member").await;
        let bob = app.user(&name).await;
        let requests = [
            (ACCEPT, json!({ "invitationId": id })),
            ("/delete-user", json!({})),
            ("/organization/create", json!({ "name": "Bobs", "slug": name })),
        ];
        let answers = race(3, |at| {
            let mut actor = bob.clone();
            let (path, body) = requests[at].clone();
            async move { actor.post(path, body).await }
        })
        .await;
        assert!(answers.iter().all(|answer| answer.status < 500), "{answers:?}");
        assert_eq!(answers[1].status, 200, "{answers:?}");
        assert_eq!(size(&mut ada, &acme).await, 1);
    }
}
