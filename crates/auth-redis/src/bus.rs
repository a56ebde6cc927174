//! Word between nodes of what changed, so that each may remember things for long.
//!
//! Every node numbers what it says, and says at least every second where it is. Who hears a number that
//! is too high knows that something was lost, and forgets everything. A node remembers things for long
//! only while it is *in touch*: it hears itself, and every node that has not taken its leave. What is
//! said is sealed with the server's secret: Redis learns no session token, and nobody without the secret
//! can make nodes forget.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Core,
    crypto::{Alphabet, random_string, sealed},
    ports::{Concern, NodeMemory, Nodes, Rng},
};
use deadpool_redis::redis;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use crate::{link::Redis, presence::Presence};

const CHANNEL: &str = "nodes";
/// How often a node says where it is.
const BEAT: Duration = Duration::from_secs(1);
/// Who was not heard for so long is silent.
const SILENT: Duration = Duration::from_millis(3500);
/// A node that was killed takes no leave. It is forgotten after this; until then the others keep their
/// memories short.
const GONE: Duration = Duration::from_secs(24 * 3600);
/// The pause before a lost connection is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// Words that wait for Redis. Further ones are lost, which the others notice.
const WAITING: usize = 10_000;

/// What is said.
#[derive(Debug, Serialize, Deserialize)]
struct Word {
    /// Who says it.
    #[serde(rename = "n")]
    node: String,
    /// How many changes it has told so far, this one too.
    #[serde(rename = "s")]
    said: u64,
    #[serde(flatten)]
    what: What,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "w", rename_all = "lowercase")]
enum What {
    /// The node is there.
    Here,
    /// It takes its leave.
    Leave,
    /// Something has changed.
    Stale {
        #[serde(rename = "t")]
        topic: String,
        #[serde(rename = "k")]
        key: String,
        #[serde(rename = "c", default)]
        concern: Concern,
    },
}

/// A change that waits to be told.
struct Change {
    topic: &'static str,
    key: String,
    concern: Concern,
}

/// What is known of another node.
struct Peer {
    said: u64,
    heard: Instant,
}

/// The nodes that share a Redis.
pub struct Bus {
    redis: Arc<Redis>,
    presence: Presence,
    /// This node, for as long as it runs.
    name: String,
    in_touch: AtomicBool,
    waiting: mpsc::Sender<Change>,
    taken: Mutex<mpsc::Receiver<Change>>,
    /// Changes that were told so far.
    said: AtomicU64,
    /// Something did not fit into the queue.
    lost: AtomicBool,
}

impl Nodes for Bus {
    fn tell(&self, topic: &'static str, key: &str, concern: &Concern) {
        let change = Change { topic, key: key.to_owned(), concern: concern.clone() };
        if self.waiting.try_send(change).is_err() {
            self.lost.store(true, Ordering::Release);
        }
    }

    fn in_touch(&self) -> bool {
        self.in_touch.load(Ordering::Acquire)
    }

    fn presence(&self) -> Option<&dyn auth_core::ports::Presence> {
        Some(&self.presence)
    }
}

impl Bus {
    #[must_use]
    pub fn new(redis: Arc<Redis>, rng: &dyn Rng) -> Arc<Self> {
        let (waiting, taken) = mpsc::channel(WAITING);
        Arc::new(Self {
            presence: Presence::new(redis.clone()),
            redis,
            name: random_string(rng, 16, Alphabet::AlphaNumeric),
            in_touch: AtomicBool::new(false),
            waiting,
            taken: Mutex::new(taken),
            said: AtomicU64::new(0),
            lost: AtomicBool::new(false),
        })
    }

    /// Speaks and listens, until it is dropped.
    pub async fn run(self: Arc<Self>, core: Arc<Core>) {
        tokio::join!(self.speak(&core), self.listen(&core));
    }

    /// Tells the others what they do not know yet, and that this node stops, so that they do not wait for
    /// it. Comes after the end of [`Bus::run`].
    pub async fn leave(&self, core: &Core) {
        let mut taken = self.taken.lock().await;
        while let Ok(change) = taken.try_recv() {
            self.say_changed(core, change).await;
        }
        self.say(core, What::Leave).await;
    }

