//! Teams: parts of an organization's members.

use auth_testkit::{Actor, TestApp, json, race};

use crate::support::{member, organization, size, whole_app};

async fn team(actor: &mut Actor, name: &str) -> String {
    let made = actor.post("/organization/create-team", json!({ "name": name })).await.expect(200);
    made.body["id"].as_str().unwrap().to_owned()
}

async fn put(actor: &mut Actor, team: &str, who: &Actor) {
    let body = json!({ "teamId": team, "userId": who.user().id });
    actor.post("/organization/add-team-member", body).await.expect(200);
}

/// The teams of an organization with how many are in each.
async fn counts(actor: &mut Actor) -> Vec<(String, i64)> {
    let full = actor.get("/organization/get-full-organization").await.expect(200).body;
    let teams = full["teams"].as_array().unwrap().iter();
    let counted = teams.map(|team| (team["name"].as_str().unwrap(), team["memberCount"].as_i64().unwrap()));
    let mut counted: Vec<_> = counted.map(|(name, count)| (name.to_owned(), count)).collect();
    counted.sort();
    counted
}

#[tokio::test]
async fn a_new_organization_has_a_team_that_its_maker_is_in() {
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    organization(&mut ada, "acme").await;
    assert_eq!(counts(&mut ada).await, [("acme".to_owned(), 1)]);
    let mine = ada.get("/organization/list-team-members").await.expect(200).body;
    assert_eq!(mine[0]["userId"], ada.user().id);
    assert!(mine[0].get("membershipKey").is_none());
    let without = whole_app().set("plugins.organization.teams.default_team", false).start().await;
    let mut ada = without.user("ada").await;
    organization(&mut ada, "acme").await;
    assert_eq!(ada.get("/organization/list-teams").await.expect(200).body, json!([]));
    ada.get("/organization/list-team-members").await.refused(400, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM");
}

#[tokio::test]
async fn members_come_and_go_and_are_counted() {
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, id) = member(&app, "bob", &acme, "member").await;
    let (blue, red) = (team(&mut ada, "blue").await, team(&mut ada, "red").await);
    for _ in 0..2 {
        put(&mut ada, &blue, &bob).await;
        put(&mut ada, &red, &bob).await;
    }
    let named = |n: i64| vec![("acme".to_owned(), 1), ("blue".to_owned(), n), ("red".to_owned(), n)];
    assert_eq!(counts(&mut ada).await, named(1));
    assert_eq!(bob.get("/organization/list-user-teams").await.expect(200).body.as_array().unwrap().len(), 2);
    bob.post("/organization/set-active-team", json!({ "teamId": blue })).await.expect(200);
    assert_eq!(bob.get("/get-session").await.body["session"]["activeTeamId"], json!(blue));
    bob.get("/organization/list-team-members").await.expect(200);
    ada.get(&format!("/organization/list-team-members?teamId={blue}"))
        .await
        .refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    let their = format!("/organization/list-user-teams?userId={}", bob.user().id);
    assert_eq!(ada.get(&their).await.expect(200).body.as_array().unwrap().len(), 2);
    let hers = format!("/organization/list-user-teams?userId={}", ada.user().id);
    bob.get(&hers).await.refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER");
    // Whoever leaves the organization leaves its teams.
    ada.post("/organization/remove-member", json!({ "memberIdOrEmail": id })).await.expect(200);
    assert_eq!(counts(&mut ada).await, named(0));
    bob.get("/organization/list-team-members").await.refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM");
    assert_eq!(bob.get("/organization/list-user-teams").await.body, json!([]));
}

#[tokio::test]
async fn a_removed_team_is_gone_from_invitations() {
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (blue, red) = (team(&mut ada, "blue").await, team(&mut ada, "red").await);
    let into = |who: &str, teams: auth_testkit::Value| json!({ "email": format!("{who}@example.com"), "role": "member", "teamId": teams });
    let both =
        ada.post("/organization/invite-member", into("bob", json!([blue, red]))).await.expect(200).body;
    assert_eq!(both["teamId"], json!(format!("{blue},{red}")));
    let only = ada.post("/organization/invite-member", into("eve", json!(red))).await.expect(200).body;
    ada.post("/organization/remove-team", json!({ "teamId": red })).await.expect(200);
    let mut bob = app.user("bob").await;
    let joined = bob
        .post("/organization/accept-invitation", json!({ "invitationId": both["id"] }))
        .await
        .expect(200)
        .body;
    assert_eq!(joined["invitation"]["teamId"], json!(blue));
    assert_eq!(bob.get("/get-session").await.body["session"]["activeTeamId"], json!(blue));
    let mut eve = app.user("eve").await;
    eve.post("/organization/accept-invitation", json!({ "invitationId": only["id"] })).await.expect(200);
    assert_eq!(eve.get("/organization/list-user-teams").await.body, json!([]));
    assert_eq!(size(&mut ada, &acme).await, 3);
}

