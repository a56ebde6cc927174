//! Word between nodes of what changed, so that each may remember things for long.
//!
//! Every node numbers what it says, and says at least every second where it is. Who hears a number that
//! is too high knows that something was lost, and forgets everything. A node remembers things for long
//! only while it is *in touch*: it hears itself, and every node that has not taken its leave. Who there is
//! says the database as well ([`crate::roll`]): a node that was killed is not waited for, and one that
//! never came to Redis is missed. What is said is sealed with the server's secret: Redis learns no
//! session token, and nobody without the secret can make nodes forget.

mod ears;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use auth_core::{
    Core,
    crypto::{Alphabet, random_string, sealed},
    ports::{Concern, NodeMemory, Nodes, Rng, Shared},
};
use deadpool_redis::redis;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{Mutex, mpsc},
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use crate::{
    link::Redis,
    presence::Presence,
    roll::Roll,
    shelf::{Debts, Scripts, Settled},
};

use ears::Ears;

const CHANNEL: &str = "nodes";
/// How often a node says where it is.
const BEAT: Duration = Duration::from_secs(1);
/// Who was not heard for so long is silent.
pub(crate) const SILENT: Duration = Duration::from_millis(3500);
/// How long it is known that a node has taken its leave: longer than the database may say otherwise.
const LEFT: Duration = Duration::from_secs(120);
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
    /// The epoch of what is shared that the node trusts in; 0 for none.
    #[serde(rename = "e", default)]
    epoch: u64,
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
    epoch: u64,
}

/// The nodes that share a Redis.
pub struct Bus {
    pub(crate) redis: Arc<Redis>,
    presence: Presence,
    /// This node, for as long as it runs.
    pub(crate) name: String,
    pub(crate) scripts: Scripts,
    /// What was put in another epoch is not found.
    pub(crate) epoch: AtomicU64,
    /// What has to be removed still. Until then this node is silent.
    pub(crate) debts: Debts,
    /// Who there is, as the database has it.
    pub(crate) roll: std::sync::Mutex<Option<Arc<Roll>>>,
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

    fn shared(&self) -> Option<&dyn Shared> {
        Some(self)
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
            scripts: Scripts::default(),
            epoch: AtomicU64::new(0),
            debts: Debts::default(),
            roll: std::sync::Mutex::default(),
            in_touch: AtomicBool::new(false),
            waiting,
            taken: Mutex::new(taken),
            said: AtomicU64::new(0),
            lost: AtomicBool::new(false),
        })
    }

    /// Speaks and listens, until it is dropped.
    pub async fn run(self: Arc<Self>, core: Arc<Core>) {
        tokio::join!(self.speak(&core), self.listen(&core), self.call_the_roll(&core));
    }

    /// Tells the others what they do not know yet, and that this node stops, so that they do not wait for
    /// it. Comes after the end of [`Bus::run`]. Who owes something leaves without a word, and is missed.
    pub async fn leave(&self, core: &Core) {
        let mut taken = self.taken.lock().await;
        while let Ok(change) = taken.try_recv() {
            self.say_changed(core, change).await;
        }
        self.say(core, What::Leave).await;
        if !self.debts.are_there() {
            self.strike_off(core).await;
        }
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
        match self.settle().await {
            // Somebody may have found what was there still.
            Settled::Late => self.lost.store(true, Ordering::Release),
            Settled::Nothing => {}
            Settled::NotYet => return,
        }
        if self.lost.swap(false, Ordering::AcqRel) {
            self.said.fetch_add(1, Ordering::AcqRel);
        }
        let said = self.said.load(Ordering::Acquire);
        let epoch = if self.in_touch() { self.epoch.load(Ordering::Acquire) } else { 0 };
        let word = Word { node: self.name.clone(), said, epoch, what };
        let Ok(text) = serde_json::to_vec(&word) else { return };
        let sealed = sealed::seal(core.rng(), &core.settings().secrets, &text);
        let mut command = redis::cmd("PUBLISH");
        command.arg(self.redis.name(CHANNEL)).arg(sealed);
        if let Err(away) = self.redis.run::<i64>(&command).await {
            tracing::debug!(%away, "other nodes were not told");
        }
    }

    async fn listen(&self, core: &Arc<Core>) {
        let mut ears = Ears::new(self, core);
        loop {
            match self.redis.subscribe(&self.redis.name(CHANNEL)).await {
                Ok(mut channel) => {
                    ears.listens_anew();
                    let mut words = channel.on_message();
                    let mut beats = interval(BEAT);
                    loop {
                        tokio::select! {
                            message = words.next() => match message {
                                Some(message) => ears.hear(message.get_payload_bytes()),
                                None => break,
                            },
                            _ = beats.tick() => ears.look_after_cluster().await,
                        }
                        ears.judge().await;
                    }
                }
                Err(away) => tracing::debug!(%away, "other nodes are not heard"),
            }
            ears.is_deaf();
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
