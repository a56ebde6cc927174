//! Sessions on several nodes: what one ends, the others do not answer.

use auth_core::{model::UserPatch, ports::NodeMemory};
use auth_testkit::{Actor, TestApp, auth_core, json};

use crate::bare;

/// Who the node says is signed in, from its memory where it can.
async fn name(node: &TestApp, cookies: &Actor) -> Option<String> {
    let mut there = node.anon();
    let (name, value) = cookies.cookie_pair("session_token").expect("a session");
    there.set_cookie(&name, &value);
    let body = there.get("/get-session").await.expect(200).body;
    body["user"]["name"].as_str().map(str::to_owned)
}

async fn two(in_touch: bool) -> (TestApp, TestApp, Actor) {
    let builder = bare();
    let one = if in_touch { builder.in_touch() } else { builder }.start().await;
    let two = bare().start_beside(&one).await;
    let ada = one.user("ada").await;
    assert_eq!(name(&two, &ada).await.as_deref(), Some("Ada"));
    (one, two, ada)
}

#[tokio::test]
async fn a_session_that_ends_on_one_node_ends_on_all_at_once() {
    let (_one, two, mut ada) = two(true).await;
    let before = ada.clone();
    ada.post("/sign-out", json!({})).await.expect(200);
    assert_eq!(name(&two, &before).await, None);
}

#[tokio::test]
async fn a_user_who_changes_on_one_node_changes_on_all_at_once() {
    let (one, two, ada) = two(true).await;
    one.change_user(&ada.user().id, UserPatch { name: Some("Grace".to_owned()), ..UserPatch::default() })
        .await;
    assert_eq!(name(&two, &ada).await.as_deref(), Some("Grace"));
}

#[tokio::test]
async fn a_node_that_missed_something_reads_everything_again() {
    let (_one, two, mut ada) = two(false).await;
    let before = ada.clone();
    ada.post("/sign-out", json!({})).await.expect(200);
    assert!(name(&two, &before).await.is_some(), "nobody has told it, and it was not long ago");
    for memory in two.core().services().slot::<dyn NodeMemory>() {
        memory.distrust(two.core());
    }
    assert_eq!(name(&two, &before).await, None);
}
