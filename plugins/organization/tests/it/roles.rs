//! Roles of an organization's own, and what members may do.

use std::collections::BTreeMap;

use auth_testkit::{Actor, Value, json, race};

use crate::support::{app, invite, member, organization, size, status, whole_app};

async fn role(actor: &mut Actor, name: &str, permission: Value) -> String {
    let body = json!({ "role": name, "permission": permission });
    let made = actor.post("/organization/create-role", body).await.expect(200).body;
    made["roleData"]["id"].as_str().unwrap().to_owned()
}

async fn may(actor: &mut Actor, resource: &str, action: &str) -> bool {
    let body = json!({ "permissions": { resource: [action] } });
    actor.post("/organization/has-permission", body).await.expect(200).body["success"] == true
}

#[tokio::test]
async fn every_role_may_what_it_may_and_nothing_else() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let mut people = BTreeMap::from([("owner", ada)]);
    for name in ["admin", "member"] {
        people.insert(name, member(&app, name, &acme, name).await.0);
    }
    let all = [
        ("organization", vec!["update", "delete"]),
        ("member", vec!["create", "update", "delete"]),
        ("invitation", vec!["create", "cancel"]),
        ("team", vec!["create", "update", "delete"]),
        ("ac", vec!["create", "read", "update", "delete"]),
        ("rocket", vec!["launch"]),
    ];
    let mut requests = Vec::new();
    let mut singly: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
    for (resource, actions) in &all {
        for action in actions {
            requests.push(json!({ "permissions": { *resource: [action] } }));
            for (name, actor) in &mut people {
                let expected = match *name {
                    _ if *resource == "rocket" => false,
                    "owner" => true,
                    "admin" => (*resource, *action) != ("organization", "delete"),
                    _ => (*resource, *action) == ("ac", "read"),
                };
                let allowed = may(actor, resource, action).await;
                assert_eq!(allowed, expected, "{name}: {resource}:{action}");
                singly.entry(name).or_default().push(allowed);
            }
        }
    }
    // All at once is the same.
    for (name, actor) in &mut people {
        let body = json!({ "requests": requests });
        let answers = actor.post("/organization/has-permissions", body).await.expect(200).body;
        assert_eq!(answers["answers"], json!(singly[name]), "{name}");
    }
}

#[tokio::test]
async fn many_questions_have_bounds_and_know_no_other_organization() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let mut bob = app.user("bob").await;
    let ask = |id: &str| json!({ "permissions": { "ac": ["read"] }, "organizationId": id });
    let path = "/organization/has-permissions";
    let body = json!({ "requests": [ask(&acme), ask("nope")] });
    assert_eq!(bob.post(path, body.clone()).await.expect(200).body["answers"], json!([false, false]));
    assert_eq!(ada.post(path, body).await.expect(200).body["answers"], json!([true, false]));
    let unnamed = json!({ "requests": [{ "permissions": { "ac": ["read"] } }] });
    bob.post(path, unnamed.clone()).await.refused(400, "NO_ACTIVE_ORGANIZATION");
    app.anon().post(path, unnamed).await.refused(401, "UNAUTHORIZED");
    for (many, status) in [(0, 200), (100, 200), (101, 400)] {
        ada.post(path, json!({ "requests": vec![ask(&acme); many] })).await.expect(status);
    }
    // An organization's roles are read once, however often it is asked for.
    let (_, one) = app.statements(ada.post(path, json!({ "requests": [ask(&acme)] }))).await;
    let (_, many) = app.statements(ada.post(path, json!({ "requests": vec![ask(&acme); 50] }))).await;
    assert_eq!(one, many);
}

#[tokio::test]
async fn members_have_what_their_organization_gave_the_role() {
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let id = role(&mut ada, "Recruiter", json!({ "invitation": ["create"], "member": ["create"] })).await;
    let (mut bob, his) = member(&app, "bob", &acme, "member").await;
    assert!(!may(&mut bob, "invitation", "create").await);
    let body = json!({ "memberId": his, "role": ["member", "recruiter"] });
    ada.post("/organization/update-member-role", body).await.expect(200);
    assert!(may(&mut bob, "invitation", "create").await);
    assert!(may(&mut bob, "ac", "read").await);
    // One role has to allow all of it; two together do not.
    let both = json!({ "permissions": { "invitation": ["create"], "ac": ["read"] } });
    assert_eq!(bob.post("/organization/has-permission", both).await.body["success"], false);
    invite(&mut bob, &acme, "eve", "recruiter").await;
    let changed =
        json!({ "roleId": id, "data": { "permission": { "team": ["create"] }, "roleName": "Builder" } });
    let changed = ada.post("/organization/update-role", changed).await.expect(200).body;
    assert_eq!(changed["roleData"]["role"], "builder");
    // They keep the role under its new name, and so does who is invited.
    assert!(!may(&mut bob, "invitation", "create").await);
    assert!(may(&mut bob, "team", "create").await);
    let invitations = ada.get("/organization/list-invitations").await.body;
    assert_eq!(invitations[0]["role"], "builder");
    assert_eq!(ada.get("/organization/get-role?roleName=builder").await.expect(200).body["id"], json!(id));
}

