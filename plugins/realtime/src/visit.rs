//! One socket from its beginning to its end.
//!
//! Before anything is said after a doubt, it is asked whether the user may still be here: who was signed
//! out hears nothing of what happened afterwards.

use std::{pin::pin, sync::Arc, time::Duration};

use auth_core::{
    Core, Failure,
    access::AccessControl,
    serde_json::Value,
    socket::{Message, Utf8},
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    Realtime,
    desk::{Parcel, Place},
    entry::Visitor,
    figures,
    following::Following,
    line::{Heard, Line},
    presence,
    protocol::{End, Said},
};

/// The pause before a store that is away is asked again.
const RETRY: Duration = Duration::from_secs(2);
/// How long a doubt may stand that nobody can answer.
const UNANSWERED: Duration = Duration::from_secs(60);
/// Over how many seconds the rate of messages is counted.
const RATE_WINDOW: u64 = 10;

/// Who is at the other end of what is said.
pub(crate) enum Partner {
    /// The plugin itself: topics.
    Topics(Following),
    App {
        to: mpsc::Sender<Message>,
        from: mpsc::Receiver<Message>,
    },
}

pub(crate) struct Visit {
    pub(crate) core: Arc<Core>,
    pub(crate) plugin: Arc<Realtime>,
    pub(crate) place: Place,
    pub(crate) letters: mpsc::Receiver<Parcel>,
    pub(crate) visitor: Visitor,
    pub(crate) partner: Partner,
}

/// What happened.
enum Happened {
    Woken,
    Stopping,
    Heard(Heard),
    Letter(Option<Parcel>),
    FromApp(Option<Message>),
    Time,
}

/// When something is due.
struct Times {
    /// Something was heard of the client.
    life: Instant,
    /// The client said something.
    word: Instant,
    ping: Instant,
    recheck: Instant,
    /// Since when a doubt cannot be answered.
    unsure: Option<Instant>,
    /// Messages that may still be sent in this window.
    left: u64,
    window: Instant,
}

impl Visit {
    /// Serves the client to the end.
    pub(crate) async fn run(mut self, mut line: Line) {
        let core = self.core.clone();
        let kind = match &self.partner {
            Partner::Topics(_) => line.kind(),
            Partner::App { .. } => "app",
        };
        let metrics = core.metrics();
        metrics.counter(&figures::OPENED, &[kind, self.visitor.identity.method]).increment(1);
        let open = metrics.gauge(&figures::OPEN, &[kind]);
        open.increment(1.0);
        let end = self.talk(&mut line).await;
        open.decrement(1.0);
        metrics.counter(&figures::CLOSED, &[&end.code.to_string()]).increment(1);
        tracing::debug!(code = end.code, reason = end.reason, "a socket ends");
        // The seat is free before the client hears of it.
        let Self { place, partner, .. } = self;
        presence::leave(&core, &place.seat).await;
        drop((place, partner));
        line.end(end).await;
    }

