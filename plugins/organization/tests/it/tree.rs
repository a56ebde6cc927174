//! Organizations below organizations, and roles that reach down.

use auth_testkit::{Actor, Builder, Value, json, race};

use crate::support::{app, member, organization};

fn trees() -> Builder {
    app().set("plugins.organization.tree.enabled", true).set("plugins.organization.organization_limit", 0)
}

async fn put(actor: &mut Actor, id: &str, parent: Option<&str>) {
    let body = json!({ "organizationId": id, "parentId": parent });
    let placed = actor.post("/organization/set-parent", body).await.expect(200);
    assert_eq!(placed.body, json!({ "organizationId": id, "parentId": parent }));
}

async fn may(actor: &mut Actor, organization: &str, resource: &str, action: &str) -> bool {
    let body = json!({ "organizationId": organization, "permissions": { resource: [action] } });
    let answer = actor.post("/organization/has-permission", body).await.expect(200);
    answer.body["success"].as_bool().unwrap()
}

async fn is_nobody(actor: &mut Actor, organization: &str) {
    let body = json!({ "organizationId": organization, "permissions": { "ac": ["read"] } });
    let answer = actor.post("/organization/has-permission", body).await;
    answer.refused(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
}

fn ids(nodes: &Value) -> Vec<&str> {
    nodes.as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect()
}

/// A chain of Ada's, each below the one before.
async fn chain(ada: &mut Actor, length: usize) -> Vec<String> {
    let mut made: Vec<String> = Vec::new();
    for level in 0..length {
        let id = organization(ada, &format!("level-{level}")).await;
        if let Some(above) = made.last() {
            put(ada, &id, Some(above)).await;
        }
        made.push(id);
    }
    made
}

#[tokio::test]
async fn a_role_reaches_down_and_not_up() {
    let app = trees().start().await;
    let mut ada = app.user("ada").await;
    let made = chain(&mut ada, 3).await;
    let (mut bob, _) = member(&app, "bob", &made[1], "admin").await;
    is_nobody(&mut bob, &made[0]).await;
    for below in &made[1..] {
        assert!(may(&mut bob, below, "member", "create").await);
        assert!(!may(&mut bob, below, "organization", "delete").await);
    }
}

#[tokio::test]
async fn what_moves_takes_its_rights_along_at_once() {
    let app = trees().start().await;
    let mut ada = app.user("ada").await;
    let made = chain(&mut ada, 3).await;
    let (mut bob, bobs) = member(&app, "bob", &made[0], "admin").await;
    for _ in 0..3 {
        assert!(may(&mut bob, &made[2], "member", "create").await);
        put(&mut ada, &made[1], None).await;
        is_nobody(&mut bob, &made[1]).await;
        is_nobody(&mut bob, &made[2]).await;
        put(&mut ada, &made[1], Some(&made[0])).await;
    }
    assert!(may(&mut bob, &made[2], "member", "create").await);
    let demoted = json!({ "memberId": bobs, "role": "member", "organizationId": made[0] });
    ada.post("/organization/update-member-role", demoted).await.expect(200);
    assert!(!may(&mut bob, &made[2], "member", "create").await);
    assert!(may(&mut bob, &made[2], "ac", "read").await);
    let gone = json!({ "memberIdOrEmail": bobs, "organizationId": made[0] });
    ada.post("/organization/remove-member", gone).await.expect(200);
    is_nobody(&mut bob, &made[2]).await;
}

#[tokio::test]
async fn the_tree_is_shown_to_members() {
    let app = trees().start().await;
    let mut ada = app.user("ada").await;
    let made = chain(&mut ada, 3).await;
    let (mut bob, _) = member(&app, "bob", &made[1], "member").await;
    let mut eve = app.user("eve").await;
    let path = format!("/organization/tree?organizationId={}", made[1]);
    let seen = ada.get(&path).await.expect(200).body;
    assert_eq!((ids(&seen["ancestors"]), ids(&seen["children"])), (vec![&*made[0]], vec![&*made[2]]));
    assert_eq!(seen["ancestors"][0]["slug"], "level-0");
    let seen = bob.get(&path).await.expect(200).body;
    assert_eq!(seen["children"][0]["slug"], "level-2");
    // Bob knows that there is something above, and not what.
    assert_eq!(seen["ancestors"], json!([{ "id": made[0] }]));
    eve.get(&path).await.refused(403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");
    app.anon().get(&path).await.refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_tree_has_no_ring_and_is_not_too_deep() {
    let app = trees().set("plugins.organization.tree.max_depth", 2).start().await;
    let mut ada = app.user("ada").await;
    let made = chain(&mut ada, 3).await;
    let other = organization(&mut ada, "other").await;
    let below = organization(&mut ada, "below").await;
    put(&mut ada, &below, Some(&other)).await;
    for (id, parent, code) in [
        (&made[0], &made[0], "ORGANIZATION_CANNOT_BE_BELOW_ITSELF"),
        (&made[0], &made[1], "ORGANIZATION_CANNOT_BE_BELOW_ITSELF"),
        (&made[0], &made[2], "ORGANIZATION_CANNOT_BE_BELOW_ITSELF"),
        (&other, &made[2], "ORGANIZATION_TREE_TOO_DEEP"),
        (&other, &made[1], "ORGANIZATION_TREE_TOO_DEEP"),
        (&other, &"nowhere".to_owned(), "ORGANIZATION_NOT_FOUND"),
        (&"nowhere".to_owned(), &other, "ORGANIZATION_NOT_FOUND"),
    ] {
        let body = json!({ "organizationId": id, "parentId": parent });
        ada.post("/organization/set-parent", body).await.refused(400, code);
    }
    put(&mut ada, &other, Some(&made[0])).await;
    for body in
        [json!({}), json!({ "organizationId": other }), json!({ "organizationId": "", "parentId": null })]
    {
        ada.post("/organization/set-parent", body).await.refused(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn only_owners_move_and_only_to_where_they_may_update() {
    let app = trees().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, _) = member(&app, "bob", &acme, "admin").await;
    let mut eve = app.user("eve").await;
    let globex = organization(&mut eve, "globex").await;
    let refuse = "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION";
    let body = |id: &str, parent: Option<&str>| json!({ "organizationId": id, "parentId": parent });
    // Nobody takes an organization, and nobody gives one to who does not want it.
    eve.post("/organization/set-parent", body(&acme, Some(&globex))).await.refused(403, refuse);
    eve.post("/organization/set-parent", body(&globex, Some(&acme))).await.refused(403, refuse);
    bob.post("/organization/set-parent", body(&acme, None)).await.refused(403, refuse);
    app.anon().post("/organization/set-parent", body(&acme, None)).await.refused(401, "UNAUTHORIZED");
    let mine = organization(&mut bob, "bobs").await;
    put(&mut bob, &mine, Some(&acme)).await;
    // The owner above is an owner here, and may take it out again.
    put(&mut ada, &mine, None).await;
    is_nobody(&mut ada, &mine).await;
}

#[tokio::test]
async fn what_was_below_a_deleted_organization_is_below_nothing() {
    let app = trees().start().await;
    let mut ada = app.user("ada").await;
    let made = chain(&mut ada, 3).await;
    let (mut bob, _) = member(&app, "bob", &made[0], "admin").await;
    assert!(may(&mut bob, &made[2], "member", "create").await);
    ada.post("/organization/delete", json!({ "organizationId": made[1] })).await.expect(200);
    is_nobody(&mut bob, &made[2]).await;
    let path = format!("/organization/tree?organizationId={}", made[2]);
    assert_eq!(ada.get(&path).await.expect(200).body["ancestors"], json!([]));
}

#[tokio::test]
async fn two_moves_at_once_make_no_ring() {
    let app = trees().start().await;
    let mut ada = app.user("ada").await;
    for round in 0..50 {
        let one = organization(&mut ada, &format!("one-{round}")).await;
        let two = organization(&mut ada, &format!("two-{round}")).await;
        let answers = race(2, |at| {
            let (mut ada, mut ids) = (ada.clone(), [one.clone(), two.clone()]);
            async move {
                ids.rotate_left(at);
                let body = json!({ "organizationId": ids[0], "parentId": ids[1] });
                ada.post("/organization/set-parent", body).await
            }
        })
        .await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "round {round}: {answers:?}");
    }
}

#[tokio::test]
async fn roles_reach_down_only_where_the_configuration_says_so() {
    let app = trees().set("plugins.organization.tree.inherit_roles", false).start().await;
    let mut ada = app.user("ada").await;
    let made = chain(&mut ada, 2).await;
    let (mut bob, _) = member(&app, "bob", &made[0], "admin").await;
    is_nobody(&mut bob, &made[1]).await;
    let path = format!("/organization/tree?organizationId={}", made[0]);
    assert_eq!(bob.get(&path).await.expect(200).body["children"], json!([{ "id": made[1] }]));
}

#[tokio::test]
async fn without_the_option_there_is_no_tree() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let body = json!({ "organizationId": acme, "parentId": null });
    assert_eq!(ada.post("/organization/set-parent", body).await.status, 404);
    assert_eq!(ada.get("/organization/tree").await.status, 404);
}

#[tokio::test]
async fn who_has_a_role_above_works_below() {
    let app = trees().set("plugins.organization.teams.enabled", true).start().await;
    let mut ada = app.user("ada").await;
    let made = chain(&mut ada, 2).await;
    let (mut bob, _) = member(&app, "bob", &made[0], "admin").await;
    let (_, kims) = member(&app, "kim", &made[1], "member").await;
    let here = json!({ "organizationId": made[1] });
    bob.post("/organization/set-active", here).await.expect(200);
    assert_eq!(
        bob.get("/organization/get-active-member-role").await.expect(200).body,
        json!({ "role": "admin" })
    );
    let listed = bob.get("/organization/list-members").await.expect(200).body;
    assert_eq!(listed["total"], 2, "Bob is no member himself: {listed}");
    bob.get("/organization/get-active-member").await.refused(400, "MEMBER_NOT_FOUND");
    bob.post("/organization/create-team", json!({ "name": "red" })).await.expect(200);
    let promote = json!({ "memberId": kims, "role": "admin" });
    bob.post("/organization/update-member-role", promote).await.expect(200);
    let crown = json!({ "memberId": kims, "role": "owner" });
    bob.post("/organization/update-member-role", crown)
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER");
    bob.post("/organization/leave", json!({ "organizationId": made[1] }))
        .await
        .refused(400, "MEMBER_NOT_FOUND");
    bob.post("/organization/delete", json!({ "organizationId": made[1] }))
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION");
}
