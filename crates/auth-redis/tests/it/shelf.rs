//! What nodes share, and what must not come back there.

use std::time::Duration;

use auth_testkit::auth_core::ports::{Nodes, Shared, Shelf};

use crate::{
    node::{Node, agree, in_touch},
    server::{Server, is_there},
    until,
};

/// Where the thing `a` lies.
fn place(server: &Server) -> String {
    let keys = server.all("KEYS tessera:shared:*");
    let name = keys.lines().find(|line| line.starts_with("tessera:")).expect("something is shared");
    name.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_has_read_the_others_need_not() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let a = Node::start(&server).await;
    let b = a.beside(server.redis()).await;
    agree(&[&a, &b]).await;
    let secret = "the-token-of-a-session";
    a.share(secret, "ada@example.com").await;
    assert_eq!(b.shared(secret).await.as_deref(), Some("ada@example.com"));
    b.remove(secret).await;
    assert_eq!(a.shared(secret).await, None);
    a.share(secret, "grace").await;
    // Who looks into Redis sees neither keys nor values.
    let all = server.all("KEYS *") + &server.all(&format!("GET {}", place(&server)));
    assert!(all.contains("tessera:shared:"), "{all}");
    assert!(!all.contains(secret) && !all.contains("grace"), "{all}");
    let left: u64 = server.say(&format!("TTL {}", place(&server)))[1..].parse().unwrap();
    assert!((50..=60).contains(&left), "{left}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_before_a_removal_is_not_put_after_it() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let a = Node::start(&server).await;
    let b = a.beside(server.redis()).await;
    agree(&[&a, &b]).await;
    let (slow, other) = (a.claim("a").await, b.claim("a").await);
    b.remove("a").await;
    a.put("a", "old", slow).await;
    b.put("a", "old", other).await;
    assert_eq!(a.shared("a").await, None, "both began before the removal");
    // Nor over a value that came after it.
    let slow = a.claim("b").await;
    b.remove("b").await;
    b.share("b", "new").await;
    a.put("b", "old", slow).await;
    assert_eq!(a.shared("b").await.as_deref(), Some("new"));
    // Redis that loses the claim loses the right to put.
    let slow = a.claim("c").await;
    server.say("FLUSHALL");
    a.put("c", "old", slow).await;
    assert_eq!(a.shared("c").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_value_of_ours_is_read_again_and_replaced() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let a = Node::start(&server).await;
    let stranger = Node::with(server.redis(), "another secret of some other installation, 1").await;
    in_touch(&[&a, &stranger]).await;
    a.share("a", "good").await;
    let good = server.all(&format!("GET {}", place(&server))).lines().nth(1).unwrap().to_owned();
    let put = |text: &str| assert_eq!(server.say(&format!("SET {} {text}", place(&server))), "+OK");
    for garbage in ["x", "v", "v00", "vzz", "c", &good[..good.len() - 2], &format!("{good}00")] {
        put(garbage);
        assert_eq!(a.shared("a").await, None, "{garbage}");
        a.share("a", "again").await;
        assert_eq!(a.shared("a").await.as_deref(), Some("again"), "{garbage}");
    }
    // Of another secret, and of another key.
    a.remove("a").await;
    stranger.share("a", "forged").await;
    assert_eq!(a.shared("a").await, None);
    a.share("a", "good").await;
    a.share("b", "of b").await;
    let names = server.all("KEYS tessera:shared:*");
    let names: Vec<_> = names.lines().filter(|line| line.starts_with("tessera:")).collect();
    server.say(&format!("COPY {} {} REPLACE", names[0], names[1]));
    server.say(&format!("COPY {} {} REPLACE", names[1], names[0]));
    let (first, second) = (a.shared("a").await, a.shared("b").await);
    assert!(first.as_deref().is_none_or(|value| value == "good"), "{first:?}");
    assert!(second.as_deref().is_none_or(|value| value == "of b"), "{second:?}");
    assert!(first.is_none() || second.is_none());
    // A thing of another type does not even take a value, and no error comes of it.
    let name = place(&server);
    server.say("FLUSHALL");
    server.say(&format!("RPUSH {name} x"));
    for key in ["a", "b"] {
        assert_eq!(a.shared(key).await, None);
    }
    a.remove("a").await;
    a.remove("b").await;
    a.share("a", "good").await;
    assert_eq!(a.shared("a").await.as_deref(), Some("good"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_removed_is_not_found_when_redis_is_back() {
    if !is_there() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("tessera-shelf-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut server = Server::start(&["--dir", folder.to_str().unwrap()]);
    let a = Node::start(&server).await;
    let b = a.beside(server.redis()).await;
    agree(&[&a, &b]).await;
    a.share("a", "old").await;
    assert_eq!(b.shared("a").await.as_deref(), Some("old"));
    // It comes back with what it had.
    assert_eq!(server.say("SAVE"), "+OK");
    server.kill();
    a.remove("a").await;
    assert!(matches!(a.shelf("a").await, Shelf::Away), "who owes a removal does not ask");
    server.go_on();
    for _ in 0..400 {
        for node in [&a, &b] {
            assert_eq!(node.shared("a").await, None);
        }
        if a.bus.in_touch() && b.bus.in_touch() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    agree(&[&a, &b]).await;
    assert_eq!((a.shared("a").await, b.shared("a").await), (None, None));
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_cannot_remove_is_silent_until_it_can() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let a = Node::start(&server).await;
    let b = a.beside(server.redis()).await;
    agree(&[&a, &b]).await;
    a.share("a", "old").await;
    // Everything gets through but removals.
    server.say("ACL SETUSER default -unlink");
    a.remove("a").await;
    until("b misses a", async || !b.bus.in_touch()).await;
    assert!(matches!(b.shelf("a").await, Shelf::Away));
    b.notes.clear();
    server.say("ACL SETUSER default +unlink");
    agree(&[&a, &b]).await;
    assert_eq!((a.shared("a").await, b.shared("a").await), (None, None));
    assert!(b.notes.has("distrust"), "b may have found it in between");
}

/// As a replica that has not heard of the last removals and becomes the master.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_redis_forgot_to_remove_is_not_found_after_its_restart() {
    if !is_there() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("tessera-epoch-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut server = Server::start(&["--dir", folder.to_str().unwrap()]);
    let a = Node::start(&server).await;
    in_touch(&[&a]).await;
    a.share("a", "old").await;
    assert_eq!(server.say("SAVE"), "+OK");
    a.remove("a").await;
    server.kill();
    until("a has lost touch", async || !a.bus.in_touch()).await;
    server.go_on();
    assert!(server.say(&format!("GET {}", place(&server))).starts_with('$'), "it is there again");
    in_touch(&[&a]).await;
    assert_eq!(a.shared("a").await, None);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_comes_trusts_what_others_trust_and_all_follow_a_new_epoch() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let a = Node::start(&server).await;
    in_touch(&[&a]).await;
    a.share("a", "shared").await;
    let b = a.beside(server.redis()).await;
    agree(&[&a, &b]).await;
    assert_eq!(b.shared("a").await.as_deref(), Some("shared"));
    a.notes.clear();
    b.bus.remove_all(b.app.core()).await;
    assert_eq!(b.shared("a").await, None);
    until("a follows", async || a.notes.has("distrust")).await;
    assert_eq!(a.shared("a").await, None);
    a.share("a", "new").await;
    assert_eq!(b.shared("a").await.as_deref(), Some("new"));
}
