//! Several servers that share a database and a Redis.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::{Folder, Server, free_address};

/// The Redis of the test run, with names of this test's own. `cargo xtask test` starts one.
fn redis() -> Option<[String; 2]> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(url) = std::env::var("TESSERA_TEST_REDIS") else {
        eprintln!("skipped: TESSERA_TEST_REDIS is not set");
        return None;
    };
    let prefix = format!("test-{}-{}:", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    Some([format!("redis.url={url}"), format!("redis.prefix={prefix}")])
}

/// An address where nobody listens.
pub(crate) fn nowhere() -> String {
    format!("redis.url=redis://:geheim@{}/0", free_address())
}

fn attempt(server: &Server) -> String {
    let body = r#"{"email":"nobody@example.com","password":"not the password"}"#;
    server.send("POST /api/auth/sign-in/email", body)
}

#[test]
fn the_sixth_sign_in_is_refused_on_whichever_node() {
    let Some([url, prefix]) = redis() else { return };
    let folder = Folder::new();
    let nodes = [(); 2].map(|()| folder.serve(&["--set", &url, "--set", &prefix]));
    for at in 0..5 {
        let answer = attempt(&nodes[at % 2]);
        assert!(answer.starts_with("HTTP/1.1 401"), "{at}: {answer}");
    }
    for node in &nodes {
        let answer = attempt(node);
        assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
        let wait = answer.split("\r\nretry-after: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let wait: u32 = wait.parse().unwrap();
        assert!((800..=900).contains(&wait), "{wait} seconds of the 15 minutes");
    }
}

#[test]
fn a_redis_that_is_away_keeps_no_server_from_its_work() {
    let folder = Folder::new();
    let server = folder.serve(&["--set", &nowhere()]);
    for at in 0..5 {
        let answer = attempt(&server);
        assert!(answer.starts_with("HTTP/1.1 401"), "{at}: {answer}");
    }
    assert!(attempt(&server).starts_with("HTTP/1.1 429"), "counted in memory");
    server.signal("TERM");
    let (code, out, err) = server.end();
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("Redis is away"), "{err}");
    assert!(!format!("{out}{err}").contains("geheim"), "{err}");
}

#[test]
fn doctor_says_whether_redis_answers() {
    let folder = Folder::new();
    let outcome = folder.run(&["--set", &nowhere(), "doctor"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.out.contains("fail redis: redis://:***@127.0.0.1:"), "{outcome:?}");
    assert!(!outcome.out.contains("geheim"));
    let Some([url, _]) = redis() else { return };
    assert!(folder.run(&["--set", &url, "doctor"]).ok().contains("ok   redis: redis://127.0.0.1:"));
}

#[test]
fn counting_in_redis_needs_one() {
    let outcome = Folder::new().run(&["--set", "rate_limit.storage=redis"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("rate_limit.storage: is redis, but redis.url is not set"), "{outcome:?}");
    let outcome = Folder::new().run(&["--set", "redis.url=localhost"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("redis.url") && outcome.err.contains("redis://host:6379/0"), "{outcome:?}");
}
