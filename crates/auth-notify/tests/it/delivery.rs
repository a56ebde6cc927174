//! The queue and SMTP, against a mail server that behaves and several that do not.

use std::{
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use auth_core::{breaker::Circuit, ports::Mailer};
use auth_notify::{Credential, NotifyConfig, SmtpConfig, Stats, Tls, Transport};

use crate::{
    smtp_server::{Mood, Server},
    support::{letter, notifier, quiet, until},
};

fn to_server(server: &Server) -> NotifyConfig {
    NotifyConfig {
        transport: Transport::Smtp,
        from: Some("Acme Mail <mail@acme.example>".into()),
        timeout_ms: 2_000,
        backoff_ms: 1,
        backoff_max_ms: 4,
        attempts: 3,
        smtp: SmtpConfig { url: Some(Credential::from(server.url().as_str())), ..SmtpConfig::default() },
        ..quiet()
    }
}

const ADA: &str = "ada@example.com";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_letter_arrives() {
    let server = Server::start(Mood::Accepts).await;
    let mailer = notifier(to_server(&server));
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    assert_eq!(mailer.drain(Duration::from_secs(10)).await, 0);
    assert_eq!(mailer.stats(), Stats { sent: 1, ..Stats::default() });
    server.seen(|seen| {
        let commands = &seen.commands;
        assert_eq!(commands[0], "EHLO acme.example");
        assert!(commands.contains(&"MAIL FROM:<mail@acme.example>".to_owned()), "{commands:?}");
        assert!(commands.contains(&"RCPT TO:<ada@example.com>".to_owned()), "{commands:?}");
        let letter = &seen.letters[0];
        for part in [
            "From: \"Acme Mail\" <mail@acme.example>\r\n",
            "To: ada@example.com\r\n",
            "Subject: Confirm your email address for Acme\r\n",
            "@acme.example>\r\n",
            "multipart/alternative",
            "Hello Ada Lovelace,",
        ] {
            assert!(letter.contains(part), "{part} in {letter}");
        }
    });
    let failure = mailer.send(letter("verify-email", "+15550100")).await.unwrap_err();
    assert_eq!(failure.code(), Some("INVALID_EMAIL"));
}

#[tokio::test]
async fn many_letters_share_connections_and_all_arrive_once() {
    let server = Server::start(Mood::Accepts).await;
    let mailer = notifier(NotifyConfig { connections: 2, ..to_server(&server) });
    for n in 0..40 {
        mailer.send(letter("verify-email", &format!("{n}@example.com"))).await.unwrap();
    }
    assert_eq!(mailer.drain(Duration::from_secs(20)).await, 0);
    server.seen(|seen| {
        let ids: std::collections::HashSet<_> =
            seen.letters.iter().filter_map(|l| l.lines().find(|l| l.starts_with("Message-ID"))).collect();
        assert_eq!((seen.letters.len(), ids.len()), (40, 40));
        assert!(seen.connections <= 4, "{}", seen.connections);
    });
}

#[tokio::test]
async fn a_server_that_hangs_costs_the_sender_no_time() {
    // Case 302.
    let server = Server::start(Mood::Hangs).await;
    let config =
        NotifyConfig { timeout_ms: 300, wait_max_ms: 2_000, queue: 2, connections: 1, ..to_server(&server) };
    let mailer = notifier(config);
    let start = Instant::now();
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    let failure = mailer.send(letter("verify-email", ADA)).await.unwrap_err();
    assert_eq!(failure.status().as_u16(), 503);
    assert!(start.elapsed() < Duration::from_millis(250));
    assert_eq!(mailer.stats(), Stats { queued: 2, refused: 1, ..Stats::default() });
    assert_eq!(mailer.drain(Duration::from_millis(20)).await, 2);
    let stats = until(&mailer, |stats| stats.queued == 0).await;
    assert_eq!(
        stats,
        Stats { failed: 2, refused: 1, failing: true, retried: stats.retried, ..Stats::default() }
    );
    assert!(stats.retried >= 2, "{stats:?}");
    assert_ne!(mailer.circuit(), Some(Circuit::Closed));
    mailer.send(letter("verify-email", ADA)).await.unwrap();
}

#[tokio::test]
async fn letters_wait_for_a_mail_server_that_is_away_and_do_not_hammer_it() {
    // Case 302.
    for mood in [Mood::Down, Mood::Shuts, Mood::Hangs] {
        let server = Server::start(mood).await;
        let mailer = notifier(NotifyConfig {
            connect_timeout_ms: 100,
            backoff_ms: 200,
            backoff_max_ms: 400,
            connections: 2,
            ..to_server(&server)
        });
        assert_eq!(mailer.circuit(), Some(Circuit::Closed));
        for n in 0..50 {
            mailer.send(letter("verify-email", &format!("{n}@example.com"))).await.unwrap();
        }
        let start = Instant::now();
        while mailer.circuit() == Some(Circuit::Closed) {
            assert!(start.elapsed() < Duration::from_secs(10), "the circuit has opened");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Three failures open it, one that was on its way may come after, and each pause ends with one trial.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let tried = server.seen(|seen| seen.connections);
        assert!((6..=16).contains(&tried), "{tried} connections in some two seconds");
        assert_eq!(mailer.stats().queued, 50, "nothing is lost");

        server.feels(Mood::Accepts);
        let stats = until(&mailer, |stats| stats.queued == 0).await;
        assert_eq!((stats.sent, stats.failed, stats.failing), (50, 0, false));
        assert_eq!(mailer.circuit(), Some(Circuit::Closed));
        server.seen(|seen| assert_eq!(seen.letters.len(), 50));
    }
}

#[tokio::test]
async fn letters_that_are_refused_do_not_open_the_circuit() {
    for mood in [Mood::Rejects, Mood::Hesitates(usize::MAX)] {
        let server = Server::start(mood).await;
        let mailer = notifier(NotifyConfig {
            backoff_ms: 60_000,
            backoff_max_ms: 60_000,
            attempts: 1,
            ..to_server(&server)
        });
        for n in 0..20 {
            mailer.send(letter("verify-email", &format!("{n}@example.com"))).await.unwrap();
        }
        let stats = until(&mailer, |stats| stats.queued == 0).await;
        assert_eq!((stats.failed, mailer.circuit()), (20, Some(Circuit::Closed)));
    }
}

#[tokio::test]
async fn a_connection_cut_off_by_the_timeout_is_not_used_again() {
    let server = Server::start(Mood::HangsAtTheEnd).await;
    let mailer = notifier(NotifyConfig { timeout_ms: 100, attempts: 2, ..to_server(&server) });
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    let stats = until(&mailer, |stats| stats.queued == 0).await;
    assert_eq!((stats.failed, stats.retried), (1, 1));
    server.seen(|seen| {
        assert_eq!(seen.connections, 2);
        assert_eq!(seen.letters[0], seen.letters[1], "the same letter with the same Message-ID");
    });
}

#[tokio::test]
async fn a_refusal_for_good_is_not_repeated() {
    let log = Log::default();
    let writer = log.clone();
    let _guard = tracing::subscriber::set_default(
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish(),
    );
    let server = Server::start(Mood::Rejects).await;
    let mailer = notifier(to_server(&server));
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    let stats = until(&mailer, |stats| stats.queued == 0).await;
    assert_eq!(stats, Stats { failed: 1, ..Stats::default() });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the server answered 550"), "{log}");
    for secret in ["t0k3n", ADA, "Lovelace"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[tokio::test]
async fn a_refusal_for_now_is_repeated() {
    let server = Server::start(Mood::Hesitates(2)).await;
    let mailer = notifier(to_server(&server));
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    let stats = until(&mailer, |stats| stats.queued == 0).await;
    assert_eq!(stats, Stats { sent: 1, retried: 2, ..Stats::default() });
}

#[tokio::test]
async fn passwords_and_encryption() {
    let by_password = |server: &Server, tls| {
        let smtp = SmtpConfig {
            host: Some("127.0.0.1".into()),
            port: Some(server.address.port()),
            user: Some("user".into()),
            password: Some(Credential::from("pass")),
            tls: Some(tls),
            ..SmtpConfig::default()
        };
        NotifyConfig { smtp, ..to_server(server) }
    };
    let server = Server::start(Mood::Accepts).await;
    let mailer = notifier(by_password(&server, Tls::None));
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    assert_eq!(until(&mailer, |stats| stats.queued == 0).await.sent, 1);
    assert!(server.seen(|seen| seen.commands.contains(&"AUTH PLAIN AHVzZXIAcGFzcw==".to_owned())));

    // Without STARTTLS on the other side nothing is said, least of all the password.
    let server = Server::start(Mood::Accepts).await;
    let mailer = notifier(by_password(&server, Tls::Starttls));
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    assert_eq!(until(&mailer, |stats| stats.queued == 0).await.failed, 1);
    assert!(server.seen(|seen| seen.commands.iter().all(|command| command.starts_with("EHLO"))));

    // A wrong password is the operator's to mend, so letters wait for that.
    let server = Server::start(Mood::RefusesPassword).await;
    let mailer = notifier(by_password(&server, Tls::None));
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    let stats = until(&mailer, |stats| stats.queued == 0).await;
    assert_eq!((stats.failed, stats.retried), (1, 2));
}

#[tokio::test]
async fn the_console_needs_nothing() {
    let mailer = notifier(quiet());
    mailer.send(letter("verify-email", ADA)).await.unwrap();
    assert_eq!(mailer.drain(Duration::from_secs(10)).await, 0);
    assert_eq!(mailer.stats(), Stats { sent: 1, ..Stats::default() });
    assert_eq!(mailer.circuit(), None);
}

/// Letters that wait do not keep the process, and nothing panics when all is dropped outside.
#[test]
fn the_end_of_the_runtime_ends_delivery() {
    let start = Instant::now();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mailer = runtime.block_on(async {
        let server = Server::start(Mood::Hangs).await;
        let mailer = notifier(NotifyConfig { timeout_ms: 60_000, ..to_server(&server) });
        mailer.send(letter("verify-email", ADA)).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        mailer
    });
    drop(runtime);
    assert_eq!(mailer.stats().sent, 0);
    drop(mailer);
    assert!(start.elapsed() < Duration::from_secs(5));
}
