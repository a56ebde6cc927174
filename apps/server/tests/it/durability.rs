//! `kill -9` in the middle of writing: what was acknowledged is there, and nothing is there by half.

use std::{
    collections::BTreeSet,
    io::Read,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::support::{Folder, Server};

const PASSWORD: &str = "Correct-Horse-42";

/// A database of the test's own, cheap hashes, no limits.
fn configured() -> Folder {
    let folder = Folder::new();
    folder.write(
        "tessera.toml",
        "[rate_limit]\nenabled = false\n[passwords]\nmemory_kib = 64\niterations = 1\n[mail]\ntransport = \"file\"\n\
         outbox = \"none\"\n",
    );
    folder
}

fn sign_up(server: &Server, email: &str) -> Option<String> {
    let body = format!("{{\"name\":\"x\",\"email\":\"{email}\",\"password\":\"{PASSWORD}\"}}");
    let mut answer = String::new();
    // A server that dies in the middle leaves half an answer: that is no acknowledgement.
    server.try_begin("POST /api/auth/sign-up/email", &body)?.read_to_string(&mut answer).ok()?;
    answer.ends_with('}').then_some(answer)
}

/// Signs people up from several threads, ends the server the hard way after `enough`, and gives who
/// was told that it worked and who might have been made.
fn round(server: &Server, round: usize, enough: usize) -> (BTreeSet<String>, usize) {
    let acknowledged = Mutex::new(BTreeSet::new());
    let (asked, dead) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !dead.load(Ordering::Relaxed) {
                    let email = format!("u{round}-{}@example.com", asked.fetch_add(1, Ordering::Relaxed));
                    match sign_up(server, &email) {
                        Some(answer) if answer.starts_with("HTTP/1.1 200") => {
                            let mut acknowledged = acknowledged.lock().unwrap();
                            acknowledged.insert(email);
                            if acknowledged.len() == enough {
                                server.signal("KILL");
                                dead.store(true, Ordering::Relaxed);
                            }
                        }
                        Some(answer) => panic!("refused: {answer}"),
                        None => dead.store(true, Ordering::Relaxed),
                    }
                }
            });
        }
    });
    (acknowledged.into_inner().unwrap(), asked.into_inner())
}

#[test]
fn acknowledged_sign_ups_survive_kill_nine() {
    // Case 298: a thousand sign-ups in five rounds.
    let folder = configured();
    let mut everybody = BTreeSet::new();
    let mut asked = 0;
    for at in 0..5 {
        let server = folder.serve(&[]);
        let (acknowledged, tried) = round(&server, at, 200);
        assert!(acknowledged.len() >= 200);
        everybody.extend(acknowledged);
        asked += tried;
    }
    let server = folder.serve(&[]);
    // The command line reads the same database while the server runs.
    let listed = folder.run(&["user", "list", "--limit", "5000"]).ok();
    let stored: BTreeSet<_> =
        listed.split_whitespace().filter(|word| word.ends_with("@example.com")).map(str::to_owned).collect();
    let lost: Vec<_> = everybody.difference(&stored).collect();
    assert!(lost.is_empty(), "{} of {} acknowledged sign-ups are lost", lost.len(), everybody.len());
    assert!(stored.len() <= asked);
    // Who is stored is stored whole: everybody has a password that signs in, acknowledged or not.
    let unacknowledged: Vec<_> = stored.difference(&everybody).collect();
    for email in unacknowledged.into_iter().chain(everybody.iter().take(20)) {
        let body = format!("{{\"email\":\"{email}\",\"password\":\"{PASSWORD}\"}}");
        let answer = server.send("POST /api/auth/sign-in/email", &body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{email} is there by half: {answer}");
    }
}
