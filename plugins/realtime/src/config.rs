//! `[plugins.realtime]`.

use auth_core::{PluginConfig, Preset, schemars::JsonSchema};
use serde::{Deserialize, Serialize};

/// What happens when a user has as many sockets as they may have, and opens another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WhenFull {
    /// The oldest one is closed.
    Oldest,
    /// The new one is.
    Refuse,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RealtimeConfig {
    /// Seconds between the pings that a client has to answer. Who is silent for two of them is closed with
    /// 4408.
    pub heartbeat: u64,
    /// Seconds without any message of the client, pings apart, after which its socket is closed with 4408;
    /// 0 for never. Streams of events have no messages of clients.
    pub idle_timeout: u64,
    /// Seconds after which it is asked again whether a socket's user is still signed in, for what nobody
    /// tells: keys that expire, or rows that were changed by hand. What is told counts at once.
    pub recheck: u64,
    /// Sockets that a user can have at the same time, over all nodes where they share a Redis.
    pub max_per_user: u64,
    /// `oldest` or `refuse`: which socket is closed with 4429 when a user opens too many.
    pub when_full: WhenFull,
    /// Sockets of this node; further ones are refused with 503.
    pub max_sockets: u64,
    /// Bytes of a client's message.
    pub max_message: usize,
    /// Messages that a client may send a second, on average over ten. Who sends more is closed with 1008.
    pub max_rate: u64,
    /// Topics that a socket can follow at the same time.
    pub max_topics: usize,
    /// News that wait for a client that reads slowly. When there are more, its socket is closed with 1013.
    pub queue: usize,
    /// Seconds that a ticket for a socket counts.
    pub ticket_life: u64,
}

impl PluginConfig for RealtimeConfig {
    fn preset(_: Preset) -> Self {
        Self {
            heartbeat: 30,
            idle_timeout: 0,
            recheck: 60,
            max_per_user: 20,
            when_full: WhenFull::Oldest,
            max_sockets: 15_000,
            max_message: 16 * 1024,
            max_rate: 20,
            max_topics: 50,
            queue: 64,
            ticket_life: 30,
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut wrong = Vec::new();
        let mut least = |key: &str, value: u64, least: u64| {
            if value < least {
                wrong.push((key.to_owned(), format!("has to be at least {least}")));
            }
        };
        let sizes = [self.max_message, self.max_topics, self.queue];
        let [max_message, max_topics, queue] = sizes.map(|size| u64::try_from(size).unwrap_or(u64::MAX));
        least("heartbeat", self.heartbeat, 1);
        least("recheck", self.recheck, 1);
        least("max_per_user", self.max_per_user, 1);
        least("max_sockets", self.max_sockets, 1);
        least("max_message", max_message, 1024);
        least("max_rate", self.max_rate, 1);
        least("max_topics", max_topics, 1);
        least("queue", queue, 1);
        least("ticket_life", self.ticket_life, 5);
        wrong
    }
}
