//! Hostile input: no panic, no 5xx, no code that is not declared, no secret in the log.
//!
//! Valid requests come first, twice over, so that there is something to be found: what answers and
//! letters say is kept by its name and goes into later requests ([`example::Known`]). Then each endpoint is sent
//! all that [`mutate`] makes of a valid request. Nothing is left to chance, so a finding comes again.

mod example;
mod logs;
mod mutate;
mod people;
mod send;

use std::{collections::BTreeMap, time::Instant};

use auth_core::{Event, http::Method};
use auth_host::Plan;
use tracing::instrument::WithSubscriber;

use self::{
    example::{Example, SECRET},
    logs::Logs,
    people::{People, Who},
    send::{Received, Sent},
};
use super::{Findings, surface::is_event};
use crate::Builder;

/// What the host refuses with before any endpoint.
const OF_THE_HOST: [&str; 10] = [
    "VALIDATION_ERROR",
    "BAD_REQUEST",
    "UNSUPPORTED_MEDIA_TYPE",
    "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
    "INVALID_ORIGIN",
    "MISSING_OR_NULL_ORIGIN",
    "INVALID_CALLBACK_URL",
    "INVALID_REDIRECT_URL",
    "INVALID_ERROR_CALLBACK_URL",
    "INVALID_NEW_USER_CALLBACK_URL",
];

/// How long it may take, before what is left is left out and said to be.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(60);

pub(super) async fn check(builder: Builder, plan: &Plan, id: &'static str, found: &mut Findings) {
    let app = builder.one_node().start().await;
    let (logs, began) = (Logs::default(), Instant::now());
    let mut events = app.core().events().subscribe();
    let mut people = People::new(app).await;
    let mut run = Run { id, logs: logs.clone(), seen: BTreeMap::new() };
    let work = async {
        let examples: Vec<_> = plan
            .endpoints()
            .filter(|line| line.plugin == id && !line.replaced)
            .map(|line| Example::of(line.endpoint))
            .collect();
        for example in examples.iter().chain(&examples) {
            let sent = example.valid(&people.known);
            run.one(&mut people, example, Who::Signed, "a valid request", &sent, true).await;
        }
        for example in &examples {
            for mutation in mutate::all(example, &people.known) {
                for who in
                    Who::ALL.into_iter().filter(|who| mutation.whole || who.tries_fields(example.session()))
                {
                    run.one(&mut people, example, who, &mutation.what, &mutation.sent, mutation.whole).await;
                }
            }
            if began.elapsed() > LONGEST {
                return Some(example.id());
            }
        }
        None
    };
    if let Some(endpoint) = work.with_subscriber(logs.dispatch()).await {
        let what = "hostile input took longer than a minute, and what comes after this endpoint was left out";
        found.add(format!("plugin {id}, endpoint {endpoint}"), what);
    }
    while let Some(event) = events.try_next() {
        if let Event::Plugin { plugin, name, .. } = event
            && plugin == id
            && !is_event(name)
        {
            run.tell(&format!("plugin {id}, event {name}"), "its name is not like `thing.happened`", "");
        }
    }
    let mails = plan.mails();
    for letter in people.app.mailbox().all() {
        if !mails.contains_key(letter.kind) {
            let place = format!("plugin {id}, mail {}", letter.kind);
            run.tell(&place, "was sent and never declared: `host.mail(kind, purpose)`", "");
        }
    }
    for ((place, what), (first, times)) in run.seen {
        let more = if times > 1 { format!("; and {} more", times - 1) } else { String::new() };
        let after = if first.is_empty() { String::new() } else { format!(" ({first}{more})") };
        found.add(place, format!("{what}{after}"));
    }
}

struct Run {
    id: &'static str,
    logs: Logs,
    /// Findings, with the first input that led there and how many did.
    seen: BTreeMap<(String, String), (String, usize)>,
}

impl Run {
    fn tell(&mut self, place: &str, what: &str, input: &str) {
        let key = (place.to_owned(), what.to_owned());
        self.seen.entry(key).or_insert_with(|| (input.to_owned(), 0)).1 += 1;
    }

    /// Sends one request, and looks at the answer and at the log.
    async fn one(
        &mut self,
        people: &mut People,
        example: &Example<'_>,
        who: Who,
        what: &str,
        sent: &Sent,
        learn: bool,
    ) {
        let Some(received) = send::send(people, example, who, sent).await else { return };
        let place = format!("plugin {}, endpoint {}", self.id, example.id());
        let input = format!("{}, {what}", who.name());
        let log = self.logs.take();
        self.judge(example, who, &place, &input, &received, &log);
        if let Some(secret) = people.secrets().find(|secret| log.contains(*secret)) {
            let line = log.lines().find(|line| line.contains(secret)).unwrap_or_default();
            let line = beginning(&line.replace(secret, "…"));
            self.tell(&place, "a secret is in the log", &format!("{input}: {line}"));
        }
        people.after(received, learn).await;
    }

    fn judge(
        &mut self,
        example: &Example<'_>,
        who: Who,
        place: &str,
        input: &str,
        received: &Received,
        log: &str,
    ) {
        let declared = example.errors();
        if received.status >= 500 {
            if !declared.iter().any(|spec| spec.status == received.status) {
                let error = log.lines().rev().find(|line| line.contains("ERROR"));
                let cause = beginning(error.unwrap_or("no error in the log"));
                let what = format!("answers {}: bad input is a 4xx with a code", received.status);
                self.tell(place, &what, &format!("{input}: {cause}"));
            }
            if received.text.contains(SECRET) {
                self.tell(place, "repeats what it was sent in an answer of 5xx", input);
            }
        }
        // What is wrong with forged papers is said by whoever reads them, at any endpoint.
        if who != Who::Forged
            && let Some(code) = &received.code
            && !OF_THE_HOST.contains(&code.as_str())
            && received.status < 500
            && !declared.iter().any(|spec| spec.code == code && spec.status == received.status)
        {
            let what = format!("answers {} {code}, which it does not declare", received.status);
            self.tell(place, &what, input);
        }
    }
}

/// As much of a line as is read.
fn beginning(line: &str) -> String {
    line.trim().chars().take(300).collect()
}

/// How endpoints of the program alone are sent to.
fn method(example: &Example<'_>) -> Method {
    example.endpoint.methods.first().cloned().unwrap_or(Method::POST)
}
