//! What sockets are told.

use auth_core::model::UserPatch;
use auth_plugin_organization::endpoints::members::add::ADD_MEMBER;
use auth_testkit::{Actor, TestApp, auth_core::call::Request, json};

use crate::support::{Node, app, organization};

async fn join(app: &TestApp, actor: &Actor, organization: &str, role: &str) {
    let body = json!({ "userId": actor.user().id, "organizationId": organization, "role": role });
    app.core().call_raw(ADD_MEMBER.id(), Request::with_body(&body).unwrap()).await.unwrap();
}

#[tokio::test]
async fn the_own_session_and_account_are_followed_by_their_user_alone() {
    let node = Node::start(app()).await;
    let (mut ada, eve) = (node.app.user("ada").await, node.app.user("eve").await);
    let (mut adas, mut eves) = (node.socket_of(&ada).await, node.socket_of(&eve).await);
    for socket in [&mut adas, &mut eves] {
        socket.follow("session").await;
        socket.follow("activity").await;
    }
    ada.post("/update-user", json!({ "name": "Countess" })).await.expect(200);
    let told = adas.next("event").await;
    let (first, second) = (told.clone(), adas.next("event").await);
    let session = [&first, &second].into_iter().find(|event| event["topic"] == "session").unwrap();
    let activity = [&first, &second].into_iter().find(|event| event["topic"] == "activity").unwrap();
    assert_eq!(session["name"], "session.updated");
    assert_eq!(session["data"]["user"]["name"], "Countess");
    assert!(session["data"]["session"]["token"].is_null());
    assert_eq!(activity["name"], "user.updated");

    node.app.signed_in(ada.user()).await;
    ada.post("/sign-in/email", json!({ "email": ada.user().email.clone(), "password": "wrong wrong wrong" }))
        .await;
    let failed = adas.next("event").await;
    assert_eq!((&failed["topic"], &failed["name"]), (&json!("activity"), &json!("session.sign_in_failed")));
    assert!(eves.round_trip().await.is_empty(), "what others do is not told");
}

#[tokio::test]
async fn topics_of_others_and_topics_that_are_not_there_look_the_same() {
    let node = Node::start(app()).await;
    let (mut ada, eve) = (node.app.user("ada").await, node.app.user("eve").await);
    let id = organization(&mut ada, "house").await;
    let mut eves = node.socket_of(&eve).await;
    for topic in [
        &format!("organization:{id}"),
        "organization:nothing",
        "organization:",
        "organization",
        "session:1",
        "activity:x",
        "",
        ":",
        "unheard-of",
        &"t".repeat(10_000),
    ] {
        eves.say(json!({ "type": "subscribe", "topic": topic })).await;
        let refused = eves.next("error").await;
        assert_eq!(refused["code"], "TOPIC_NOT_FOUND", "{topic}");
        assert_eq!(refused["message"], "There is no such topic, or not for you");
    }
    for nonsense in
        [json!(1), json!({}), json!({ "type": "shout" }), json!({ "type": "subscribe", "topic": 1 })]
    {
        eves.say(nonsense).await;
        assert_eq!(eves.next("error").await["code"], "INVALID_MESSAGE");
    }
    assert!(eves.round_trip().await.is_empty());
}

/// Case 275: who leaves hears no more of it, on whichever node.
#[tokio::test]
async fn members_hear_of_their_organization_until_they_are_none() {
    let first = app().in_touch().start().await;
    let second = app().start_beside(&first).await;
    let (one, two) = (Node::serve(first).await, Node::serve(second).await);
    let (mut ada, bob, cleo) =
        (one.app.user("ada").await, one.app.user("bob").await, one.app.user("cleo").await);
    let id = organization(&mut ada, "house").await;
    join(&one.app, &bob, &id, "member").await;
    let topic = format!("organization:{id}");
    let (mut adas, mut bobs) = (one.socket_of(&ada).await, two.socket_of(&bob).await);
    adas.follow(&topic).await;
    bobs.follow(&topic).await;

    join(&one.app, &cleo, &id, "member").await;
    for socket in [&mut adas, &mut bobs] {
        let told = socket.next("event").await;
        assert_eq!((&told["topic"], &told["name"]), (&json!(topic), &json!("member.added")));
        assert_eq!(told["data"]["userId"], cleo.user().id);
    }

    let body = json!({ "memberIdOrEmail": bob.user().email, "organizationId": id });
    ada.post("/organization/remove-member", body).await.expect(200);
    assert_eq!(bobs.next("unsubscribed").await["topic"], json!(topic));
    let body = json!({ "memberIdOrEmail": cleo.user().email, "organizationId": id });
    ada.post("/organization/remove-member", body).await.expect(200);
    let mut removed = Vec::new();
    while removed.len() < 2 {
        let told = adas.next("event").await;
        if told["name"] == "member.removed" {
            removed.push(told["data"]["userId"].clone());
        }
    }
    assert_eq!(removed, [json!(bob.user().id), json!(cleo.user().id)]);
    assert!(bobs.round_trip().await.is_empty(), "the door is closed");
    bobs.say(json!({ "type": "subscribe", "topic": topic })).await;
    assert_eq!(bobs.next("error").await["code"], "TOPIC_NOT_FOUND");
}