#[tokio::test]
async fn nobody_grants_what_they_lack() {
    // Case 184.
    let app = whole_app().set("plugins.organization.dynamic_roles.maximum", 3).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, his) = member(&app, "bob", &acme, "admin").await;
    let create = "/organization/create-role";
    for name in ["owner", "Admin", "MEMBER"] {
        let body = json!({ "role": name, "permission": { "ac": ["read"] } });
        bob.post(create, body).await.refused(400, "ROLE_NAME_IS_ALREADY_TAKEN");
    }
    for name in ["", "a,owner", " owner", "owner ", "a\u{0}", "a\\b", &"x".repeat(65)] {
        let body = json!({ "role": name, "permission": { "ac": ["read"] } });
        bob.post(create, body).await.refused(400, "VALIDATION_ERROR");
    }
    let denied = "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE";
    let body = json!({ "role": "x", "permission": { "organization": ["update", "delete"], "ac": ["fly"] } });
    let refused = bob.post(create, body).await.refusal(403, denied);
    assert_eq!(refused.body["missingPermissions"], json!(["organization:delete", "ac:fly"]));
    bob.post(create, json!({ "role": "x", "permission": { "rocket": ["launch"] } }))
        .await
        .refused(400, "INVALID_RESOURCE");
    let id = role(&mut bob, "helper", json!({ "ac": ["read", "update"] })).await;
    let more = json!({ "roleId": id, "data": { "permission": { "organization": ["delete"] } } });
    bob.post("/organization/update-role", more).await.refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE");
    // Neither does who has only the right to change roles.
    let (mut eve, hers) = member(&app, "eve", &acme, "helper").await;
    let more = json!({ "roleId": id, "data": { "permission": { "ac": ["read", "update", "delete"] } } });
    eve.post("/organization/update-role", more).await.refused(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE");
    eve.post(create, json!({ "role": "x", "permission": {} })).await.refused(403, denied);
    for body in [json!({ "roleId": id }), json!({ "roleName": "helper" })] {
        bob.post("/organization/delete-role", body).await.refused(400, "ROLE_IS_ASSIGNED_TO_MEMBERS");
    }
    bob.post("/organization/delete-role", json!({ "roleName": "owner" }))
        .await
        .refused(400, "CANNOT_DELETE_A_PRE_DEFINED_ROLE");
    let answers = race(5, |at| {
        let mut device = ada.clone();
        let body = json!({ "role": format!("r{at}"), "permission": { "ac": ["read"] } });
        async move { device.post(create, body).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 2, "{answers:?}");
    assert_eq!(answers.iter().filter(|a| a.code() == Some("TOO_MANY_ROLES")).count(), 3, "{answers:?}");
    ada.post("/organization/update-member-role", json!({ "memberId": hers, "role": "member" }))
        .await
        .expect(200);
    bob.post("/organization/delete-role", json!({ "roleId": id })).await.expect(200);
    // More names than a database takes in one question.
    let many: Vec<String> = (0..40_000).map(|at| format!("r{at}")).collect();
    let body = json!({ "memberId": his, "role": many });
    ada.post("/organization/update-member-role", body).await.refused(400, "ROLE_NOT_FOUND");
    let gone = json!({ "memberId": his, "role": "helper" });
    ada.post("/organization/update-member-role", gone).await.refused(400, "ROLE_NOT_FOUND");
}

#[tokio::test]
async fn a_role_is_made_once() {
    // Case 184.
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    organization(&mut ada, "acme").await;
    let answers = race(10, |_| {
        let mut device = ada.clone();
        let body = json!({ "role": "helper", "permission": { "ac": ["read"] } });
        async move { device.post("/organization/create-role", body).await }
    })
    .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
    assert_eq!(ada.get("/organization/list-roles").await.expect(200).body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_role_that_is_being_given_is_not_deleted() {
    // Case 184.
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (_, his) = member(&app, "bob", &acme, "member").await;
    for round in 0..50 {
        let name = format!("r{round}");
        role(&mut ada, &name, json!({ "ac": ["read"] })).await;
        let answers = race(2, |at| {
            let mut device = ada.clone();
            let (path, body) = [
                ("update-member-role", json!({ "memberId": his, "role": name })),
                ("delete-role", json!({ "roleName": name })),
            ][at]
                .clone();
            async move { device.post(&format!("/organization/{path}"), body).await }
        })
        .await;
        let codes: Vec<_> = answers.iter().map(|answer| answer.code()).collect();
        assert!(
            codes == [None, Some("ROLE_IS_ASSIGNED_TO_MEMBERS")] || codes == [Some("ROLE_NOT_FOUND"), None],
            "{answers:?}"
        );
        ada.post("/organization/update-member-role", json!({ "memberId": his, "role": "member" }))
            .await
            .expect(200);
        ada.post("/organization/delete-role", json!({ "roleName": name })).await;
    }
}

#[tokio::test]
async fn a_deleted_role_does_not_come_back_with_an_old_invitation() {
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    role(&mut ada, "helper", json!({ "ac": ["read"] })).await;
    let id = invite(&mut ada, &acme, "bob", "helper").await;
    ada.post("/organization/delete-role", json!({ "roleName": "helper" })).await.expect(200);
    let mut bob = app.user("bob").await;
    bob.post("/organization/accept-invitation", json!({ "invitationId": id }))
        .await
        .refused(400, "ROLE_NOT_FOUND");
    assert_eq!((size(&mut ada, &acme).await, status(&mut ada, &acme, &id).await), (1, "pending".to_owned()));
}

#[tokio::test]
async fn roles_of_others_are_out_of_reach() {
    // Case 181.
    let app = whole_app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let id = role(&mut ada, "helper", json!({ "ac": ["read"] })).await;
    let mut eve = app.user("eve").await;
    organization(&mut eve, "eves").await;
    // In her own organization that role is none.
    eve.get(&format!("/organization/get-role?roleId={id}")).await.refused(400, "ROLE_NOT_FOUND");
    eve.post("/organization/delete-role", json!({ "roleId": id })).await.refused(400, "ROLE_NOT_FOUND");
    let update = json!({ "roleId": id, "data": { "permission": { "ac": ["delete"] } } });
    eve.post("/organization/update-role", update).await.refused(400, "ROLE_NOT_FOUND");
    let (_, member) = member(&app, "dan", eve_id(&mut eve).await.as_str(), "member").await;
    let give = json!({ "memberId": member, "role": "helper" });
    eve.post("/organization/update-member-role", give).await.refused(400, "ROLE_NOT_FOUND");
    // And in that organization she is nobody.
    let nobody = "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION";
    eve.get(&format!("/organization/get-role?roleId={id}&organizationId={acme}")).await.refused(403, nobody);
    eve.get(&format!("/organization/list-roles?organizationId={acme}")).await.refused(403, nobody);
    for (path, body) in [
        ("create-role", json!({ "organizationId": acme, "role": "x", "permission": {} })),
        ("delete-role", json!({ "organizationId": acme, "roleId": id })),
        ("update-role", json!({ "organizationId": acme, "roleId": id, "data": { "roleName": "x" } })),
    ] {
        eve.post(&format!("/organization/{path}"), body).await.refused(403, nobody);
    }
    assert_eq!(ada.get("/organization/list-roles").await.expect(200).body[0]["role"], "helper");
}

async fn eve_id(eve: &mut Actor) -> String {
    eve.get("/organization/get-organization").await.expect(200).body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_dynamic_roles_there_is_no_such_address() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    organization(&mut ada, "acme").await;
    ada.post("/organization/create-role", json!({ "role": "x", "permission": {} })).await.expect(404);
    ada.get("/organization/list-roles").await.expect(404);
    ada.get("/organization/list-teams").await.expect(404);
}

#[tokio::test]
async fn the_configuration_can_have_roles() {
    let app = app()
        .config("[plugins.organization.roles]\nbilling = { invoice = [\"pay\", \"read\"] }\nmember = { invoice = [\"read\"] }")
        .start()
        .await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, _) = member(&app, "bob", &acme, "billing").await;
    let (mut eve, _) = member(&app, "eve", &acme, "member").await;
    assert!(may(&mut bob, "invoice", "pay").await);
    assert!(may(&mut eve, "invoice", "read").await && !may(&mut eve, "invoice", "pay").await);
    assert!(!may(&mut eve, "ac", "read").await, "the built-in role was replaced");
}
