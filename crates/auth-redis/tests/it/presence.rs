//! Who is there, on all nodes.

use std::time::Duration;

use auth_core::ports::Nodes as _;
use auth_redis::Bus;
use auth_testkit::{auth_core, auth_core::ports::OsRng};

use crate::server::{Server, is_there};

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn all_nodes_know_who_is_there_and_in_which_order_they_came() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let (one, two) = (Bus::new(server.redis(), &OsRng), Bus::new(server.redis(), &OsRng));
    let (one, two) = (one.presence().unwrap(), two.presence().unwrap());
    assert_eq!(one.enter("ada", "b", LONG).await.unwrap(), ["b"]);
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(two.enter("ada", "a", LONG).await.unwrap(), ["b", "a"]);
    assert_eq!(one.enter("eve", "c", LONG).await.unwrap(), ["c"]);
    // Who says again that they are there does not come anew.
    assert_eq!(one.enter("ada", "b", LONG).await.unwrap(), ["b", "a"]);
    two.leave("ada", "b").await.unwrap();
    assert_eq!(two.enter("ada", "a", LONG).await.unwrap(), ["a"]);
    assert!(server.say("KEYS *").starts_with("*2"), "and the names say nothing of whom");
}

#[tokio::test]
async fn who_says_nothing_any_more_is_gone() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let bus = Bus::new(server.redis(), &OsRng);
    let presence = bus.presence().unwrap();
    presence.enter("ada", "killed", Duration::from_millis(20)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(presence.enter("ada", "alive", Duration::from_millis(20)).await.unwrap(), ["alive"]);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(server.say("DBSIZE"), ":0");
}
