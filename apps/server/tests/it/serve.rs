//! The server from its first start to its end.

use std::{io::Read, os::unix::fs::PermissionsExt, thread, time::Duration};

use crate::support::{Folder, Server};

/// The command in the greeting, as its parts.
fn advice(greeting: &str, rest: &str) -> (String, String) {
    let text = format!("{greeting}{rest}");
    let path = text.split("/sign-up").nth(1).unwrap().split(' ').next().unwrap();
    let body = text.split("-d '").nth(1).unwrap().split('\'').next().unwrap();
    (format!("POST /api/auth/sign-up{path}"), body.to_owned())
}

#[test]
fn the_first_start_makes_everything_and_its_advice_works() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    assert!(server.greeting.starts_with("tessera 0.1.0\n"), "{}", server.greeting);
    assert!(server.greeting.contains("database  sqlite:data/tessera.sqlite"));
    assert!(server.greeting.contains("plugins   session, email-password, account"));
    let mode = |name: &str| std::fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/secret")), (0o700, 0o600));
    let secret = folder.read("data/secret");

    thread::sleep(Duration::from_millis(50));
    server.signal("TERM");
    let (greeting, address) = (server.greeting.clone(), server.address.clone());
    let (code, out, err) = server.end();
    assert_eq!(code, Some(0), "{err}");
    let lines = greeting.lines().count() + out.lines().count();
    assert!(lines <= 14, "{greeting}{out}");
    assert!(!format!("{greeting}{out}{err}").contains(secret.trim()));
    assert!(std::net::TcpStream::connect(address).is_err());

    let server = folder.serve(&[]);
    let (head, body) = advice(&server.greeting, &out);
    let answer = server.send(&head, &body);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("set-cookie"), "{answer}");
    assert_eq!(folder.read("data/secret"), secret);
}

#[test]
fn production_wants_a_secret_of_its_own() {
    let folder = Folder::new();
    let https = ["--set", "server.port=0", "--set", "base_url=https://auth.example.com"];
    let weak = "secret=change-me-change-me-change-me-change-me";
    let outcome = folder.run(&[&https[..], &["--set", weak]].concat());
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("secret: an https base_url is production"), "{outcome:?}");
    // One that was generated is good.
    drop(folder.run(&["init"]));
    let mut child = folder.command(&https).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut start = [0; 12];
    child.stdout.as_mut().unwrap().read_exact(&mut start).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(&start, b"tessera 0.1.");
}

#[test]
fn a_taken_port_is_named() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("server.port={}", taken.local_addr().unwrap().port());
    let outcome = folder.run(&["--set", &port]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.err.contains("cannot listen on 127.0.0.1:") && outcome.err.contains("another port"),
        "{outcome:?}"
    );
    assert!(!folder.path("data").exists(), "nothing is made by a start that fails");
}

#[test]
fn a_wrong_configuration_starts_nothing() {
    let folder = Folder::new();
    let outcome = folder.run(&["--set", "serv.port=1"]);
    assert_eq!(outcome.code, 2);
    assert!(!folder.path("data").exists());
}

#[test]
fn tables_are_not_made_against_the_operators_will() {
    let folder = Folder::new();
    let outcome = folder.run(&["--set", "server.port=0", "--set", "database.auto_migrate=false"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("tessera migrate up"), "{outcome:?}");
}

#[test]
fn a_request_that_runs_is_finished_before_the_end() {
    let folder = Folder::new();
    let server = folder.serve(&["--set", "passwords.iterations=30"]);
    let body = "{\"name\":\"Ada\",\"email\":\"ada@example.com\",\"password\":\"Correct-Horse-42\"}";
    let mut running = server.begin("POST /api/auth/sign-up/email", body);
    thread::sleep(Duration::from_millis(50));
    server.signal("TERM");
    let mut answer = String::new();
    running.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (code, _, err) = server.end();
    assert_eq!(code, Some(0), "{err}");
    assert!(folder.run(&["user", "list"]).ok().contains("ada@example.com"));
}

#[test]
fn limits_that_are_counted_in_the_database_outlive_the_server() {
    let folder = Folder::new();
    folder.write("tessera.toml", "[rate_limit]\nstorage = \"database\"\n");
    let body = "{\"email\":\"nobody@example.com\",\"password\":\"Correct-Horse-42\"}";
    let sign_in = |server: &Server| server.send("POST /api/auth/sign-in/email", body);
    let server = folder.serve(&[]);
    for _ in 0..5 {
        assert!(sign_in(&server).starts_with("HTTP/1.1 401"));
    }
    drop(server);
    let server = folder.serve(&[]);
    assert!(sign_in(&server).starts_with("HTTP/1.1 429"));
}
