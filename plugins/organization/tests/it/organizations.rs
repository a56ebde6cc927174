//! Organizations: making, reading, changing, deleting; which one is active.

use auth_testkit::{auth_core::Preset, json, race};

use crate::support::{app, join, member, organization};

#[tokio::test]
async fn whoever_makes_one_owns_it_and_works_in_it() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let body = json!({ "name": "Acme", "slug": "acme", "metadata": { "tier": 3 } });
    let made = ada.post("/organization/create", body).await.expect(200).body;
    assert_eq!(made["metadata"], json!({ "tier": 3 }));
    assert_eq!(made["members"][0]["role"], "owner");
    assert!(made["members"][0].get("user").is_none());
    let session = ada.get("/get-session?disableCookieCache=true").await.body;
    assert_eq!(session["session"]["activeOrganizationId"], made["id"]);
    let listed = ada.get("/organization/list").await.expect(200).body;
    assert_eq!(listed[0]["metadata"], r#"{"tier":3}"#);
    let full = ada.get("/organization/get-full-organization").await.expect(200).body;
    assert_eq!(full["members"][0]["user"]["email"], "ada@example.com");
    assert_eq!(full["invitations"], json!([]));
    assert!(full.get("teams").is_none());
    let me = ada.get("/organization/get-active-member").await.expect(200).body;
    assert_eq!(me["userId"], ada.user().id);
    assert_eq!(
        ada.get("/organization/get-active-member-role").await.expect(200).body,
        json!({ "role": "owner" })
    );
}

#[tokio::test]
async fn the_short_addresses_answer_too() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    ada.post("/organization", json!({ "name": "Acme", "slug": "acme" })).await.expect(200);
}

