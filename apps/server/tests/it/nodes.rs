//! Several servers that share a database and a Redis.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

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
        assert!((800..=990).contains(&wait), "{wait} seconds of the 15 minutes and a tenth");
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

/// What a proxy does with a request that changes nothing: a node that does not take it is passed over.
/// `None` where an answer was begun and not finished.
fn through_a_proxy(nodes: &[String], first: usize) -> Option<String> {
    for at in 0..nodes.len() {
        let node = &nodes[(first + at) % nodes.len()];
        let Ok(mut stream) = TcpStream::connect(node) else { continue };
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let request = format!("GET /api/auth/ok HTTP/1.1\r\nhost: {node}\r\nconnection: close\r\n\r\n");
        if stream.write_all(request.as_bytes()).is_err() {
            continue;
        }
        let mut answer = String::new();
        let whole = stream.read_to_string(&mut answer).is_ok();
        if answer.is_empty() {
            continue;
        }
        return (whole && answer.contains("\"ok\":true")).then_some(answer);
    }
    None
}

#[test]
fn nodes_are_restarted_one_by_one_and_no_request_is_lost() {
    let folder = Folder::new();
    // Both are held until both are known: two in a row may be the same.
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let ports = held.map(|listener| listener.local_addr().unwrap().port());
    let start = |at: usize| {
        let port = format!("server.port={}", ports[at]);
        folder.serve(&["--set", &port, "--set", "rate_limit.enabled=false"])
    };
    let mut nodes = [Some(start(0)), Some(start(1))];
    let addresses: Vec<String> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let (stop, lost, answered) = (AtomicBool::new(false), AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for client in 0..4 {
            let (stop, lost, answered, addresses) = (&stop, &lost, &answered, &addresses);
            scope.spawn(move || {
                let mut turn = client;
                while !stop.load(Ordering::Relaxed) {
                    match through_a_proxy(addresses, turn) {
                        Some(_) => answered.fetch_add(1, Ordering::Relaxed),
                        None => lost.fetch_add(1, Ordering::Relaxed),
                    };
                    turn += 1;
                }
            });
        }
        for round in 0..6 {
            let at = round % 2;
            let node = nodes[at].take().unwrap();
            node.signal("TERM");
            let (code, _, err) = node.end();
            assert_eq!(code, Some(0), "{err}");
            nodes[at] = Some(start(at));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let (answered, lost) = (answered.into_inner(), lost.into_inner());
    assert_eq!(lost, 0, "of {answered}");
    assert!(answered > 100, "{answered}");
}

#[test]
fn health_says_whether_the_server_is_ready() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let port = format!("server.port={}", server.address.rsplit(':').next().unwrap());
    assert_eq!(folder.run(&["--set", &port, "health"]).ok(), "ready\n");
    // What listens on every address is asked at this machine's own.
    assert_eq!(folder.run(&["--set", &port, "--set", "server.host=0.0.0.0", "health"]).ok(), "ready\n");
    drop(server);
    let outcome = folder.run(&["--set", &port, "health"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("nobody listens on 127.0.0.1:"), "{outcome:?}");
}

#[test]
fn a_session_that_ends_on_one_node_is_refused_by_the_other() {
    let Some([url, prefix]) = redis() else { return };
    let folder = Folder::new();
    // Nothing but word of the other node makes this one forget while the test runs.
    let long = ["plugins.session.memory.session_ttl=3600", "plugins.session.memory.user_ttl=3600"];
    let settings = [url.as_str(), prefix.as_str(), long[0], long[1], "rate_limit.enabled=false"];
    let arguments: Vec<&str> = settings.iter().flat_map(|setting| ["--set", setting]).collect();
    let nodes = [(); 2].map(|()| folder.serve(&arguments));
    let body = r#"{"email":"ada@example.com","password":"Correct horse 1!","name":"Ada"}"#;
    let answer = nodes[0].send("POST /api/auth/sign-up/email", body);
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: ").filter(|c| c.contains("session_token=")));
    let cookie = cookie.unwrap().split(';').next().unwrap();
    let origin = format!("origin: http://{}", nodes[0].address);
    let ask = |node: &Server| {
        node.send(&format!("GET /api/auth/get-session HTTP/1.1\r\ncookie: {cookie}\r\nx-rest:"), "")
    };
    for node in &nodes {
        assert!(ask(node).contains("ada@example.com"));
    }
    let sign_out = format!("POST /api/auth/sign-out HTTP/1.1\r\ncookie: {cookie}\r\n{origin}\r\nx-rest:");
    assert!(nodes[0].send(&sign_out, "{}").starts_with("HTTP/1.1 200"));
    for _ in 0..500 {
        if !ask(&nodes[1]).contains("ada@example.com") {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the other node still answers");
}
