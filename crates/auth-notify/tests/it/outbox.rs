//! The file transport.

use std::{fs, path::PathBuf};

use auth_core::ports::{Mailer, Message};
use auth_notify::{Notifier, NotifyConfig, Transport};
use serde_json::{Value, json};

use crate::support::{Folder, clock, letter, notifier, quiet};

fn to_file(path: PathBuf) -> NotifyConfig {
    NotifyConfig { transport: Transport::File, outbox: Some(path), ..quiet() }
}

#[tokio::test]
async fn one_object_a_line_that_is_there_at_once() {
    let folder = Folder::new();
    let path = folder.path().join("out.jsonl");
    let mailer = notifier(to_file(path.clone()));
    let message =
        letter("verify-email", "ada@example.com").with("newEmail", "x\n\"<é>").with("type", "other");
    mailer.send(message).await.unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let url = "https://auth.example.com/api/auth/go?token=t0k3n&callbackURL=%2F";
    let expected = json!({
        "type": "verify-email", "to": "ada@example.com", "url": url, "token": "t0k3n", "newEmail": "x\n\"<é>"
    });
    assert_eq!(text, format!("{expected}\n"));
    let phone = Message::new("phone-otp", "+15550100", "").with("otp", "123456");
    mailer.send(phone).await.unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().nth(1).unwrap(), r#"{"type":"phone-otp","to":"+15550100","otp":"123456"}"#);
    assert_eq!(mailer.stats().sent, 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::remove_file(&path).unwrap();
    mailer.send(letter("verify-email", "ada@example.com")).await.unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_lines_do_not_mix() {
    let folder = Folder::new();
    let path = folder.path().join("out.jsonl");
    let mailers = [notifier(to_file(path.clone())), notifier(to_file(path.clone()))];
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let mailer = mailers[n % 2].clone();
            let big = "x".repeat(5_000);
            let message = letter("verify-email", "ada@example.com").with("n", n).with("big", big);
            tokio::spawn(async move { mailer.send(message).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut seen: Vec<u64> = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["n"].as_u64().unwrap())
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn none_throws_away_and_bad_receivers_are_refused() {
    let mailer = notifier(to_file("none".into()));
    mailer.send(letter("verify-email", "ada@example.com")).await.unwrap();
    for bad in ["", "a@x.com,b@x.com", "a@x.com\r\nBcc: b@x.com"] {
        let failure = mailer.send(letter("verify-email", bad)).await.unwrap_err();
        assert_eq!((failure.status().as_u16(), failure.code()), (400, Some("INVALID_EMAIL")), "{bad:?}");
    }
    assert_eq!(mailer.stats().sent, 1);
    assert!(!std::path::Path::new("none").exists());
}

#[tokio::test]
async fn an_outbox_that_cannot_be_written_is_known_at_start() {
    let folder = Folder::new();
    let config = to_file(folder.path().join("missing").join("out.jsonl"));
    let rng = std::sync::Arc::new(auth_crypto::OsRng);
    let problems = Notifier::new(config, "Acme", clock(), rng).err().unwrap();
    assert_eq!(problems[0].place, "mail.outbox");
}

#[tokio::test]
async fn an_address_gets_no_more_than_the_cap() {
    // Case 106.
    let folder = Folder::new();
    let path = folder.path().join("out.jsonl");
    let config = NotifyConfig { max_per_recipient: 2, ..to_file(path.clone()) };
    let clock = clock();
    let mailer =
        Notifier::new(config, "Acme", clock.clone(), std::sync::Arc::new(auth_crypto::OsRng)).unwrap();
    for to in ["ada@example.com", "Ada@example.com", "ADA@example.com", "grace@example.com"] {
        mailer.send(letter("verify-email", to)).await.unwrap();
    }
    let stats = mailer.stats();
    assert_eq!((stats.sent, stats.capped), (3, 1));
    clock.advance(std::time::Duration::from_hours(1));
    mailer.send(letter("verify-email", "ada@example.com")).await.unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4);
}
