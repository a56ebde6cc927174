//! Too much at once, and neighbours that hang: what is not concerned goes on.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use crate::support::{Folder, Server, ask, free_address};

const PLAIN: &str = "[passwords]\nmemory_kib = 64\niterations = 1\n";

fn folder(more: &str) -> Folder {
    let folder = Folder::new();
    folder.write("tessera.toml", &format!("{PLAIN}{more}"));
    folder
}

fn sign_up(server: &Server, name: &str) -> String {
    let body = format!(r#"{{"name":"{name}","email":"{name}@example.com","password":"Correct-Horse-42"}}"#);
    let answer = server.send("POST /api/auth/sign-up/email", &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

fn session(answer: &str) -> String {
    let cookie = answer.split("set-cookie: ").find(|line| line.contains("session_token=")).unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// A port where connections are taken and nothing is ever said.
fn silence() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

// Case 296.
#[test]
fn a_thousand_requests_for_one_connection_end_in_time_and_block_nothing() {
    let folder = folder(
        "[rate_limit]\nenabled = false\n[mail]\ntransport = \"file\"\noutbox = \"none\"\n[database]\nmax_connections = 1\nacquire_timeout_ms = 50\n",
    );
    let server = folder.serve(&[]);
    let cookie = session(&sign_up(&server, "ada"));
    let start = |at: usize| {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let (head, body) = match at % 2 {
            0 => ("GET /api/auth/list-sessions", String::new()),
            _ => ("POST /api/auth/update-user", format!(r#"{{"name":"ada {at}"}}"#)),
        };
        let host = &server.address;
        write!(
            stream,
            "{head} HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncookie: {cookie}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r",
            body.len()
        )
        .unwrap();
        (stream, format!("\n{body}"))
    };
    // All but the end of each head is sent, so that they all begin together.
    let mut waiting: Vec<_> = (0..1000).map(start).collect();
    let began = Instant::now();
    for (stream, rest) in &mut waiting {
        stream.write_all(rest.as_bytes()).unwrap();
    }
    let (mut done, mut refused) = (0, 0);
    for (mut stream, _) in waiting {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        if answer.starts_with("HTTP/1.1 200") {
            done += 1;
        } else {
            assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: "), "{answer}");
            refused += 1;
        }
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?} for {done} answers and {refused} refusals");
    assert!(done > 0 && refused > 0, "{done} answers and {refused} refusals in {took:?}");
    // One after the other, everything works as before.
    for head in ["GET /api/auth/list-sessions", "POST /api/auth/sign-out"] {
        let answer = server.send_as(&cookie, head, if head.starts_with("POST") { "{}" } else { "" });
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

/// Time on all cores since the process began.
fn cpu(server: &Server) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let ticks = stat.rsplit_once(')').unwrap().1.split_whitespace().skip(11).take(2);
    Duration::from_millis(10 * ticks.map(|field| field.parse::<u64>().unwrap()).sum::<u64>())
}

// Case 305.
#[test]
fn without_file_descriptors_nothing_spins_and_who_is_in_is_served() {
    let folder = folder("[mail]\ntransport = \"file\"\noutbox = \"none\"\n");
    let server = folder.serve_with_descriptors(64, &[]);
    let cookie = session(&sign_up(&server, "ada"));
    let mut first = TcpStream::connect(&server.address).unwrap();
    first.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut ask_first = || {
        write!(first, "GET /api/auth/list-sessions HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\n\r\n").unwrap();
        // A list in JSON ends with `]`, and nothing else in the answer does.
        let mut answer = Vec::new();
        while answer.last() != Some(&b']') {
            let mut byte = [0];
            first.read_exact(&mut byte).unwrap_or_else(|error| {
                panic!("{error} after {}", String::from_utf8_lossy(&answer));
            });
            answer.push(byte[0]);
        }
        String::from_utf8(answer).unwrap()
    };
    assert!(ask_first().starts_with("HTTP/1.1 200"));

    // The system takes connections on behalf of a server that has no descriptors left for them.
    let mut crowd: Vec<_> = (0..150).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    thread::sleep(Duration::from_millis(300));
    let open = fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap().count();
    assert!(open >= 63, "{open} descriptors are open: nothing was exhausted");
    let mut late = crowd.pop().unwrap();
    late.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    late.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let silent = late.read(&mut [0; 16]).unwrap_err().kind();
    assert!(matches!(silent, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{silent:?}");

    let (before, began) = (cpu(&server), Instant::now());
    thread::sleep(Duration::from_secs(2));
    let (used, passed) = (cpu(&server).checked_sub(before).unwrap(), began.elapsed());
    assert!(used < passed / 5, "it spins: {used:?} of {passed:?}");
    assert!(ask_first().starts_with("HTTP/1.1 200"), "who is in is served");

    drop(crowd);
    late.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut answer = [0; 12];
    late.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200", "who waited is answered");
    sign_up(&server, "grace");
    server.signal("TERM");
    let (code, _, err) = server.end();
    assert_eq!(code, Some(0), "{err}");
    let said = err.lines().filter(|line| line.contains("no connection can be accepted")).count();
    assert!((1..50).contains(&said), "{said} lines about it: {err}");
}

/// The time that a round of everyday requests takes.
fn everyday(server: &Server, name: &str) -> Duration {
    let began = Instant::now();
    let cookie = session(&sign_up(server, name));
    for _ in 0..10 {
        for head in ["GET /api/auth/get-session", "GET /api/auth/list-sessions"] {
            let answer = server.send_as(&cookie, head, "");
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }
    began.elapsed()
}

fn figure(metrics: &str, name: &str) -> Option<f64> {
    let page = ask(metrics, "GET /metrics", "", "");
    page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// Waits until a figure is as wished.
fn until(metrics: &str, name: &str, wanted: f64) {
    let began = Instant::now();
    while figure(metrics, name) != Some(wanted) {
        assert!(began.elapsed() < Duration::from_secs(20), "{name} is {:?}", figure(metrics, name));
        thread::sleep(Duration::from_millis(50));
    }
}

// Case 302.
#[test]
fn a_mail_server_that_hangs_takes_nobody_else() {
    let (_held, mail) = silence();
    let metrics = free_address();
    let folder = folder(&format!(
        "[rate_limit]\nenabled = false\n[mail]\ntransport = \"smtp\"\nfrom = \"a@example.com\"\nconnect_timeout_ms = 300\n\
         [mail.smtp]\nurl = \"smtp://{mail}?tls=none\"\n[metrics]\nlisten = \"{metrics}\"\n\
         [plugins.email-password]\nsend_on_sign_up = true\n"
    ));
    let server = folder.serve(&[]);
    let open = "circuit_state{dependency=\"smtp\"}";
    assert_eq!(figure(&metrics, open), Some(0.0));
    for at in 0..20 {
        let took = everyday(&server, &format!("u{at}"));
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
    until(&metrics, open, 2.0);
    assert_eq!(figure(&metrics, "mail_outbox_waiting"), Some(20.0), "letters wait");
    until(&metrics, "dependency_up{dependency=\"mail\"}", 0.0);
    let health = server.send("GET /health", "");
    assert!(health.starts_with("HTTP/1.1 200") && health.contains(r#""mail":"degraded""#), "{health}");
}

#[test]
fn a_redis_that_hangs_takes_nobody_else() {
    let (_held, redis) = silence();
    let metrics = free_address();
    let folder = folder(&format!(
        "[rate_limit]\nstorage = \"redis\"\n[mail]\ntransport = \"file\"\noutbox = \"none\"\n[redis]\nurl = \"redis://{redis}\"\n\
         [metrics]\nlisten = \"{metrics}\"\n"
    ));
    let server = folder.serve(&[]);
    // The first ones pay for finding out, each at most once the time limit of a command.
    everyday(&server, "first");
    let slow = everyday(&server, "second");
    assert!(slow < Duration::from_secs(5), "{slow:?}");
    assert_ne!(figure(&metrics, "circuit_state{dependency=\"redis\"}"), Some(0.0));
    assert!(server.send("GET /health", "").contains(r#""redis":"degraded""#));
}

#[test]
fn open_sockets_are_no_requests_that_are_worked_on() {
    let metrics = free_address();
    let folder = folder(&format!("[plugins.realtime]\nenabled = true\n[metrics]\nlisten = \"{metrics}\"\n"));
    let server = folder.serve(&["--set", "server.max_requests=1"]);
    let cookie = session(&sign_up(&server, "ada"));
    let socket = || {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let host = &server.address;
        write!(
            stream,
            "GET /api/auth/ws HTTP/1.1\r\nhost: {host}\r\norigin: http://{host}\r\ncookie: {cookie}\r\n\
             connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        .unwrap();
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).unwrap();
        assert_eq!(String::from_utf8_lossy(&begin), "HTTP/1.1 101");
        stream
    };
    let _open = [socket(), socket(), socket()];
    assert!(server.send_as(&cookie, "GET /api/auth/get-session", "").starts_with("HTTP/1.1 200"));
    assert_eq!(figure(&metrics, "http_requests_in_flight"), Some(0.0));
    assert_eq!(figure(&metrics, "http_requests_shed_total"), Some(0.0));
}
