//! Traces, at a collector that is a socket.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::support::Folder;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// Takes requests; gives its address, and their first lines and bodies.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (sender, received) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            reader.read_line(&mut head).unwrap();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(given) = line.to_lowercase().strip_prefix("content-length:") {
                    length = given.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            drop(write!(
                reader.get_mut(),
                "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            ));
            drop(sender.send((head, body)));
        }
    });
    (address, received)
}

fn holds(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

/// What a collector gets of one person who signs up. Gives the trace id and the user's id too.
fn sent(people: bool) -> (Vec<u8>, String, String) {
    let (address, received) = collector();
    let folder = Folder::new();
    let endpoint = format!("traces.endpoint=http://{address}/v1/traces");
    let people = format!("traces.people={people}");
    let server = folder.serve(&[
        "--set",
        &endpoint,
        "--set",
        &people,
        "--set",
        "app_name=My Great App",
        "--set",
        "ip.trusted_proxies=[127.0.0.1]",
    ]);
    let ada = r#"{"name":"Ada","email":"ada@example.com","password":"Patient-Mule-4242"}"#;
    let up = server.send("POST /api/auth/sign-up/email", ada);
    let id = up.split("\"id\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut set = up.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = set.find(|cookie| cookie.contains("session_token=")).unwrap();
    let cookie = format!("cookie: {}\r\n", cookie.split(';').next().unwrap());
    // The test is a proxy that is believed.
    let parent = format!("{cookie}traceparent: 00-{TRACE}-{PARENT}-01\r\n");
    let answer = server.ask("GET /api/auth/get-session", &parent, "");
    assert!(answer.contains(&id), "{answer}");
    assert!(answer.contains(TRACE), "{answer}");
    let trace = up.lines().find_map(|line| line.strip_prefix("x-trace-id: ")).unwrap().to_owned();
    server.signal("TERM");
    let (code, _, err) = server.end();
    assert_eq!(code, Some(0), "{err}");
    let (head, mut body) = received.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(head.starts_with("POST /v1/traces "), "{head}");
    while let Ok((_, more)) = received.try_recv() {
        body.extend(more);
    }
    assert!(!holds(&body, b"Patient-Mule-4242") && !holds(&body, b"ada@example.com"));
    (body, trace, id)
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn a_collector_gets_the_requests_spans_and_nothing_of_people() {
    let (body, trace, user) = sent(false);
    for part in ["POST /api/auth/sign-up/email", "GET /api/auth/get-session", "my-great-app"] {
        assert!(holds(&body, part.as_bytes()), "{part}");
    }
    for id in [trace.as_str(), TRACE, PARENT] {
        assert!(holds(&body, &bytes(id)), "{id}");
    }
    assert!(!holds(&body, b"parent.id"));
    assert!(!holds(&body, user.as_bytes()) && !holds(&body, b"user.id"));
}

#[test]
fn an_operator_who_may_gets_ids_of_people() {
    let (body, _, user) = sent(true);
    assert!(holds(&body, b"user.id") && holds(&body, user.as_bytes()));
}

#[test]
fn a_collector_that_is_away_keeps_no_server_from_its_work() {
    let folder = Folder::new();
    let endpoint = format!("traces.endpoint=http://{}/v1/traces", crate::support::free_address());
    let server = folder.serve(&["--set", &endpoint]);
    assert!(server.send("GET /api/auth/ok", "").starts_with("HTTP/1.1 200"));
    server.signal("TERM");
    assert_eq!(server.end().0, Some(0));
}
