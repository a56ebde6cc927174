//! Copies of the database, and putting them back.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Folder, Server};

const ADA: &str = r#"{"email":"ada@example.com","password":"Correct horse 1!","name":"Ada"}"#;
const BOB: &str = r#"{"email":"bob@example.com","password":"Correct horse 1!","name":"Bob"}"#;

fn sign_up(server: &Server, body: &str) -> String {
    let answer = server.send("POST /api/auth/sign-up/email", body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    cookie(&answer)
}

fn sign_in(server: &Server, body: &str) -> bool {
    server.send("POST /api/auth/sign-in/email", body).starts_with("HTTP/1.1 200")
}

fn cookie(answer: &str) -> String {
    let set = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let session = set.filter(|cookie| cookie.contains("session_token="));
    session.map(|cookie| cookie.split(';').next().unwrap().to_owned()).next().expect("a session")
}

fn is_signed_in(server: &Server, cookie: &str) -> bool {
    let head = "GET /api/auth/get-session?disableCookieCache=true";
    let answer = server.send(&format!("{head} HTTP/1.1\r\ncookie: {cookie}\r\nx-rest:"), "");
    answer.contains("ada@example.com")
}

fn stop(server: Server) {
    server.signal("TERM");
    let (code, _, err) = server.end();
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn a_copy_of_a_running_server_brings_everything_back_but_sessions() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let session = sign_up(&server, ADA);
    assert!(is_signed_in(&server, &session));
    let said = folder.run(&["backup", "copy.sqlite"]).ok();
    assert!(said.ends_with(" bytes in copy.sqlite\n"), "{said}");
    let mode = std::fs::metadata(folder.path("copy.sqlite")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    sign_up(&server, BOB);

    let outcome = folder.run(&["restore", "copy.sqlite"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("the database is in use: stop the server first"), "{outcome:?}");
    assert!(is_signed_in(&server, &session), "nothing has happened");
    stop(server);

    let said = folder.run(&["restore", "copy.sqlite"]).ok();
    assert!(said.contains("everybody has to sign in again"), "{said}");
    assert!(folder.path("data/tessera.sqlite.before-restore").is_file());
    let server = folder.serve(&[]);
    // Case 307.
    assert!(!is_signed_in(&server, &session), "a session from before the copy does not count");
    assert!(sign_in(&server, ADA));
    assert!(!sign_in(&server, BOB), "Bob came after the copy");
    stop(server);
    assert!(folder.run(&["doctor"]).ok().contains("ok   database"));
}

#[test]
fn what_is_there_is_not_written_over() {
    let folder = Folder::new();
    drop(folder.run(&["migrate", "up"]).ok());
    folder.write("copy.sqlite", "a letter");
    let outcome = folder.run(&["backup", "copy.sqlite"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("no backup in copy.sqlite"), "{outcome:?}");
    assert_eq!(folder.read("copy.sqlite"), "a letter");
    assert_eq!(folder.run(&["backup", "no/such/folder/copy"]).code, 1);
}

#[test]
fn what_is_no_copy_is_not_restored() {
    let folder = Folder::new();
    drop(folder.run(&["migrate", "up"]).ok());
    let before = std::fs::read(folder.path("data/tessera.sqlite")).unwrap();
    folder.write("letter", "a letter, long enough to look like something that could be a database");
    folder.write("empty", "");
    for (from, reason) in [
        ("letter", "damaged, or no SQLite database"),
        ("empty", "it is not of this server"),
        ("missing", "No such file"),
    ] {
        let outcome = folder.run(&["restore", from]);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.err.contains(reason), "{outcome:?}");
    }
    assert_eq!(std::fs::read(folder.path("data/tessera.sqlite")).unwrap(), before);
    assert!(!folder.path("data/tessera.sqlite.restoring").exists());
}

#[test]
fn everybody_can_be_signed_out() {
    let folder = Folder::new();
    let server = folder.serve(&[]);
    let (ada, _) = (sign_up(&server, ADA), sign_up(&server, BOB));
    stop(server);
    let said = folder.run(&["user", "sign-out-all"]).ok();
    assert_eq!(said, "2 sessions of 2 users were ended\n");
    let server = folder.serve(&[]);
    assert!(!is_signed_in(&server, &ada));
}
