//! What a node hears of the others, and whether it hears all of them.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, atomic::Ordering},
};

use auth_core::{
    Core,
    crypto::sealed,
    ports::{NodeMemory, Nodes},
};
use tokio::time::Instant;

use super::{Bus, LEFT, Peer, SILENT, What, Word, distrust};
use crate::config::Mode;

/// What a node has heard since it listens.
pub(super) struct Ears<'b> {
    bus: &'b Bus,
    core: &'b Arc<Core>,
    /// When it began to listen, or to listen again.
    since: Instant,
    /// When this node last heard itself.
    own: Option<Instant>,
    /// How many failovers a cluster has had, and when it was last asked.
    cluster: Option<(u64, Instant)>,
    /// They are remembered over a lost connection: one that is silent afterwards is missed.
    peers: HashMap<String, Peer>,
    /// Who has taken its leave, and when.
    left: HashMap<String, Instant>,
    /// It was not in touch yet.
    is_new: bool,
}

impl<'b> Ears<'b> {
    pub(super) fn new(bus: &'b Bus, core: &'b Arc<Core>) -> Self {
        Self {
            bus,
            core,
            since: Instant::now(),
            own: None,
            cluster: None,
            peers: HashMap::new(),
            left: HashMap::new(),
            is_new: true,
        }
    }

    pub(super) fn listens_anew(&mut self) {
        self.since = Instant::now();
    }

    /// The way to Redis is lost.
    pub(super) fn is_deaf(&mut self) {
        self.own = None;
    }

    pub(super) fn hear(&mut self, message: &[u8]) {
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
            self.left.insert(word.node, now);
            return;
        }
        let peer = Peer { said: word.said, heard: now, epoch: word.epoch };
        self.peers.insert(word.node, peer);
        self.follow(word.epoch);
        if let What::Stale { topic, key, concern } = word.what {
            for memory in self.core.services().slot::<dyn NodeMemory>() {
                if memory.topic() == topic {
                    memory.stale(self.core, &key);
                }
            }
            self.core.concerns(&concern);
        }
    }

    /// Another node does not trust what was shared before its epoch, nor what came from there.
    fn follow(&self, epoch: u64) {
        if self.bus.in_touch() && self.bus.epoch.fetch_max(epoch, Ordering::AcqRel) < epoch {
            distrust(self.core);
        }
    }

    /// A part of a cluster that fails over may lose the last removals, and no connection of this node with
    /// it.
    pub(super) async fn look_after_cluster(&mut self) {
        if self.bus.redis.config().mode != Mode::Cluster {
            return;
        }
        match self.bus.redis.failovers().await {
            Ok(count) => {
                let last = self.cluster.map_or(count, |(last, _)| last);
                if count > last {
                    self.bus.lose_touch(self.core);
                }
                self.cluster = Some((count.max(last), Instant::now()));
            }
            Err(away) => tracing::debug!(%away, "nobody knows how the cluster is"),
        }
    }

    /// Whether all that should be heard was heard.
    pub(super) async fn judge(&mut self) {
        if !self.hears_all() {
            self.bus.lose_touch(self.core);
        } else if !self.bus.in_touch() {
            self.get_in_touch().await;
        }
    }

    fn hears_all(&mut self) -> bool {
        let now = Instant::now();
        // What was heard over an earlier connection says nothing of what was lost since.
        let since = self.since;
        let lately = |heard: Instant| heard >= since && now.duration_since(heard) < SILENT;
        let Some(roll) = self.bus.roll.lock().unwrap_or_else(PoisonError::into_inner).clone() else {
            return false;
        };
        self.peers.retain(|name, peer| lately(peer.heard) || !roll.says_gone(name, peer.heard + SILENT));
        self.left.retain(|_, at| now.duration_since(*at) < LEFT);
        let is_known = |name: &String| {
            *name == self.bus.name || self.peers.contains_key(name) || self.left.contains_key(name)
        };
        let is_known_how = self.bus.redis.config().mode != Mode::Cluster
            || self.cluster.is_some_and(|(_, asked)| now.duration_since(asked) < SILENT);
        is_known_how
            && self.own.is_some_and(lately)
            && self.peers.values().all(|peer| lately(peer.heard))
            // A node that has just come waits for everybody, the others for who had time to be heard.
            && roll.others(self.is_new).all(is_known)
    }

    /// What was read before this moment could have been changed unheard.
    async fn get_in_touch(&mut self) {
        // Where others trust in what is shared, so may a node that has just come. One that was out of
        // touch cannot tell what was lost meanwhile, and a first one not what a killed one owed.
        let theirs = self.peers.values().map(|peer| peer.epoch).max().unwrap_or_default();
        let epoch = if self.is_new && theirs > 0 {
            theirs
        } else {
            match self.bus.begin_epoch(theirs).await {
                Ok(epoch) => epoch,
                Err(away) => return tracing::debug!(%away, "no new epoch"),
            }
        };
        self.is_new = false;
        self.bus.epoch.fetch_max(epoch, Ordering::AcqRel);
        distrust(self.core);
        self.bus.in_touch.store(true, Ordering::Release);
        tracing::info!(others = self.peers.len(), "other nodes are heard");
    }
}