#[tokio::test]
async fn a_role_that_changes_is_told() {
    let node = Node::start(app()).await;
    let (mut ada, mut bob) = (node.app.user("ada").await, node.app.user("bob").await);
    let id = organization(&mut ada, "house").await;
    join(&node.app, &bob, &id, "member").await;
    bob.post("/organization/set-active", json!({ "organizationId": id })).await.expect(200);
    let mut bobs = node.open("/ws", &crate::support::browser(&bob)).await.unwrap();
    assert_eq!(bobs.next("welcome").await["roles"], json!(["member"]));
    bobs.follow("session").await;
    let members = ada.get(&format!("/organization/list-members?organizationId={id}")).await.expect(200).body;
    let members = members["members"].as_array().unwrap();
    let member = members.iter().find(|member| member["userId"] == bob.user().id).unwrap();
    let body = json!({ "memberId": member["id"], "role": "admin", "organizationId": id });
    ada.post("/organization/update-member-role", body).await.expect(200);
    assert_eq!(bobs.next("event").await["data"]["roles"], json!(["admin"]));
}

#[tokio::test]
async fn a_limited_key_follows_what_it_may_read() {
    let node = Node::start(app().set("plugins.api-key.sessions", true)).await;
    let mut ada = node.app.user("ada").await;
    let id = organization(&mut ada, "house").await;
    let topic = format!("organization:{id}");
    for (permissions, may) in [(json!({}), false), (json!({ "organization": ["read"] }), true)] {
        let body = json!({ "userId": ada.user().id, "permissions": permissions });
        let made = node
            .app
            .core()
            .call_raw("createApiKey", Request::with_body(&body).unwrap())
            .await
            .unwrap()
            .body_value()
            .unwrap();
        let mut socket = node.open("/ws", &[("x-api-key", made["key"].as_str().unwrap())]).await.unwrap();
        socket.next("welcome").await;
        socket.say(json!({ "type": "subscribe", "topic": topic })).await;
        let answer = socket.text().await;
        assert_eq!(answer["type"] == "subscribed", may, "{answer}");
        socket.say(json!({ "type": "subscribe", "topic": "activity" })).await;
        assert_eq!(socket.text().await["code"], "TOPIC_NOT_FOUND", "a part is not told of all");
    }
}

#[tokio::test]
async fn who_does_not_follow_any_more_is_not_told() {
    let node = Node::start(app().set("plugins.realtime.max_topics", 2)).await;
    let ada = node.app.user("ada").await;
    let mut socket = node.socket_of(&ada).await;
    socket.follow("activity").await;
    socket.follow("activity").await;
    socket.follow("session").await;
    socket.say(json!({ "type": "subscribe", "topic": "more" })).await;
    assert_eq!(socket.next("error").await["code"], "TOO_MANY_TOPICS");
    for topic in ["activity", "session"] {
        socket.say(json!({ "type": "unsubscribe", "topic": topic })).await;
        assert_eq!(socket.next("unsubscribed").await["topic"], topic);
    }
    let patch = UserPatch { name: Some("Nobody".into()), ..UserPatch::default() };
    node.app.change_user(&ada.user().id, patch).await;
    assert!(socket.round_trip().await.is_empty());
}

#[tokio::test]
async fn a_session_that_lives_on_is_told() {
    let node = Node::start(app()).await;
    let mut ada = node.app.user("ada").await;
    let mut socket = node.socket_of(&ada).await;
    socket.follow("session").await;
    node.app.clock().advance(std::time::Duration::from_secs(2 * 24 * 3600));
    let answer = ada.get("/get-session?disableCookieCache=1").await.expect(200);
    let told = socket.next("event").await;
    assert_eq!(told["name"], "session.updated");
    assert_eq!(told["data"]["session"]["expiresAt"], answer.body["session"]["expiresAt"]);
}