    async fn talk(&mut self, line: &mut Line) -> End {
        let core = self.core.clone();
        let mut stopping = pin!(core.stopping());
        let now = Instant::now();
        let config = &self.plugin.config;
        let mut times = Times {
            life: now,
            word: now,
            ping: now + Duration::from_secs(config.heartbeat),
            recheck: self.next_recheck(now),
            unsure: None,
            left: config.max_rate * RATE_WINDOW,
            window: now,
        };
        if let Err(end) = self.begin(line).await {
            return end;
        }
        loop {
            if let Some(end) = self.place.seat.ordered() {
                return end;
            }
            if self.place.seat.is_doubted()
                && times.unsure.is_none_or(|_| times.recheck <= Instant::now())
                && let Err(end) = self.ask_again(line, &mut times).await
            {
                return end;
            }
            let happened = {
                let sure = !self.place.seat.is_doubted();
                let due = self.due(&times);
                let seat = self.place.seat.clone();
                tokio::select! {
                    biased;
                    () = seat.woken() => Happened::Woken,
                    () = stopping.as_mut() => Happened::Stopping,
                    () = sleep_until(due) => Happened::Time,
                    letter = self.letters.recv(), if sure => Happened::Letter(letter),
                    said = said(&mut self.partner), if sure => Happened::FromApp(said),
                    heard = line.hear() => Happened::Heard(heard),
                }
            };
            let done = match happened {
                Happened::Woken => Ok(()),
                Happened::Stopping => Err(End::STOPPING),
                Happened::Time => self.on_time(line, &mut times).await,
                Happened::Letter(letter) => self.pass(line, letter).await,
                Happened::FromApp(Some(message)) => self.say(line, message).await,
                Happened::FromApp(None) => Err(End::GONE),
                Happened::Heard(heard) => self.on_heard(line, heard, &mut times).await,
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    /// The first words.
    async fn begin(&mut self, line: &mut Line) -> Result<(), End> {
        let card = self.visitor.card(&self.core).await.map_err(|failure| unsure(&failure))?;
        self.note_organizational();
        if let Partner::Topics(following) = &mut self.partner {
            let seat = &self.place.seat;
            let welcome =
                Said::Welcome { socket_id: &seat.id, heartbeat: self.plugin.config.heartbeat, who: &card };
            let text = welcome.text();
            following.remember(&card);
            self.say(line, Message::Text(text)).await?;
            let wanted = match &mut self.partner {
                Partner::Topics(following) => std::mem::take(&mut following.wanted),
                Partner::App { .. } => Vec::new(),
            };
            for topic in wanted {
                self.subscribe(line, &topic).await?;
            }
        }
        Ok(())
    }

    /// Whether the user may still be here, and follow what they follow.
    async fn ask_again(&mut self, line: &mut Line, times: &mut Times) -> Result<(), End> {
        let now = Instant::now();
        self.place.seat.take_doubt();
        match self.ask().await {
            Ok(Ok((card, lost))) => {
                times.unsure = None;
                times.recheck = self.next_recheck(now);
                self.note_organizational();
                for topic in lost {
                    self.place.unfollow(&topic);
                    let text = Said::Unsubscribed { topic: &topic }.text();
                    self.say(line, Message::Text(text)).await?;
                }
                self.tell_card(line, card).await
            }
            Ok(Err(end)) => Err(end),
            Err(failure) => {
                // It stays quiet until somebody knows.
                self.place.seat.doubt();
                times.recheck = now + RETRY;
                let since = *times.unsure.get_or_insert(now);
                if now.duration_since(since) >= UNANSWERED { Err(unsure(&failure)) } else { Ok(()) }
            }
        }
    }

    /// What they are told of themselves now, and the topics that they may not follow any more.
    async fn ask(&mut self) -> Result<Result<(Value, Vec<Arc<str>>), End>, Failure> {
        let plugin = self.plugin.clone();
        let _turn = plugin.turns.acquire().await;
        if !self.visitor.again(&self.core).await? {
            return Ok(Err(End::SIGNED_OUT));
        }
        Ok(Ok((self.visitor.card(&self.core).await?, self.lost_topics().await?)))
    }

    async fn lost_topics(&self) -> Result<Vec<Arc<str>>, Failure> {
        let mut lost = Vec::new();
        for topic in self.place.topics() {
            if !self.plugin.admits(&self.core, &self.visitor.identity, topic).await? {
                lost.push(topic.clone());
            }
        }
        Ok(lost)
    }

    /// What became of the session, the user and the roles, where that is not what was said before.
    async fn tell_card(&mut self, line: &mut Line, card: Value) -> Result<(), End> {
        let Partner::Topics(following) = &mut self.partner else { return Ok(()) };
        let text = following.changes(&card, self.core.now());
        match text {
            Some(text) if self.place.follows("session") => self.say(line, Message::Text(text)).await,
            _ => Ok(()),
        }
    }

    pub(crate) fn note_organizational(&self) {
        let access = self.core.services().get::<dyn AccessControl>();
        let active = access.and_then(|access| access.active(&self.visitor.identity.session));
        let follows = self.place.topics().any(|topic| topic.contains(':'));
        self.place.seat.set_organizational(active.is_some() || follows);
    }

    /// The next look without a reason: at the end of the proof, or when it is time.
    fn next_recheck(&self, now: Instant) -> Instant {
        let left = self.visitor.until.since(self.core.now());
        // A clock that stands still must not make this spin.
        let left = left.clamp(Duration::from_secs(1), Duration::from_secs(self.plugin.config.recheck));
        now + left
    }

    fn due(&self, times: &Times) -> Instant {
        let mut due = times.ping.min(times.recheck);
        if self.plugin.config.idle_timeout > 0 {
            due = due.min(times.word + Duration::from_secs(self.plugin.config.idle_timeout));
        }
        due
    }

    async fn on_time(&mut self, line: &mut Line, times: &mut Times) -> Result<(), End> {
        let (now, config) = (Instant::now(), &self.plugin.config);
        let (beat, idle) = (Duration::from_secs(config.heartbeat), Duration::from_secs(config.idle_timeout));
        if now >= times.recheck {
            self.place.seat.doubt();
        }
        if matches!(line, Line::Events(_)) {
            times.life = now;
        } else if !idle.is_zero() && now.duration_since(times.word) >= idle {
            return Err(End::IDLE);
        }
        if now < times.ping {
            return Ok(());
        }
        if now.duration_since(times.life) >= beat * 2 {
            return Err(End::SILENT);
        }
        times.ping = now + beat;
        presence::stay(&self.core, &self.plugin, &self.place.seat).await;
        line.say(Message::Ping).await.map_err(|_| End::GONE)
    }

    async fn on_heard(&mut self, line: &mut Line, heard: Heard, times: &mut Times) -> Result<(), End> {
        let now = Instant::now();
        times.life = now;
        self.count(times, now)?;
        match heard {
            Heard::Life => return Ok(()),
            Heard::Gone => return Err(End::GONE),
            Heard::Broken(broken) => {
                return Err(broken.code().map_or(End::GONE, |(code, reason)| End { code, reason }));
            }
            Heard::Text(_) | Heard::Binary(_) => times.word = now,
        }
        self.core.metrics().counter(&figures::MESSAGES, &["in"]).increment(1);
        match (&mut self.partner, heard) {
            (Partner::App { to, .. }, Heard::Text(text)) => pass_on(to, Message::Text(text)).await,
            (Partner::App { to, .. }, Heard::Binary(bytes)) => pass_on(to, Message::Binary(bytes)).await,
            (Partner::Topics(_), Heard::Text(text)) => self.answer(line, &text).await,
            _ => Err(End::NOT_TEXT),
        }
    }

    /// Every frame counts, pings too.
    fn count(&self, times: &mut Times, now: Instant) -> Result<(), End> {
        if now.duration_since(times.window) >= Duration::from_secs(RATE_WINDOW) {
            times.window = now;
            times.left = self.plugin.config.max_rate * RATE_WINDOW;
        }
        times.left = times.left.checked_sub(1).ok_or(End::TOO_FAST)?;
        Ok(())
    }

    /// News go to who still follows.
    async fn pass(&mut self, line: &mut Line, letter: Option<Parcel>) -> Result<(), End> {
        let Some(Parcel { topic, text }) = letter else { return Err(End::GONE) };
        if topic.is_some_and(|topic| !self.place.follows(&topic)) {
            return Ok(());
        }
        self.say(line, Message::Text(text)).await
    }

    pub(crate) async fn say(&self, line: &mut Line, message: Message) -> Result<(), End> {
        self.core.metrics().counter(&figures::MESSAGES, &["out"]).increment(1);
        line.say(message).await.map_err(|_| End::GONE)
    }

    pub(crate) async fn say_text(&self, line: &mut Line, said: Said<'_>) -> Result<(), End> {
        let text: Utf8 = said.text();
        self.say(line, Message::Text(text)).await
    }
}

/// What an application wants to say.
async fn said(partner: &mut Partner) -> Option<Message> {
    match partner {
        Partner::App { from, .. } => from.recv().await,
        Partner::Topics(_) => std::future::pending().await,
    }
}

/// An application that does not listen any more ends the socket.
async fn pass_on(to: &mpsc::Sender<Message>, message: Message) -> Result<(), End> {
    to.send(message).await.map_err(|_| End::GONE)
}

fn unsure(failure: &Failure) -> End {
    tracing::warn!(?failure, "it cannot be known whether a socket's user is still signed in");
    End::UNSURE
}