#[tokio::test]
async fn a_slug_is_made_once() {
    // Case 185.
    let app = app().set("plugins.organization.organization_limit", 0).start().await;
    let mut ada = app.user("ada").await;
    for round in 0..50 {
        let answers = race(20, |_| {
            let mut device = ada.clone();
            let body = json!({ "name": "Acme", "slug": format!("acme-{round}") });
            async move { device.post("/organization/create", body).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 1, "{answers:?}");
        let exists = Some("ORGANIZATION_ALREADY_EXISTS");
        assert!(answers.iter().all(|a| a.status == 200 || a.code() == exists), "{answers:?}");
    }
    assert_eq!(ada.get("/organization/list").await.body.as_array().unwrap().len(), 50);
    let other = organization(&mut ada, "other").await;
    let update = json!({ "organizationId": other, "data": { "slug": "acme-7" } });
    ada.post("/organization/update", update).await.refused(400, "ORGANIZATION_SLUG_ALREADY_TAKEN");
    ada.post("/organization/check-slug", json!({ "slug": "acme-7" }))
        .await
        .refused(400, "ORGANIZATION_SLUG_ALREADY_TAKEN");
}

#[tokio::test]
async fn slugs_that_look_alike_are_refused() {
    // Case 185.
    let strict = app().start().await;
    let mut ada = strict.user("ada").await;
    let long = "x".repeat(10_240);
    for slug in
        ["../", "аcme", "acme\u{200b}", "Acme", "🦀", "-a", "a--b", "a b", " acme", &"x".repeat(64), "a\0"]
    {
        let body = json!({ "name": "A", "slug": slug });
        ada.post("/organization/create", body).await.refused(400, "INVALID_SLUG");
        ada.post("/organization/check-slug", json!({ "slug": slug })).await.refused(400, "INVALID_SLUG");
    }
    ada.post("/organization/create", json!({ "name": "A", "slug": long }))
        .await
        .refused(400, "VALIDATION_ERROR");
    let upstream = app().preset(Preset::BetterAuth).start().await;
    let mut ada = upstream.user("ada").await;
    for slug in ["../", "Acme", "🦀", "аcme"] {
        ada.post("/organization/create", json!({ "name": "A", "slug": slug })).await.expect(200);
    }
    for slug in [long.as_str(), "a\0"] {
        ada.post("/organization/create", json!({ "name": "A", "slug": slug }))
            .await
            .refused(400, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn a_user_has_as_many_as_the_limit_says() {
    let app = app().set("plugins.organization.organization_limit", 2).start().await;
    let ada = app.user("ada").await;
    let answers =
        race(10, |at| {
            let mut device = ada.clone();
            async move {
                device.post("/organization/create", json!({ "name": "A", "slug": format!("a{at}") })).await
            }
        })
        .await;
    assert_eq!(answers.iter().filter(|a| a.status == 200).count(), 2, "{answers:?}");
    let code = Some("YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS");
    assert_eq!(answers.iter().filter(|a| a.code() == code).count(), 8, "{answers:?}");
}

#[tokio::test]
async fn nobody_makes_one_for_somebody_else() {
    let app = app().start().await;
    let (mut ada, bob) = (app.user("ada").await, app.user("bob").await);
    let body = json!({ "name": "A", "slug": "a", "userId": bob.user().id });
    let made = ada.post("/organization/create", body.clone()).await.expect(200).body;
    assert_eq!(made["members"][0]["userId"], ada.user().id);
    let refused = app.anon().post("/organization/create", body).await.expect(401);
    assert_eq!(refused.text, "");
}

#[tokio::test]
async fn what_is_left_out_of_an_update_stays() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let body =
        json!({ "name": "Acme", "slug": "acme", "logo": "https://x.example/l.png", "metadata": { "a": 1 } });
    ada.post("/organization/create", body).await.expect(200);
    let changed =
        ada.post("/organization/update", json!({ "data": { "name": "Two" } })).await.expect(200).body;
    assert_eq!((&changed["name"], &changed["slug"]), (&json!("Two"), &json!("acme")));
    assert_eq!(changed["metadata"], json!({ "a": 1 }));
    let changed =
        ada.post("/organization/update", json!({ "data": { "logo": null } })).await.expect(200).body;
    assert_eq!(changed["logo"], json!(null));
    ada.post("/organization/update", json!({ "data": {} })).await.expect(200);
    let bad = json!({ "data": { "logo": "javascript:alert(1)" } });
    ada.post("/organization/update", bad).await.refused(400, "VALIDATION_ERROR");
}

#[tokio::test]
async fn outsiders_see_nothing_and_work_nowhere() {
    // Cases 181, 182.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let mut bob = app.user("bob").await;
    organization(&mut bob, "bobs").await;
    for path in [
        format!("get-full-organization?organizationId={acme}"),
        "get-full-organization?organizationSlug=acme".to_owned(),
        format!("get-organization?organizationId={acme}"),
        format!("list-members?organizationId={acme}"),
        "list-members?organizationSlug=acme".to_owned(),
        format!("get-active-member-role?organizationId={acme}"),
    ] {
        let answer = bob.get(&format!("/organization/{path}")).await.expect(403);
        assert!(!answer.text.contains("ada") && !answer.text.contains("acme"), "{}", answer.text);
    }
    let ask = json!({ "organizationId": acme, "permissions": { "ac": ["read"] } });
    bob.post("/organization/has-permission", ask)
        .await
        .refused(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    bob.post("/organization/set-active", json!({ "organizationSlug": "bobs" })).await.expect(200);
    let reach = json!({ "organizationId": acme });
    bob.post("/organization/set-active", reach)
        .await
        .refused(403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    let session = bob.get("/get-session?disableCookieCache=true").await.body;
    assert_eq!(session["session"]["activeOrganizationId"], json!(null));
}

#[tokio::test]
async fn who_was_removed_may_nothing_at_once() {
    // Case 182.
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, id) = member(&app, "bob", &acme, "admin").await;
    let ask = json!({ "permissions": { "organization": ["update"] } });
    assert_eq!(bob.post("/organization/has-permission", ask.clone()).await.expect(200).body["success"], true);
    ada.post("/organization/remove-member", json!({ "memberIdOrEmail": id })).await.expect(200);
    bob.post("/organization/has-permission", ask)
        .await
        .refused(401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    let rename = json!({ "data": { "name": "Mine" } });
    bob.post("/organization/update", rename).await.refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    bob.get("/organization/get-active-member").await.refused(400, "MEMBER_NOT_FOUND");
}

#[tokio::test]
async fn deleting_takes_everything_along() {
    let app = app().start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (mut bob, _) = member(&app, "bob", &acme, "admin").await;
    let body = json!({ "organizationId": acme });
    bob.post("/organization/delete", body.clone())
        .await
        .refused(403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION");
    ada.post("/organization/delete", body.clone()).await.expect(200);
    for actor in [&mut ada, &mut bob] {
        assert_eq!(actor.get("/organization/list").await.body, json!([]));
    }
    ada.post("/organization/delete", body).await.refused(400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION");
    organization(&mut ada, "acme").await;
}

#[tokio::test]
async fn deleting_can_be_off() {
    let app = app().set("plugins.organization.disable_deletion", true).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let body = json!({ "organizationId": acme });
    ada.post("/organization/delete", body).await.refused(404, "ORGANIZATION_DELETION_DISABLED");
}

#[tokio::test]
async fn members_come_in_pages() {
    let app = app().set("plugins.organization.membership_limit", 0).start().await;
    let mut ada = app.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    for at in 0..24 {
        let mut user = app.user(&format!("user{at:02}")).await;
        join(&app, &mut user, &acme, if at % 2 == 0 { "member" } else { "admin" }).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut cursor = String::new();
    for pages in 1.. {
        let page =
            ada.get(&format!("/organization/list-members?limit=10&cursor={cursor}")).await.expect(200).body;
        assert_eq!(page["total"], if pages == 1 { json!(25) } else { json!(null) });
        seen.extend(page["members"].as_array().unwrap().iter().map(|m| m["id"].to_string()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => {
                assert_eq!(pages, 3);
                break;
            }
        }
    }
    assert_eq!(seen.len(), 25);
    let admins =
        ada.get("/organization/list-members?filterField=role&filterValue=admin&limit=5&offset=10").await.body;
    assert_eq!((admins["members"].as_array().unwrap().len(), &admins["total"]), (2, &json!(12)));
    for query in [
        "filterField=nonsense&filterValue=x",
        "sortBy=nonsense",
        "filterField=role",
        "filterField=createdAt&filterValue=x",
    ] {
        ada.get(&format!("/organization/list-members?{query}")).await.refused(400, "VALIDATION_ERROR");
    }
    // What is no limit is the usual one; no limit is larger than the largest.
    for limit in ["x", "-1", "0", "99999999999999999999999", "1e9"] {
        ada.get(&format!("/organization/list-members?limit={limit}&offset={limit}")).await.expect(200);
    }
}
