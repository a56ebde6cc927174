//! `tessera user`.

use crate::support::Folder;

const PASSWORD: &str = "Correct-Horse-42";

#[test]
fn users_are_made_listed_and_given_passwords() {
    let folder = Folder::new();
    let create = ["user", "create", "--email", "Ada@Example.com", "--name", "Ada \u{1b}[2J", "--verified"];
    let made = folder.tell(&create, PASSWORD).ok();
    assert!(made.contains("ada@example.com"), "{made}");
    let twice = folder.tell(&create, PASSWORD);
    assert_eq!((twice.code, twice.err.contains("already")), (1, true), "{twice:?}");
    let weak = folder
        .tell(&["user", "create", "--email", "b@example.com", "--name", "B", "--password-stdin"], "short");
    assert_eq!((weak.code, weak.err.contains("at least 12")), (1, true), "{weak:?}");
    let listed = folder.run(&["user", "list"]).ok();
    assert!(listed.contains("verified    ada@example.com  Ada \\u{1b}[2J"), "{listed}");
    assert_eq!(listed.lines().count(), 1);

    let server = folder.serve(&[]);
    let sign_in = |password: &str| {
        let body = format!("{{\"email\":\"ada@example.com\",\"password\":\"{password}\"}}");
        server.send("POST /api/auth/sign-in/email", &body)
    };
    assert!(sign_in(PASSWORD).starts_with("HTTP/1.1 200"));
    let changed =
        folder.tell(&["user", "set-password", "--email", "ADA@example.com"], "Another-Horse-43").ok();
    assert!(changed.contains("1 sessions were ended"), "{changed}");
    assert!(sign_in(PASSWORD).starts_with("HTTP/1.1 401"));
    assert!(sign_in("Another-Horse-43").starts_with("HTTP/1.1 200"));
    let nobody = folder.tell(&["user", "set-password", "--email", "no@example.com"], PASSWORD);
    assert_eq!((nobody.code, nobody.err.contains("no user")), (1, true));
}

#[test]
fn passwords_are_no_arguments() {
    let folder = Folder::new();
    let outcome =
        folder.run(&["user", "create", "--email", "a@example.com", "--name", "A", "--password", PASSWORD]);
    assert_eq!(outcome.code, 2);
}

#[test]
fn second_factors_can_be_taken_away() {
    let folder = Folder::new();
    folder.tell(&["user", "create", "--email", "ada@example.com", "--name", "Ada"], PASSWORD).ok();
    let none = folder.run(&["user", "reset-factors", "ada@example.com"]);
    assert_eq!(
        (none.code, none.err.contains("no enabled plugin keeps second factors")),
        (1, true),
        "{none:?}"
    );
    folder.write(
        "tessera.toml",
        "[plugins.two-factor]\nenabled = true\n[mail]\ntransport = \"file\"\noutbox = \"outbox.jsonl\"\n",
    );
    let reset = |email: &str| folder.run(&["user", "reset-factors", email]);
    assert!(reset("ada@example.com").ok().contains("has no second factor"));
    assert_eq!(reset("no@example.com").code, 1);

    let server = folder.serve(&[]);
    let login = format!("{{\"email\":\"ada@example.com\",\"password\":\"{PASSWORD}\"}}");
    let sign_in = || server.send("POST /api/auth/sign-in/email", &login);
    let answer = sign_in();
    let mut cookies = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookies.find(|line| line.contains("session_token=")).unwrap().split(';').next().unwrap();
    let body = format!("{{\"password\":\"{PASSWORD}\",\"method\":\"otp\"}}");
    let enabled = server.send_as(cookie, "POST /api/auth/two-factor/enable", &body);
    assert!(enabled.starts_with("HTTP/1.1 200"), "{enabled}");
    assert!(sign_in().contains("twoFactorRedirect"));
    assert!(reset("ADA@example.com").ok().contains("was told by mail"));
    assert!(!sign_in().contains("twoFactorRedirect"));
    assert!(folder.read("outbox.jsonl").contains("two-factor-reset"));
}
