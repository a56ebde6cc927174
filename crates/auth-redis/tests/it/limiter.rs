//! Counting together.

use std::{sync::Arc, time::Duration};

use auth_core::rate::{Limit, Limiter, Verdict};
use auth_redis::RedisLimiter;
use auth_testkit::auth_core;

use crate::{
    server::{Server, is_there},
    until,
};

const MINUTE: Limit = Limit::new(10, Duration::from_secs(60));

fn allowed(verdicts: &[Verdict]) -> usize {
    verdicts.iter().filter(|verdict| **verdict == Verdict::Allowed).count()
}

async fn hit(limiter: &RedisLimiter, key: &str, limit: Limit) -> Verdict {
    // The clocks of nodes differ; the server's counts.
    limiter.hit(key, limit, 0).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_count_on_one_counter() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let nodes = [(); 2].map(|()| Arc::new(RedisLimiter::new(server.redis(), 100)));
    for round in 0..20 {
        let key = format!("1.2.3.4|/sign-in/{round}");
        let verdicts = auth_testkit::race(50, |at| {
            let (node, key) = (nodes[at % 2].clone(), key.clone());
            async move { hit(&node, &key, MINUTE).await }
        })
        .await;
        assert_eq!(allowed(&verdicts), 10, "{verdicts:?}");
    }
    let Verdict::Refused { retry_after } = hit(&nodes[0], "1.2.3.4|/sign-in/0", MINUTE).await else {
        panic!("the limit is used up")
    };
    assert!((50..=60).contains(&retry_after), "{retry_after}");
    assert_eq!(server.say("DBSIZE"), ":20");
}

#[tokio::test]
async fn a_window_ends_and_takes_its_counter_along() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let limiter = RedisLimiter::new(server.redis(), 100);
    let limit = Limit::new(1, Duration::from_secs(1));
    assert_eq!(hit(&limiter, "a", limit).await, Verdict::Allowed);
    assert_eq!(hit(&limiter, "a", limit).await, Verdict::Refused { retry_after: 1 });
    until("the counter is gone", async || server.say("DBSIZE") == ":0").await;
    assert_eq!(hit(&limiter, "a", limit).await, Verdict::Allowed);
}

#[tokio::test]
async fn a_counter_that_is_no_counter_is_counted_in_memory() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let limiter = RedisLimiter::new(server.redis(), 100);
    assert_eq!(hit(&limiter, "a", MINUTE).await, Verdict::Allowed);
    let name = server.say("RANDOMKEY");
    assert!(name.starts_with('$'), "{name}");
    // Somebody has put something else in its place.
    server.say("FLUSHALL");
    let digest = "tessera:limit:ca978112ca1bbdcafac231b39a23dc4d";
    assert_eq!(server.say(&format!("SET {digest} text")), "+OK");
    let verdicts: Vec<_> = futures(&limiter, 12).await;
    assert_eq!(allowed(&verdicts), 10);
}

async fn futures(limiter: &RedisLimiter, times: usize) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for _ in 0..times {
        verdicts.push(hit(limiter, "a", MINUTE).await);
    }
    verdicts
}

#[tokio::test]
async fn without_redis_nobody_is_unlimited_and_with_it_all_goes_on() {
    if !is_there() {
        return;
    }
    let mut server = Server::start(&[]);
    let limiter = RedisLimiter::new(server.redis(), 100);
    assert_eq!(allowed(&futures(&limiter, 5).await), 5);
    server.kill();
    assert_eq!(allowed(&futures(&limiter, 30).await), 10, "memory counts from the beginning");
    server.go_on();
    until("requests are counted in Redis again", async || {
        hit(&limiter, "other", MINUTE).await;
        server.say("DBSIZE") != ":0"
    })
    .await;
}