    async fn speak(&self, core: &Core) {
        let mut taken = self.taken.lock().await;
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                change = taken.recv() => match change {
                    Some(change) => self.say_changed(core, change).await,
                    None => return,
                },
                _ = beats.tick() => self.say(core, What::Here).await,
            }
        }
    }

    async fn say_changed(&self, core: &Core, change: Change) {
        self.said.fetch_add(1, Ordering::AcqRel);
        let Change { topic, key, concern } = change;
        self.say(core, What::Stale { topic: topic.to_owned(), key, concern }).await;
    }

    /// What does not get through is missed by the others: the next number tells them.
    async fn say(&self, core: &Core, what: What) {
        if self.lost.swap(false, Ordering::AcqRel) {
            self.said.fetch_add(1, Ordering::AcqRel);
        }
        let said = self.said.load(Ordering::Acquire);
        let Ok(text) = serde_json::to_vec(&Word { node: self.name.clone(), said, what }) else { return };
        let sealed = sealed::seal(core.rng(), &core.settings().secrets, &text);
        let mut command = redis::cmd("PUBLISH");
        command.arg(self.redis.name(CHANNEL)).arg(sealed);
        if let Err(away) = self.redis.run::<i64>(&command).await {
            tracing::debug!(%away, "other nodes were not told");
        }
    }

    async fn listen(&self, core: &Arc<Core>) {
        let mut ears = Ears { bus: self, core, own: None, peers: HashMap::new() };
        loop {
            match self.redis.subscribe(&self.redis.name(CHANNEL)).await {
                Ok(mut channel) => {
                    let mut words = channel.on_message();
                    let mut beats = interval(BEAT);
                    loop {
                        tokio::select! {
                            message = words.next() => match message {
                                Some(message) => ears.hear(message.get_payload_bytes()),
                                None => break,
                            },
                            _ = beats.tick() => {}
                        }
                        ears.judge();
                    }
                }
                Err(away) => tracing::debug!(%away, "other nodes are not heard"),
            }
            ears.own = None;
            self.lose_touch(core);
            sleep(PAUSE).await;
        }
    }

    fn lose_touch(&self, core: &Arc<Core>) {
        if self.in_touch.swap(false, Ordering::AcqRel) {
            tracing::warn!("other nodes are not heard; what is remembered is kept for seconds only");
            distrust(core);
        }
    }
}

fn distrust(core: &Arc<Core>) {
    for memory in core.services().slot::<dyn NodeMemory>() {
        memory.distrust(core);
    }
    core.concerns(&Concern::Anybody);
}

/// What a node has heard since it listens.
struct Ears<'b> {
    bus: &'b Bus,
    core: &'b Arc<Core>,
    /// When this node last heard itself.
    own: Option<Instant>,
    /// They are remembered over a lost connection: one that is silent afterwards is missed.
    peers: HashMap<String, Peer>,
}

impl Ears<'_> {
    fn hear(&mut self, message: &[u8]) {
        let text = std::str::from_utf8(message).ok();
        let opened = text.and_then(|text| sealed::open(&self.core.settings().secrets, text).ok());
        let word = opened.and_then(|opened| serde_json::from_slice::<Word>(&opened).ok());
        let Some(word) = word else {
            tracing::warn!(
                "what another node said cannot be read: is its secret the same, and the prefix its own?"
            );
            return;
        };
        let now = Instant::now();
        if word.node == self.bus.name {
            self.own = Some(now);
            return;
        }
        let is_change = matches!(word.what, What::Stale { .. });
        // Of a node that was not heard before, everything counts that it has ever told.
        let known = self.peers.get(&word.node).map_or(0, |peer| peer.said);
        let expected = known.saturating_add(u64::from(is_change));
        if word.said < expected {
            // Said again by somebody who has listened: it says nothing new.
            return;
        }
        if word.said > expected {
            tracing::info!(missed = word.said - expected, "words of another node were not heard");
            distrust(self.core);
        }
        if matches!(word.what, What::Leave) {
            self.peers.remove(&word.node);
            return;
        }
        self.peers.insert(word.node, Peer { said: word.said, heard: now });
        if let What::Stale { topic, key, concern } = word.what {
            for memory in self.core.services().slot::<dyn NodeMemory>() {
                if memory.topic() == topic {
                    memory.stale(self.core, &key);
                }
            }
            self.core.concerns(&concern);
        }
    }

    /// Whether all that should be heard was heard.
    fn judge(&mut self) {
        let now = Instant::now();
        self.peers.retain(|_, peer| now.duration_since(peer.heard) < GONE);
        let lately = |heard: Instant| now.duration_since(heard) < SILENT;
        let touch = self.own.is_some_and(lately) && self.peers.values().all(|peer| lately(peer.heard));
        if !touch {
            self.bus.lose_touch(self.core);
        } else if !self.bus.in_touch.swap(true, Ordering::AcqRel) {
            tracing::info!(others = self.peers.len(), "other nodes are heard");
        }
    }
}
