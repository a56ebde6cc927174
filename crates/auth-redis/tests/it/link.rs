//! Redis that is away, slow, or wants another password.

use auth_core::breaker::Circuit;
use auth_redis::{Away, Redis, RedisConfig};

use crate::{
    server::{Server, is_there},
    until,
};

#[tokio::test]
async fn a_server_that_goes_and_comes_back_is_found_again() {
    if !is_there() {
        return;
    }
    let mut server = Server::start(&[]);
    let redis = server.redis();
    redis.ping().await.unwrap();
    server.kill();
    let mut rested = false;
    for _ in 0..20 {
        rested |= matches!(redis.ping().await.unwrap_err(), Away::Resting);
    }
    assert!(rested, "the circuit has opened");
    server.go_on();
    until("it answers again", async || redis.ping().await.is_ok()).await;
}

#[tokio::test]
async fn a_slow_server_is_not_waited_for() {
    if !is_there() {
        return;
    }
    let server = Server::start(&["--enable-debug-command", "yes"]);
    let config = RedisConfig { timeout_ms: 50, connections: 1, ..server.config() };
    let redis = Redis::new(config).unwrap();
    redis.ping().await.unwrap();
    let asleep = std::thread::spawn({
        let port = server.port;
        move || {
            use std::io::{Read, Write};
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream.write_all(b"DEBUG SLEEP 1\r\n").unwrap();
            stream.read(&mut [0; 16]).unwrap()
        }
    });
    until("it is too slow", async || matches!(redis.ping().await, Err(Away::TooSlow))).await;
    asleep.join().unwrap();
    until("it answers again", async || redis.ping().await.is_ok()).await;
}

#[tokio::test]
async fn a_server_that_wants_a_password_from_now_on_is_left_alone() {
    if !is_there() {
        return;
    }
    let server = Server::start(&[]);
    let redis = server.redis();
    redis.ping().await.unwrap();
    server.say("CONFIG SET requirepass another");
    assert_eq!(redis.circuit(), Circuit::Closed);
    // Connections that are open stay good; new ones are not.
    server.say("AUTH another\r\nCLIENT KILL TYPE normal SKIPME yes");
    until("the circuit opens", async || {
        drop(redis.ping().await);
        redis.circuit() == Circuit::Open
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_is_said_without_saying_it() {
    if !is_there() {
        return;
    }
    let server = Server::start(&["--requirepass", "right"]);
    let with = |password: &str| {
        let url = format!("redis://:{password}@127.0.0.1:{}/0", server.port);
        Redis::new(RedisConfig { url, ..RedisConfig::default() }).unwrap()
    };
    with("right").ping().await.unwrap();
    let away = with("geheim").ping().await.unwrap_err();
    let text = format!("{away} {away:?}");
    assert!(text.contains("WRONGPASS") || text.contains("AuthenticationFailed"), "{text}");
    assert!(!text.contains("geheim"), "{text}");
}
