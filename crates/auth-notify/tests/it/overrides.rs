//! The operator's own templates.

use auth_core::ports::Message;
use auth_notify::{Letter, Templates};

use crate::support::{Folder, letter};

fn problem(files: &[(&str, &str)]) -> String {
    let folder = Folder::new();
    for (name, text) in files {
        folder.write(name, text);
    }
    let Err(problems) = Templates::load("Acme", Some(folder.path())) else { panic!("{files:?} passed") };
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].to_string().replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn files_replace_built_in_ones_by_name() {
    let folder = Folder::new();
    folder
        .write("verify-email.txt", "Subject: {{ app_name }}: bitte bestätigen\r\n\r\n{{ url }}\r\n")
        .write("layout.html", "<h1>{% block title %}{% endblock %}</h1>{% block body %}{% endblock %}")
        .write("introduction.txt", "Subject: Join {{ data.organization }}\nAs {{ data.role }}.")
        .write("email-otp.txt", "Subject: Code\n{{ data.otp }}")
        .write("email-otp-sign-in.txt", "Subject: Sign-in code\n{{ data.otp }}")
        .write(".hidden", "");
    let templates = Templates::load("Acme", Some(folder.path())).unwrap();
    let render = |message: &Message| templates.render(message).unwrap();
    let Letter { subject, text, html } = render(&letter("verify-email", "ada@example.com"));
    assert_eq!(subject, "Acme: bitte bestätigen");
    assert_eq!(text, "https://auth.example.com/api/auth/go?token=t0k3n&callbackURL=%2F\n");
    assert!(html.unwrap().starts_with("<h1>Confirm your email address for Acme</h1><p>Please"));
    let message = Message::new("introduction", "ada@example.com", "")
        .with("organization", "A\r\nBcc: eve@example.com")
        .with("role", "admin");
    let expected =
        Letter { subject: "Join A Bcc: eve@example.com".into(), text: "As admin.\n".into(), html: None };
    assert_eq!(render(&message), expected);
    let subject = |kind| render(&Message::new(kind, "ada@example.com", "")).subject;
    assert_eq!(subject("email-otp:sign-in"), "Sign-in code");
    assert_eq!(subject("email-otp:forget-password"), "Code");
    assert_eq!(subject("two-factor-otp"), "A message from Acme");
}

#[test]
fn broken_ones_are_named_with_file_and_line() {
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[("verify-email.txt", "Hello\n")], "verify-email.txt:1: the first line must be \"Subject: …\""),
        (&[("verify-email.txt", "Subject: {{ x\n")], "verify-email.txt:1: syntax error: "),
        (&[("verify-email.txt", "Subject: x\n\n{% if name %}\n")], "verify-email.txt:3: syntax error: "),
        (
            &[("verify-email.txt", "Subject: x\n\nHi\n{{ nmae }}\n")],
            "verify-email.txt:4: unknown variable \"nmae\"; known are app_name, name, url, token and data.*",
        ),
        (&[("layout.html", "<p>\n{{ name|shout }}\n")], "layout.html:2: unknown filter: "),
        (
            &[("verify-email.html", "\n{% extends \"base.html\" %}")],
            "verify-email.html:2: template not found: ",
        ),
        (&[("news.html", "<p>")], "news.html: needs news.txt beside it, with the subject"),
        (&[("readme.md", "")], "readme.md: not a template: names end in .txt or .html"),
        (&[("verify-email.txt", "Subject: x\n{{ 1 + name }}")], "verify-email.txt:2: invalid operation: "),
    ];
    for (files, expected) in cases {
        let found = problem(files);
        assert!(found.starts_with(expected), "{found:?} instead of {expected:?}");
    }
    let missing = Folder::new().path().join("missing");
    assert!(Templates::load("Acme", Some(&missing)).is_err());
}
