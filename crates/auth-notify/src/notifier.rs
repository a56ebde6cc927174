//! Takes letters at once, delivers them in the background.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use auth_core::{
    Failure, PluginConfig,
    breaker::{Breaker, BreakerPolicy, Circuit},
    config::Problem,
    ports::{Clock, Mailer, Message},
};
use auth_crypto::{Alphabet, Rng, random_string};
use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::{Instant, timeout},
};

use crate::{
    cap::Cap,
    config::{NotifyConfig, Transport},
    console,
    envelope::{self, Sealed},
    outbox,
    smtp::{Limits, Refusal, Server, Smtp},
    stats::{Counters, Stats, count},
    templates::Templates,
};

/// The running server's [`Mailer`].
///
/// Every waiting letter holds one permit of `queue`; that bounds them and tells when there are
/// none left. Permits of `connections` are held only while talking to the mail server, or waiting for
/// the circuit around it to close, so a letter that waits for its next attempt keeps nobody back. The
/// tasks end with the runtime.
pub struct Notifier {
    inner: Arc<Inner>,
}

struct Inner {
    config: NotifyConfig,
    route: Route,
    templates: Templates,
    cap: Option<Cap>,
    queue: Arc<Semaphore>,
    connections: Semaphore,
    breaker: Breaker,
    began: Instant,
    counters: Counters,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

enum Route {
    Discard,
    Outbox(PathBuf),
    Console,
    Smtp(Box<Smtp>),
}

impl Notifier {
    /// Reads the templates and opens the outbox, but talks to no mail server. Every problem found
    /// is reported with its place.
    pub fn new(
        config: NotifyConfig,
        app_name: &str,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Arc<Self>, Vec<Problem>> {
        let mut problems: Vec<Problem> = config
            .validate()
            .into_iter()
            .map(|(key, what)| Problem::new(format!("mail.{key}"), what))
            .collect();
        let templates = Templates::load(app_name, config.templates.as_deref())
            .map_err(|mut broken| problems.append(&mut broken))
            .ok();
        let route = if problems.is_empty() {
            Route::new(&config).map_err(|problem| problems.push(problem)).ok()
        } else {
            None
        };
        let (Some(templates), Some(route)) = (templates, route) else { return Err(problems) };
        let permits = |count: u32| usize::try_from(count).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let inner = Inner {
            cap: Cap::new(config.max_per_recipient, config.recipient_window),
            queue: Arc::new(Semaphore::new(permits(config.queue))),
            connections: Semaphore::new(permits(config.connections)),
            breaker: Breaker::new(BreakerPolicy {
                pause: Duration::from_millis(config.backoff_ms),
                longest: Duration::from_millis(config.backoff_max_ms),
                ..BreakerPolicy::default()
            }),
            began: Instant::now(),
            counters: Counters::default(),
            config,
            route,
            templates,
            clock,
            rng,
        };
        Ok(Arc::new(Self { inner: Arc::new(inner) }))
    }

    /// Figures for metrics.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.counters.read(self.inner.waiting())
    }

    /// How the circuit around the mail server stands; `None` where there is no mail server.
    #[must_use]
    pub fn circuit(&self) -> Option<Circuit> {
        let inner = &self.inner;
        matches!(inner.route, Route::Smtp(_)).then(|| inner.breaker.circuit(inner.millis()))
    }

    /// Waits until no letter waits any more, but not longer than `timeout`, and returns how many
    /// are left; they are lost when the process ends. New letters are refused meanwhile.
    pub async fn drain(&self, timeout: Duration) -> u64 {
        let all = self.inner.queue.acquire_many(self.inner.config.queue);
        if tokio::time::timeout(timeout, all).await.is_ok() {
            return 0;
        }
        let left = self.inner.waiting();
        if left > 0 {
            tracing::warn!(left, "letters were not delivered in time");
        }
        left
    }
}

#[async_trait]
impl Mailer for Notifier {
    async fn send(&self, message: Message) -> Result<(), Failure> {
        let inner = &self.inner;
        match inner.route {
            Route::Smtp(_) => drop(envelope::address(&message.to)?),
            _ => envelope::check(&message.to)?,
        }
        let now = inner.clock.now().unix_millis();
        if inner.cap.as_ref().is_some_and(|cap| !cap.admit(&message.to, now)) {
            count(&inner.counters.capped);
            tracing::warn!(kind = message.kind, "a letter was dropped: its receiver had enough");
            return Ok(());
        }
        match &inner.route {
            Route::Discard => count(&inner.counters.sent),
            Route::Outbox(path) => {
                let appended = outbox::append(path, &message);
                inner.counters.attempted(appended.is_ok());
                match appended {
                    Ok(()) => count(&inner.counters.sent),
                    Err(error) => {
                        count(&inner.counters.failed);
                        return Err(Failure::unavailable(error, 5));
                    }
                }
            }
            Route::Console | Route::Smtp(_) => {
                let Ok(place) = Arc::clone(&inner.queue).try_acquire_owned() else {
                    count(&inner.counters.refused);
                    tracing::error!(kind = message.kind, "a letter was refused: the mail queue is full");
                    return Err(Failure::unavailable("the mail queue is full", 30));
                };
                tokio::spawn(Arc::clone(inner).deliver(message, place));
            }
        }
        Ok(())
    }
}

/// Leave to talk to the mail server.
struct Turn<'n> {
    /// To find out whether it is back.
    trial: bool,
    _place: SemaphorePermit<'n>,
}