#[tokio::test]
async fn a_full_team_takes_nobody_and_nobody_joins_halfway() {
    let app = whole_app().set("plugins.organization.teams.maximum_members", 2).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let blue = team(&mut ada, "blue").await;
    let body = json!({ "email": "eve@example.com", "role": "member", "teamId": blue });
    let invited = ada.post("/organization/invite-member", body.clone()).await.expect(200).body;
    let mut people = Vec::new();
    for at in 0..5 {
        people.push(member(&app, &format!("user{at}"), &acme, "member").await.0);
    }
    let answers = race(5, |at| {
        let mut device = ada.clone();
        let body = json!({ "teamId": blue, "userId": people[at].user().id });
        async move { device.post("/organization/add-team-member", body).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 2, "{answers:?}");
    assert_eq!(
        answers.iter().filter(|a| a.code() == Some("TEAM_MEMBER_LIMIT_REACHED")).count(),
        3,
        "{answers:?}"
    );
    let mut eve = app.user("eve").await;
    let accept = json!({ "invitationId": invited["id"] });
    eve.post("/organization/accept-invitation", accept.clone())
        .await
        .refused(403, "TEAM_MEMBER_LIMIT_REACHED");
    // Nothing of it is left: not a member, and the invitation still waits.
    assert_eq!(size(&mut ada, &acme).await, 6);
    let again = json!({ "email": "dan@example.com", "role": "member", "teamId": blue });
    ada.post("/organization/invite-member", again).await.refused(403, "TEAM_MEMBER_LIMIT_REACHED");
    let out = answers.iter().find(|a| a.status == 200).unwrap().body["userId"].clone();
    ada.post("/organization/remove-team-member", json!({ "teamId": blue, "userId": out })).await.expect(200);
    eve.post("/organization/accept-invitation", accept).await.expect(200);
    assert_eq!(counts(&mut ada).await[1], ("blue".to_owned(), 2));
}

#[tokio::test]
async fn teams_are_limited_and_one_stays() {
    let app = whole_app().set("plugins.organization.teams.maximum", 3).start().await;
    let mut ada = app.user("ada").await;
    organization(&mut ada, "acme").await;
    let answers = race(8, |at| {
        let mut device = ada.clone();
        async move { device.post("/organization/create-team", json!({ "name": format!("t{at}") })).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 2, "{answers:?}");
    let limit = Some("YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS");
    assert_eq!(answers.iter().filter(|a| a.code() == limit).count(), 6, "{answers:?}");
    ada.post("/organization/set-active-team", json!({ "teamId": null })).await.expect(200);
    let teams = ada.get("/organization/list-teams").await.body;
    let answers = race(3, |at| {
        let mut device = ada.clone();
        let body = json!({ "teamId": teams[at]["id"] });
        async move { device.post("/organization/remove-team", body).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 2, "{answers:?}");
    assert_eq!(
        answers.iter().filter(|a| a.code() == Some("UNABLE_TO_REMOVE_LAST_TEAM")).count(),
        1,
        "{answers:?}"
    );
}

/// Ada with an organization and a team, and Eve, who owns another organization.
async fn neighbours(app: &TestApp) -> (Actor, String, String, Actor) {
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let blue = team(&mut ada, "blue").await;
    let mut eve = app.user("eve").await;
    organization(&mut eve, "eves").await;
    (ada, acme, blue, eve)
}

#[tokio::test]
async fn teams_of_others_are_out_of_reach() {
    // Case 181.
    let app = whole_app().start().await;
    let (mut ada, acme, blue, mut eve) = neighbours(&app).await;
    let (him, her) = (ada.user().id.clone(), eve.user().id.clone());
    // In her own organization that team is none.
    for (path, body) in [
        ("update-team", json!({ "teamId": blue, "data": { "name": "mine" } })),
        ("remove-team", json!({ "teamId": blue })),
        ("set-active-team", json!({ "teamId": blue })),
        ("add-team-member", json!({ "teamId": blue, "userId": her })),
        ("remove-team-member", json!({ "teamId": blue, "userId": her })),
        ("invite-member", json!({ "email": "x@example.com", "role": "member", "teamId": blue })),
    ] {
        eve.post(&format!("/organization/{path}"), body).await.refused(400, "TEAM_NOT_FOUND");
    }
    // And in that organization she is nobody.
    for (path, body, status) in [
        ("create-team", json!({ "organizationId": acme, "name": "x" }), 403),
        ("update-team", json!({ "teamId": blue, "data": { "organizationId": acme, "name": "mine" } }), 403),
        ("remove-team", json!({ "organizationId": acme, "teamId": blue }), 403),
        ("add-team-member", json!({ "organizationId": acme, "teamId": blue, "userId": her }), 400),
        ("remove-team-member", json!({ "organizationId": acme, "teamId": blue, "userId": him }), 400),
    ] {
        eve.post(&format!("/organization/{path}"), body).await.expect(status);
    }
    for path in [
        format!("list-teams?organizationId={acme}"),
        format!("list-team-members?teamId={blue}"),
        format!("list-user-teams?organizationId={acme}"),
        format!("list-user-teams?organizationId={acme}&userId={him}"),
        format!("list-user-teams?userId={him}"),
    ] {
        let answer = eve.get(&format!("/organization/{path}")).await;
        assert!(
            (400..=403).contains(&answer.status) && !answer.text.contains("blue"),
            "{path}: {}",
            answer.text
        );
    }
    assert_eq!(counts(&mut ada).await, [("acme".to_owned(), 1), ("blue".to_owned(), 0)]);
}

#[tokio::test]
async fn members_without_the_right_change_no_team() {
    let app = whole_app().start().await;
    let (_, acme, blue, _) = neighbours(&app).await;
    let (mut bob, _) = member(&app, "bob", &acme, "member").await;
    let me = bob.user().id.clone();
    for (path, body, code) in [
        ("create-team", json!({ "name": "x" }), "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION"),
        (
            "update-team",
            json!({ "teamId": blue, "data": { "name": "x" } }),
            "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM",
        ),
        (
            "remove-team",
            json!({ "teamId": blue }),
            "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION",
        ),
        (
            "add-team-member",
            json!({ "teamId": blue, "userId": me }),
            "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER",
        ),
        (
            "remove-team-member",
            json!({ "teamId": blue, "userId": me }),
            "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER",
        ),
        ("set-active-team", json!({ "teamId": blue }), "USER_IS_NOT_A_MEMBER_OF_THE_TEAM"),
    ] {
        bob.post(&format!("/organization/{path}"), body).await.refused(403, code);
    }
}
