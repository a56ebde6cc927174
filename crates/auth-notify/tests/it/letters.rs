//! What the built-in letters look like, and that nobody's name can change them.

use auth_core::ports::Message;
use auth_notify::{Letter, Templates};

use crate::support::letter;

fn render(message: &Message) -> Letter {
    Templates::load("Acme", None).unwrap().render(message).unwrap()
}

fn invitation(organization: &str) -> Message {
    Message::new("invitation", "ada@example.com", "")
        .with("url", "https://app.example.com/accept-invitation/1")
        .with("organization", "example")
        .with("organizationName", organization)
        .with("inviter", "grace@example.com")
}

#[test]
fn golden() {
    let message = |kind| letter(kind, "ada@example.com");
    let letters = [
        message("verify-email"),
        message("reset-password"),
        message("change-email-confirmation").with("newEmail", "ada@new.example.com"),
        message("delete-account"),
        Message::new("existing-user-sign-up", "ada@example.com", "Ada Lovelace"),
        invitation("Example"),
        Message::new("generic", "ada@example.com", ""),
    ];
    for message in letters {
        let Letter { subject, text, html } = render(&message);
        let all = format!("Subject: {subject}\n\n{text}\n==========\n{}", html.unwrap());
        insta::assert_snapshot!(message.kind, all);
    }
}

#[test]
fn kinds_without_a_template_are_generic() {
    let text = |message: &Message| render(message).text;
    let code = Message::new("email-otp:sign-in", "ada@example.com", "Ada").with("otp", "123456");
    assert!(text(&code).contains("\n123456\n"));
    assert!(render(&code).html.unwrap().contains(">123456</p>"));
    assert!(text(&letter("magic-link", "ada@example.com")).contains("\nhttps://auth.example.com/"));
    assert!(text(&Message::new("news", "ada@example.com", "Ada")).contains("There is news"));
    let told = Message::new("news", "ada@example.com", "Ada").with("news", "A <key> was found.");
    assert!(text(&told).contains("\nA <key> was found.\n") && !text(&told).contains("There is news"));
    assert!(render(&told).html.unwrap().contains("<p>A &lt;key&gt; was found.</p>"));
}

/// Nothing that the software is built from is named, and nothing is loaded from elsewhere.
#[test]
fn letters_name_only_the_application() {
    for kind in ["verify-email", "reset-password", "change-email-confirmation", "delete-account", "x"] {
        let Letter { subject, text, html } = render(&letter(kind, "ada@example.com"));
        let all = format!("{subject}{text}{}", html.unwrap()).to_lowercase();
        assert!(all.contains("acme"));
        for foreign in
            ["tessera", "better auth", "better-auth", "<img", "<link", "<script", "@import", "url("]
        {
            assert!(!all.contains(foreign), "{foreign} in {kind}");
        }
        assert_eq!(all.matches("<a href").count(), 2);
    }
}

#[test]
fn names_are_data() {
    // Case 263.
    let corpus = [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("\"' onclick=x", "&quot;&#x27; onclick=x"),
        (
            "</bdi></p><a href=\"//e\">",
            "&lt;&#x2f;bdi&gt;&lt;&#x2f;p&gt;&lt;a href=&quot;&#x2f;&#x2f;e&quot;&gt;",
        ),
        ("{{7*7}}", "{{7*7}}"),
        ("${7*7}{% raw %}{# x #}", "${7*7}{% raw %}{# x #}"),
        ("{{ token }}", "{{ token }}"),
        ("a &amp; b", "a &amp;amp; b"),
        ("\u{202e}evil\u{2066}", "evil"),
        ("Ada\r\nBcc: eve@example.com\r\n\r\nhi", "Ada Bcc: eve@example.com hi"),
        ("Ada\u{0}\u{8}\u{1b}[2J", "Ada[2J"),
    ];
    for kind in ["verify-email", "generic"] {
        let plain = render(&letter(kind, "ada@example.com"));
        for (name, escaped) in corpus {
            let mut message = letter(kind, "ada@example.com");
            message.name = name.to_owned();
            let rendered = render(&message);
            assert_eq!(rendered.subject, plain.subject);
            assert_eq!(rendered.text.lines().count(), plain.text.lines().count(), "{name}");
            let html = rendered.html.unwrap();
            assert!(html.contains(&format!("<bdi>{escaped}</bdi>")), "{name}: {html}");
            let text = rendered.text.lines().next().unwrap();
            let unescaped =
                [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#x2f;", "/")]
                    .iter()
                    .fold(escaped.to_owned(), |text, (from, to)| text.replace(from, to))
                    .replace("&amp;", "&");
            assert_eq!(text, format!("Hello {unescaped},"));
        }
    }
}

#[test]
fn names_made_to_be_clicked_are_left_out() {
    let mut message = letter("verify-email", "ada@example.com");
    message.name = "You won! https://evil.example".into();
    let Letter { text, html, .. } = render(&message);
    assert!(text.starts_with("Hello,\n"));
    assert!(!html.unwrap().contains("evil"));
}

/// Whoever may invite writes to people who never heard of them.
#[test]
fn organizations_made_to_be_clicked_go_by_their_slug() {
    for name in ["You won! https://evil.example", "WWW.evil.example", ""] {
        let Letter { text, html, .. } = render(&invitation(name));
        assert!(text.contains("to join example at Acme"), "{text}");
        assert!(!text.contains("evil") && !html.unwrap().contains("evil"));
    }
    let Letter { html, .. } = render(&invitation("<img src=x>"));
    assert!(html.unwrap().contains("<bdi>&lt;img src=x&gt;</bdi>"));
}

#[test]
fn the_application_is_escaped_once() {
    let templates = Templates::load("A & B <i>", None).unwrap();
    let Letter { subject, html, .. } = templates.render(&letter("verify-email", "ada@example.com")).unwrap();
    assert_eq!(subject, "Confirm your email address for A & B <i>");
    let html = html.unwrap();
    assert_eq!(html.matches("A &amp; B &lt;i&gt;").count(), 3);
    assert!(!html.contains("&amp;amp;") && !html.contains("<i>"));
}

#[test]
fn data_is_data() {
    let evil = "<b>x</b>\r\nhttps://evil.example";
    let message = letter("change-email-confirmation", "ada@example.com").with("newEmail", evil);
    let Letter { text, html, .. } = render(&message);
    assert!(text.contains("<b>x</b> https://evil.example."));
    assert!(html.unwrap().contains("<b>&lt;b&gt;x&lt;&#x2f;b&gt; https:&#x2f;&#x2f;evil.example</b>"));
    let message = letter("verify-email", "ada@example.com").with("url", "javascript:alert(1)");
    let Letter { text, html, .. } = render(&message);
    assert!(!text.contains("javascript") && !html.unwrap().contains("<a "));
}
