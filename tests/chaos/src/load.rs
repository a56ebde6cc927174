//! Clients, and their journals.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::http::{self, Answer};

/// What clients have sent and got.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) requests: AtomicU64,
    pub(crate) good: AtomicU64,
    /// 503, as it is meant: nothing was done, try again.
    pub(crate) unavailable: AtomicU64,
    /// No answer, or half of one: its node was killed.
    pub(crate) none: AtomicU64,
    /// Everything that must not be: other 5xx, a 4xx that nobody deserved.
    pub(crate) wrong: AtomicU64,
}

/// What was acknowledged.
#[derive(Default)]
pub(crate) struct Journal {
    /// Addresses that have an account.
    pub(crate) signed_up: Mutex<Vec<String>>,
    /// Cookies of sessions that have ended.
    pub(crate) signed_out: Mutex<Vec<String>>,
    /// The first answers that must not be.
    pub(crate) oddities: Mutex<Vec<String>>,
}

pub(crate) struct Load {
    pub(crate) nodes: Vec<SocketAddr>,
    pub(crate) counts: Counts,
    pub(crate) journal: Journal,
    stop: AtomicBool,
    /// The first letters of addresses, different for each round.
    name: String,
}

pub(crate) fn push<T>(list: &Mutex<Vec<T>>, item: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(item);
}

impl Load {
    pub(crate) fn new(nodes: Vec<SocketAddr>, name: String) -> Self {
        Self {
            nodes,
            counts: Counts::default(),
            journal: Journal::default(),
            stop: AtomicBool::new(false),
            name,
        }
    }

    /// Has clients work while `meanwhile` runs.
    pub(crate) fn run<T>(&self, clients: usize, meanwhile: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            for client in 0..clients {
                scope.spawn(move || self.client(client));
            }
            let done = meanwhile();
            self.stop.store(true, Ordering::Relaxed);
            done
        })
    }

    fn client(&self, client: usize) {
        let mut turn = client;
        while !self.stop.load(Ordering::Relaxed) {
            let email = format!("{}-{client}-{turn}@example.com", self.name);
            self.journey(&mut turn, &email);
        }
    }

    /// Signs up, asks four times on whichever node, signs out.
    fn journey(&self, turn: &mut usize, email: &str) {
        let body = format!("{{\"name\":\"x\",\"email\":\"{email}\",\"password\":\"Correct-Horse-42\"}}");
        let Some(answer) = self.send(turn, "POST", "/api/auth/sign-up/email", "", &body) else { return };
        let Some(cookie) = answer.session().filter(|_| answer.status == 200) else { return };
        push(&self.journal.signed_up, email.to_owned());
        for _ in 0..4 {
            let path = "/api/auth/get-session?disableCookieCache=true";
            let Some(answer) = self.send(turn, "GET", path, &cookie, "") else { continue };
            if answer.status == 200 && !answer.body().contains(email) {
                self.odd(&format!("a session that was not found: {}", answer.body()));
            }
        }
        if self.send(turn, "POST", "/api/auth/sign-out", &cookie, "{}").is_some_and(|a| a.status == 200) {
            push(&self.journal.signed_out, cookie);
        }
    }

    fn odd(&self, what: &str) {
        self.counts.wrong.fetch_add(1, Ordering::Relaxed);
        let mut oddities = self.journal.oddities.lock().unwrap_or_else(PoisonError::into_inner);
        if oddities.len() < 5 {
            oddities.push(what.chars().take(300).collect());
        }
    }

    /// To the next node. One that does not take the connection is passed over.
    fn send(&self, turn: &mut usize, method: &str, path: &str, cookie: &str, body: &str) -> Option<Answer> {
        *turn += 1;
        self.counts.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.nodes.iter().cycle().skip(*turn).take(self.nodes.len()).find_map(|node| {
            let reachable = std::net::TcpStream::connect(node).is_ok();
            reachable.then(|| http::send(*node, method, path, cookie, body))
        });
        let answer = answer.flatten();
        let counter = match &answer {
            None => &self.counts.none,
            Some(answer) if answer.status == 200 => &self.counts.good,
            Some(answer) if answer.status == 503 => &self.counts.unavailable,
            Some(answer) => {
                self.odd(&format!("{method} {path}: {}", answer.text));
                return None;
            }
        };
        counter.fetch_add(1, Ordering::Relaxed);
        answer
    }
}