impl Route {
    fn new(config: &NotifyConfig) -> Result<Self, Problem> {
        match (config.transport, &config.outbox) {
            (Transport::Console, _) => Ok(Self::Console),
            (Transport::File, Some(path)) if path.as_os_str() != "none" => {
                let failed = |error| Problem::new("mail.outbox", format!("{}: {error}", path.display()));
                outbox::open(path).map_err(failed)?;
                Ok(Self::Outbox(path.clone()))
            }
            (Transport::File, _) => Ok(Self::Discard),
            (Transport::Smtp, _) => {
                let from = config.sender().map_err(|what| Problem::new("mail.from", what))?;
                let server = Server::new(&config.smtp)
                    .map_err(|(key, what)| Problem::new(format!("mail.smtp.{key}"), what))?;
                let limits = Limits {
                    connect: Duration::from_millis(config.connect_timeout_ms),
                    whole: Duration::from_millis(config.timeout_ms),
                };
                let smtp = Smtp::new(server, from, limits);
                smtp.map(|smtp| Self::Smtp(Box::new(smtp)))
                    .map_err(|error| Problem::new("mail.smtp.tls", error.to_string()))
            }
        }
    }
}

impl Inner {
    fn waiting(&self) -> u64 {
        u64::from(self.config.queue)
            .saturating_sub(u64::try_from(self.queue.available_permits()).unwrap_or(u64::MAX))
    }

    async fn deliver(self: Arc<Self>, message: Message, place: OwnedSemaphorePermit) {
        let kind = message.kind;
        match self.try_deliver(message).await {
            Ok(()) => count(&self.counters.sent),
            Err(reason) => {
                count(&self.counters.failed);
                tracing::error!(kind, reason, "a letter was given up");
            }
        }
        drop(place);
    }

    async fn try_deliver(&self, message: Message) -> Result<(), String> {
        let letter = self.templates.render(&message)?;
        let Route::Smtp(smtp) = &self.route else {
            return console::print(message.kind, &message.to, &letter).map_err(|error| error.to_string());
        };
        let to = envelope::address(&message.to).map_err(|error| error.to_string())?;
        let id = format!(
            "<{}@{}>",
            random_string(self.rng.as_ref(), 32, Alphabet::LowerDigits),
            smtp.from.email.domain()
        );
        let sealed = envelope::seal(&smtp.from, to, letter, &id, self.clock.now().unix_millis())
            .map_err(|error| error.to_string())?;
        self.attempts(smtp, &sealed, message.kind, &id).await
    }

    async fn attempts(&self, smtp: &Smtp, sealed: &Sealed, kind: &str, id: &str) -> Result<(), String> {
        let mut attempt = 1;
        let (began, longest) = (Instant::now(), Duration::from_millis(self.config.wait_max_ms));
        loop {
            let (refusal, trial) = {
                let turn = timeout(longest.saturating_sub(began.elapsed()), self.turn()).await;
                let turn = turn.map_err(|_| format!("{id}: the server was away for too long"))?;
                let turn = turn.map_err(|error| error.to_string())?;
                let delivered = smtp.deliver(sealed, self.waiting() > 1).await;
                self.note(delivered.as_ref().err());
                match delivered {
                    Ok(()) => {
                        tracing::debug!(kind, id, attempt, "a letter was delivered");
                        return Ok(());
                    }
                    Err(refusal) => (refusal, turn.trial),
                }
            };
            let reason = refusal.reason;
            // Whether the server is back is found out at the cost of no letter.
            let spared = trial && refusal.away;
            let over = began.elapsed() >= longest || attempt >= self.config.attempts && !spared;
            if refusal.permanent || over {
                return Err(format!("{id}: {reason}"));
            }
            tracing::warn!(kind, id, attempt, reason, "a letter was not delivered; trying again");
            tokio::time::sleep(self.backoff(attempt)).await;
            count(&self.counters.retried);
            attempt += u32::from(!spared);
        }
    }

    /// Waits until it may talk to the mail server. While the circuit is open, as many as there are
    /// connections ask whether it is closed; all others wait behind them.
    async fn turn(&self) -> Result<Turn<'_>, AcquireError> {
        let place = self.connections.acquire().await?;
        loop {
            let trial = self.breaker.circuit(self.millis()) != Circuit::Closed;
            if self.breaker.may_pass(self.millis()) {
                return Ok(Turn { trial, _place: place });
            }
            tokio::time::sleep(self.backoff(1)).await;
        }
    }

    /// Learns from how an attempt ended.
    fn note(&self, refusal: Option<&Refusal>) {
        // An address that is refused says nothing of the mail server.
        self.counters.attempted(refusal.is_none_or(|refusal| refusal.permanent));
        if !refusal.is_some_and(|refusal| refusal.away) {
            self.breaker.succeeded();
        } else if self.breaker.failed(self.millis()) {
            tracing::warn!(letters = self.waiting(), "the mail server is away; letters wait for it");
        }
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// The wait after an attempt: doubled each time, bounded, and shortened at random so that
    /// letters do not return to a recovering server all at once.
    fn backoff(&self, attempt: u32) -> Duration {
        let doubled =
            self.config.backoff_ms.saturating_mul(1_u64.checked_shl(attempt - 1).unwrap_or(u64::MAX));
        let longest = doubled.min(self.config.backoff_max_ms);
        let mut random = [0; 4];
        self.rng.fill(&mut random);
        let share = u64::from(u32::from_le_bytes(random));
        let off = (u128::from(longest / 2) * u128::from(share)) >> 32;
        Duration::from_millis(longest.saturating_sub(u64::try_from(off).unwrap_or(0)))
    }
}
