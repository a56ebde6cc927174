//! Counting together.

use std::{sync::Arc, time::Duration};

use auth_core::rate::{Ask, Limit, Limiter, Verdict};
use auth_redis::RedisLimiter;
use auth_testkit::{auth_core, limiters};

use crate::{
    server::{Server, is_there},
    until,
};

const MINUTE: Limit = Limit::new(10, Duration::from_secs(60));

fn allowed(verdicts: &[Verdict]) -> usize {
    verdicts.iter().filter(|verdict| verdict.is_allowed()).count()
}

async fn hit(limiter: &RedisLimiter, key: &str, limit: Limit) -> Verdict {
    // The clocks of nodes differ; the server's counts.
    limiter.hit(&[Ask::new(key, limit)], 0).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_count_on_one_counter() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let nodes = [(); 2].map(|()| Arc::new(RedisLimiter::new(server.redis())));
    for round in 0..20 {
        let key = format!("1.2.3.4|/sign-in/{round}");
        let verdicts = auth_testkit::race(50, |at| {
            let (node, key) = (nodes[at % 2].clone(), key.clone());
            async move { hit(&node, &key, MINUTE).await }
        })
        .await;
        assert_eq!(allowed(&verdicts), 10, "{verdicts:?}");
    }
    let Verdict::Refused { retry_after, .. } = hit(&nodes[0], "1.2.3.4|/sign-in/0", MINUTE).await else {
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
    let limiter = RedisLimiter::new(server.redis());
    let limit = Limit::new(1, Duration::from_secs(1));
    assert!(hit(&limiter, "a", limit).await.is_allowed());
    assert_eq!(hit(&limiter, "a", limit).await, Verdict::Refused { by: 0, retry_after: 1 });
    until("the counter is gone", async || server.say("DBSIZE") == ":0").await;
    assert!(hit(&limiter, "a", limit).await.is_allowed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_counts_as_every_limiter_does() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    limiters::hold(&limiters::Subject::real(Arc::new(RedisLimiter::new(server.redis())))).await;
}

#[tokio::test]
async fn many_counters_are_one_command() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let limiter = RedisLimiter::new(server.redis());
    assert!(hit(&limiter, "first", MINUTE).await.is_allowed());
    let before = server.calls("evalsha");
    let asked = ["a", "b", "c"].map(|key| Ask::new(key, MINUTE));
    assert!(limiter.hit(&asked, 0).await.unwrap().is_allowed());
    assert_eq!(server.calls("evalsha") - before, 1);
}

#[tokio::test]
async fn it_says_so_where_it_cannot_count() {
    if !is_there() {
        return;
    }
    let mut server = Server::start(&[]);
    let limiter = RedisLimiter::new(server.redis());
    let ask = [Ask::new("a", MINUTE)];
    // Somebody has put something else in the place of a counter.
    assert_eq!(server.say("SET tessera:limit:ca978112ca1bbdcafac231b39a23dc4d text"), "+OK");
    assert!(limiter.hit(&ask, 0).await.is_err());
    server.say("FLUSHALL");
    assert!(limiter.hit(&ask, 0).await.is_ok());
    server.kill();
    assert!(limiter.hit(&ask, 0).await.is_err());
    server.go_on();
    until("requests are counted in Redis again", async || limiter.hit(&ask, 0).await.is_ok()).await;
}
