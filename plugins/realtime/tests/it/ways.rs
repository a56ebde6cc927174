//! Ways to open a socket.

use auth_testkit::{json, race};

use crate::support::{Node, ORIGIN, app, browser, open_at, signed};

async fn jwt(actor: &mut auth_testkit::Actor) -> String {
    actor.get("/token").await.expect(200).body["token"].as_str().unwrap().to_owned()
}

async fn key(actor: &mut auth_testkit::Actor) -> String {
    actor.post("/api-key/create", json!({})).await.expect(200).body["key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_proof_opens_a_socket_at_both_addresses() {
    let node = Node::start(app().set("plugins.api-key.sessions", true)).await;
    let mut ada = node.app.user("ada").await;
    let session = format!("Bearer {}", signed(&ada));
    let token = format!("Bearer {}", jwt(&mut ada).await);
    let key = key(&mut ada).await;
    let cookie = browser(&ada);
    for path in ["/ws", "/api/auth/ws"] {
        for (headers, method) in [
            (cookie.clone(), "cookie"),
            (vec![("authorization", session.as_str())], "bearer"),
            (vec![("authorization", token.as_str())], "jwt"),
            (vec![("x-api-key", key.as_str())], "api-key"),
        ] {
            let mut client = node.open(path, &headers).await.unwrap_or_else(|s| panic!("{method}: {s}"));
            let welcome = client.next("welcome").await;
            assert_eq!(welcome["user"]["id"], ada.user().id, "{method}");
            assert!(
                welcome["session"]["id"].is_string() && welcome["session"]["token"].is_null(),
                "{welcome}"
            );
            assert_eq!(client.round_trip().await, Vec::<auth_testkit::Value>::new());
        }
    }
}

#[tokio::test]
async fn a_protocol_can_carry_what_a_browser_can_set_no_header_for() {
    let node = Node::start(app().set("plugins.api-key.sessions", true)).await;
    let mut ada = node.app.user("ada").await;
    let (token, key) = (jwt(&mut ada).await, key(&mut ada).await);
    let encoded = signed(&ada).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for offer in [format!("bearer.{encoded}"), format!("bearer.{token}"), format!("key.{key}")] {
        let protocols = format!("tessera.v1, {offer}");
        let mut client = node.open("/ws", &[("sec-websocket-protocol", &protocols)]).await.unwrap();
        assert_eq!(client.protocol.as_deref(), Some("tessera.v1"), "the secret is not repeated");
        assert_eq!(client.next("welcome").await["user"]["id"], ada.user().id);
        let refused = node.open("/ws", &[("sec-websocket-protocol", &offer)]).await;
        assert_eq!(refused.err(), Some(401), "without our protocol there is nothing to answer with");
    }
}

/// Case 274.
#[tokio::test]
async fn only_a_ticket_counts_in_the_address_and_only_once() {
    let node = Node::start(app()).await;
    let mut ada = node.app.user("ada").await;
    let token = ada.token().to_owned();
    for query in ["token", "access_token", "ticket", "session_token"] {
        let refused = node.open(&format!("/ws?{query}={token}"), &[]).await;
        assert_eq!(refused.err(), Some(401), "{query}");
    }
    let made = ada.post("/realtime/ticket", json!({})).await.expect(200);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let ticket = made.body["ticket"].as_str().unwrap().to_owned();
    let path = format!("/ws?ticket={ticket}");
    let opened = race(20, |_| {
        let (at, path) = (node.at, path.clone());
        async move { open_at(at, &path, &[]).await.is_ok() }
    })
    .await;
    assert_eq!(opened.into_iter().filter(|opened| *opened).count(), 1);

    let late = ada.post("/realtime/ticket", json!({})).await.expect(200);
    node.app.clock().advance(std::time::Duration::from_secs(31));
    let path = format!("/ws?ticket={}", late.body["ticket"].as_str().unwrap());
    assert_eq!(node.open(&path, &[]).await.err(), Some(401));

    // A ticket is good for as long as its session.
    let last = ada.post("/realtime/ticket", json!({})).await.expect(200);
    ada.post("/sign-out", json!({})).await.expect(200);
    let path = format!("/ws?ticket={}", last.body["ticket"].as_str().unwrap());
    assert_eq!(node.open(&path, &[]).await.err(), Some(401));
}

#[tokio::test]
async fn a_key_that_may_do_less_gets_no_ticket() {
    let node = Node::start(app().set("plugins.api-key.sessions", true)).await;
    let mut ada = node.app.user("ada").await;
    let key = key(&mut ada).await;
    let mut program = node.app.anon().header("x-api-key", &key);
    program.post("/realtime/ticket", json!({})).await.refused(403, "INSUFFICIENT_SCOPE");
    node.app.anon().post("/realtime/ticket", json!({})).await.refused(401, "UNAUTHORIZED");
}

/// Case 272.
#[tokio::test]
async fn cookies_open_a_socket_for_pages_of_trusted_origins_only() {
    let node = Node::start(app().set("trusted_origins", ["https://app.example.net"])).await;
    let ada = node.app.user("ada").await;
    let cookie = browser(&ada)[1];
    for origin in
        ["https://evil.example", "null", "http://auth.example.com", "https://auth.example.com.evil.example"]
    {
        assert_eq!(node.open("/ws", &[("origin", origin), cookie]).await.err(), Some(403), "{origin}");
    }
    assert_eq!(node.open("/ws", &[cookie]).await.err(), Some(403), "no origin");
    assert_eq!(
        node.open("/ws", &[("origin", ORIGIN), ("origin", "https://evil.example"), cookie]).await.err(),
        Some(403)
    );
    for origin in [ORIGIN, "https://app.example.net"] {
        assert!(node.open("/ws", &[("origin", origin), cookie]).await.is_ok(), "{origin}");
    }
    // Nobody sends a token by accident; but then the cookie does not count.
    let bearer = format!("Bearer {}", signed(&ada));
    let foreign = [("origin", "https://evil.example"), ("authorization", &bearer)];
    assert!(node.open("/ws", &foreign).await.is_ok());
    let wrong = [("origin", "https://evil.example"), ("authorization", "Bearer nonsense"), cookie];
    assert_eq!(node.open("/ws", &wrong).await.err(), Some(401));
}

#[tokio::test]
async fn who_proves_nothing_or_asks_for_no_socket_is_refused() {
    let node = Node::start(app()).await;
    let mut ada = node.app.user("ada").await;
    assert_eq!(node.open("/ws", &[]).await.err(), Some(401));
    assert_eq!(node.open("/ws", &[("origin", ORIGIN)]).await.err(), Some(401));
    let forged = "better-auth.session_token=forged.forged";
    assert_eq!(node.open("/ws", &[("origin", ORIGIN), ("cookie", forged)]).await.err(), Some(401));
    for bad in ["Bearer", "Bearer ", "Bearer a.b.c", "Basic YTpi"] {
        assert_eq!(node.open("/ws", &[("authorization", bad)]).await.err(), Some(401), "{bad}");
    }
    assert_eq!(node.open("/ws", &[("x-api-key", &"k".repeat(64))]).await.err(), Some(401));
    ada.get("/ws").await.refused(426, "UPGRADE_REQUIRED");
    ada.post("/ws", json!({})).await.expect(404);
}
