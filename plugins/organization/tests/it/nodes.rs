//! Organizations on several nodes: what one changes, the others know.

use std::time::Duration;

use auth_core::ports::NodeMemory;
use auth_testkit::{Actor, TestApp, auth_core, json};

use crate::support::{app, member, organization};

/// The same browser, with another node behind the same address.
fn at(node: &TestApp, browser: &Actor) -> Actor {
    let mut there = node.anon();
    let (name, value) = browser.cookie_pair("session_token").expect("a session");
    there.set_cookie(&name, &value);
    there
}

async fn may_invite(actor: &mut Actor, organization: &str) -> bool {
    let body = json!({ "organizationId": organization, "permissions": { "invitation": ["create"] } });
    actor.post("/organization/has-permission", body).await.body["success"] == true
}

/// Two nodes; Ada owns an organization, Bob administers it, and both nodes know.
async fn two(in_touch: bool) -> (TestApp, TestApp, Actor, Actor, String, String) {
    let builder = if in_touch { app().in_touch() } else { app() };
    let one = builder.start().await;
    let two = app().start_beside(&one).await;
    let mut ada = one.user("ada").await;
    let acme = organization(&mut ada, "acme").await;
    let (bob, member) = member(&one, "bob", &acme, "admin").await;
    let mut there = at(&two, &bob);
    assert!(may_invite(&mut there, &acme).await);
    (one, two, ada, there, acme, member)
}

#[tokio::test]
async fn a_role_that_is_taken_away_on_one_node_is_gone_on_all_at_once() {
    let (_one, _two, mut ada, mut bob, acme, member) = two(true).await;
    let demoted = json!({ "organizationId": acme, "memberId": member, "role": "member" });
    ada.post("/organization/update-member-role", demoted).await.expect(200);
    assert!(!may_invite(&mut bob, &acme).await);
}

#[tokio::test]
async fn a_node_that_missed_something_asks_again() {
    let (_one, two, mut ada, mut bob, acme, member) = two(false).await;
    let demoted = json!({ "organizationId": acme, "memberId": member, "role": "member" });
    ada.post("/organization/update-member-role", demoted).await.expect(200);
    assert!(may_invite(&mut bob, &acme).await, "nobody has told it, and it was not long ago");
    for memory in two.core().services().slot::<dyn NodeMemory>() {
        memory.distrust(two.core());
    }
    assert!(!may_invite(&mut bob, &acme).await);
}

#[tokio::test]
async fn permissions_are_remembered_for_five_minutes_while_nodes_hear_each_other() {
    let (_one, two, _ada, mut bob, acme, _) = two(true).await;
    two.clock().advance(Duration::from_secs(299));
    // The first use of a minute writes down when it was.
    may_invite(&mut bob, &acme).await;
    assert_eq!(two.statements(may_invite(&mut bob, &acme)).await.1, 0);
    two.clock().advance(Duration::from_secs(1));
    assert_ne!(two.statements(may_invite(&mut bob, &acme)).await.1, 0);
}
