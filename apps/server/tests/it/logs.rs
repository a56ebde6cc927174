//! What is in the log, and what must not be.

use std::{io::Read, process::Stdio};

use serde_json::Value;

use crate::support::{Folder, Server};

fn json(answer: &str) -> Value {
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} in {value}"))
        .to_owned()
}

/// The name and the value of a cookie that an answer sets.
fn cookie(answer: &str, name: &str) -> String {
    let line = answer.lines().find(|line| line.starts_with("set-cookie:") && line.contains(name));
    line.unwrap_or_else(|| panic!("{answer}"))["set-cookie: ".len()..].split(';').next().unwrap().to_owned()
}

fn ok(answer: String) -> String {
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
}

/// A journey with every kind of secret. Gives them by name.
fn journey(folder: &Folder, server: &Server) -> Vec<(&'static str, String)> {
    let account =
        |password: &str| format!(r#"{{"name":"Ada","email":"ada@example.com","password":"{password}"}}"#);
    let mut secrets = vec![
        ("server secret", folder.read("data/secret").trim().to_owned()),
        ("password", "Patient-Mule-4242".to_owned()),
        ("wrong password", "Wrong-Horse-4711".to_owned()),
        ("new password", "Better-Horse-43".to_owned()),
    ];
    let mut keep = |name: &'static str, secret: String| {
        assert!(secret.len() >= 16, "{name}: {secret}");
        secrets.push((name, secret));
    };
    let post =
        |path: &str, headers: &str, body: &str| server.ask(&format!("POST /api/auth{path}"), headers, body);
    let up = ok(post("/sign-up/email", "", &account("Patient-Mule-4242")));
    keep("first session", text(&json(&up), "/token"));
    assert!(post("/sign-in/email", "", &account("Wrong-Horse-4711")).starts_with("HTTP/1.1 401"));
    let signed_in = ok(post("/sign-in/email", "", &account("Patient-Mule-4242")));
    let session = cookie(&signed_in, "session_token");
    keep("session", text(&json(&signed_in), "/token"));
    keep("session cookie", session.split_once('=').unwrap().1.to_owned());
    let with_cookie = format!("cookie: {session}\r\n");

    let signed = ok(server.ask("GET /api/auth/token", &with_cookie, ""));
    keep("signed token", text(&json(&signed), "/token"));
    let key = ok(post("/api-key/create", &with_cookie, r#"{"name":"robot"}"#));
    let key = text(&json(&key), "/key");
    keep("api key", key.clone());
    drop(server.ask("GET /api/auth/get-session", &format!("x-api-key: {key}\r\n"), ""));
    drop(post("/api-key/report-leak", "", &format!(r#"{{"key":"{key}"}}"#)));

    // The cookie of the session ends here.
    let pair = ok(post("/token/pair", &with_cookie, "{}"));
    let pair = json(&pair);
    let refresh = pair.pointer("/refreshToken").or(pair.pointer("/refresh_token")).and_then(Value::as_str);
    let refresh = refresh.unwrap_or_else(|| panic!("{pair}")).to_owned();
    keep("refresh token", refresh.clone());
    let refreshed = post("/token/refresh", "", &format!(r#"{{"refreshToken":"{refresh}"}}"#));
    assert!(refreshed.starts_with("HTTP/1.1 200"), "{refreshed}");
    // Once more: it ends the session, and that is a matter of security.
    drop(post("/token/refresh", "", &format!(r#"{{"refreshToken":"{refresh}"}}"#)));

    ok(post("/request-password-reset", "", r#"{"email":"ada@example.com","redirectTo":"/reset"}"#));
    let outbox = folder.read("outbox.jsonl");
    let link = outbox.lines().last().unwrap().split("/reset-password/").nth(1).unwrap();
    let token = link.split(['?', '"', '\\']).next().unwrap().to_owned();
    keep("reset token", token.clone());
    drop(server.ask(&format!("GET /api/auth/reset-password/{token}?callbackURL=/reset"), "", ""));
    let reset = format!(r#"{{"newPassword":"Better-Horse-43","token":"{token}"}}"#);
    ok(post("/reset-password", "", &reset));
    secrets
}

/// The file of a kind, of which there is one today.
fn file(folder: &Folder, kind: &str) -> String {
    let names = std::fs::read_dir(folder.path("logs")).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = names.find(|name| name.starts_with(&format!("{kind}."))).unwrap();
    folder.read(&format!("logs/{name}"))
}

const EVERYTHING: &[&str] = &[
    "mail.transport=file",
    "mail.outbox=outbox.jsonl",
    "log.dir=logs",
    "plugins.jwt.enabled=true",
    "plugins.bearer.enabled=true",
    "plugins.api-key.enabled=true",
    "plugins.email-password.enabled=true",
    "passwords.iterations=1",
    "passwords.memory_kib=64",
];

/// The log of a whole journey at the most talkative level, and the secrets it used.
fn log_of_a_journey(format: &str) -> (String, Vec<(&'static str, String)>) {
    let folder = Folder::new();
    let format = format!("log.format={format}");
    let sets = EVERYTHING.iter().copied().chain([format.as_str()]).flat_map(|set| ["--set", set]);
    let server = folder.serve_with(&sets.collect::<Vec<_>>(), &[("TESSERA_LOG", "trace")]);
    let secrets = journey(&folder, &server);
    server.signal("TERM");
    let (code, out, err) = server.end();
    assert_eq!(code, Some(0), "{err}");
    let combined = file(&folder, "combined");
    assert!(combined.lines().count() > 100, "{combined}");
    (format!("{out}{err}{combined}{}", file(&folder, "error")), secrets)
}

// Case 265.
#[test]
fn no_secret_of_a_journey_is_in_the_log_at_any_level() {
    for format in ["text", "json"] {
        let (log, secrets) = log_of_a_journey(format);
        assert!(log.contains("DEBUG") || log.contains("\"debug\""), "the log is not talkative");
        assert!(log.contains("wrong password") && log.contains("token.reused"), "{log}");
        for (name, secret) in &secrets {
            let line = log.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "the {name} is in the log: {}", line.unwrap_or_default());
        }
        assert!(!log.contains("$argon2id$"), "a hash is in the log");
    }
}

#[test]
fn a_json_line_says_who_wrote_it_and_for_which_request() {
    let folder = Folder::new();
    let sets = ["--set", "log.format=json", "--set", "app_name=My Great App"];
    let server = folder.serve_with(&sets, &[("LOG_LEVEL", "info")]);
    let wrong = r#"{"email":"nobody@example.com","password":"not the password"}"#;
    let answer = server.send("POST /api/auth/sign-in/email", wrong);
    let trace = answer.lines().find_map(|line| line.strip_prefix("x-trace-id: ")).unwrap().to_owned();
    server.signal("TERM");
    let (_, _, err) = server.end();
    let lines: Vec<Value> = err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["eventType"] == "SECURITY").unwrap_or_else(|| panic!("{err}"));
    for (key, value) in [
        ("level", "warn"),
        ("service", "my-great-app"),
        ("version", env!("CARGO_PKG_VERSION")),
        ("environment", "development"),
        ("traceId", trace.as_str()),
        ("event", "session.sign_in_failed"),
        ("ip", "127.0.0.1"),
    ] {
        assert_eq!(line[key], value, "{key} in {line}");
    }
    assert_eq!(line["riskScore"], 30);
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    assert!(!err.contains("nobody@example.com"), "{err}");
}

#[test]
fn files_hold_what_standard_error_has_and_what_went_wrong_once_more() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    std::fs::create_dir(folder.path("logs")).unwrap();
    for day in 1..=20 {
        folder.write(&format!("logs/combined.2020-01-{day:02}.log"), "old");
    }
    folder.write("logs/of-somebody-else.log", "kept");
    let server = folder.serve(&["--set", "log.dir=logs", "--set", "log.files=3"]);
    let wrong = r#"{"email":"nobody@example.com","password":"not the password"}"#;
    drop(server.send("POST /api/auth/sign-in/email", wrong));
    server.signal("TERM");
    let (code, _, err) = server.end();
    assert_eq!(code, Some(0), "{err}");
    let lines =
        |text: &str| -> Vec<Value> { text.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let names = std::fs::read_dir(folder.path("logs")).unwrap().count();
    assert_eq!(names, 3 + 1 + 1, "old files are removed, others are not touched");
    folder.read("logs/of-somebody-else.log");
    let today = std::fs::read_dir(folder.path("logs")).unwrap();
    let mut today = today.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let today = today.find(|name| name.starts_with("combined.") && !name.contains(".2020-")).unwrap();
    let combined = lines(&folder.read(&format!("logs/{today}")));
    assert_eq!(combined.len(), err.lines().count(), "{err}");
    assert!(combined.iter().any(|line| line["event"] == "session.sign_in_failed"), "{combined:?}");
    let errors = lines(&file(&folder, "error"));
    assert!(errors.iter().all(|line| line["level"] == "error"), "{errors:?}");

    // What cannot be written is said before anything begins.
    folder.write("taken", "");
    let outcome = folder.run(&["--set", "server.port=0", "--set", "log.dir=taken"]);
    assert!(outcome.code == 1 && outcome.err.contains("cannot write to taken (log.dir)"), "{outcome:?}");
    drop(folder.serve(&["--set", "log.dir=fresh"]));
    let mode = std::fs::metadata(folder.path("fresh")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "logs name addresses");
}

#[test]
fn the_environment_sets_the_level_and_ours_wins() {
    let level = |variables: &[(&str, &str)]| {
        let folder = Folder::new();
        let mut command = folder.command(&["--set", "server.port=0"]);
        command.env_remove("LOG_LEVEL").envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut begin = [0; 8];
        child.stdout.as_mut().unwrap().read_exact(&mut begin).unwrap();
        child.kill().unwrap();
        let log = child.wait_with_output().unwrap().stderr;
        String::from_utf8(log).unwrap().contains("DEBUG")
    };
    assert!(!level(&[]));
    assert!(level(&[("LOG_LEVEL", "debug")]));
    assert!(!level(&[("LOG_LEVEL", "debug"), ("TESSERA_LOG", "error")]));
    assert!(level(&[("LOG_LEVEL", "error"), ("TESSERA_LOG", "debug")]));
}
