//! Topics that a socket follows.

use std::sync::Arc;

use auth_core::{
    Core, Failure, Timestamp, crypto::sha256_b64url, ports::Topic, serde_json::Value, session::Identity,
    socket::Utf8,
};

use crate::{
    Realtime,
    line::Line,
    protocol::{Asked, End, Said},
    visit::Visit,
};

/// The longest name of a topic.
const LONGEST: usize = 128;

/// What is known of a client that follows topics.
#[derive(Default)]
pub(crate) struct Following {
    /// Topics to begin with.
    pub(crate) wanted: Vec<String>,
    /// A hash of what they were told last of themselves: the whole would be kept for every idle socket.
    told: String,
}

impl Following {
    pub(crate) fn of(wanted: Vec<String>) -> Self {
        Self { wanted, told: String::new() }
    }

    pub(crate) fn remember(&mut self, card: &Value) {
        self.told = sha256_b64url(&card.to_string());
    }

    /// What to tell of a card that is not the one that was told last.
    pub(crate) fn changes(&mut self, card: &Value, now: Timestamp) -> Option<Utf8> {
        let hash = sha256_b64url(&card.to_string());
        if hash == self.told {
            return None;
        }
        self.told = hash;
        Some(Said::Event { topic: "session", name: "session.updated", data: card, at: now }.text())
    }
}

impl Realtime {
    fn topic<'c>(core: &'c Core, name: &str) -> Option<&'c Arc<dyn Topic>> {
        let kind = name.split_once(':').map_or(name, |(kind, _)| kind);
        core.services().slot::<dyn Topic>().find(|topic| topic.name() == kind)
    }

    /// Whether somebody may follow a topic. Nobody may follow one that there is not.
    pub(crate) async fn admits(
        &self,
        core: &Arc<Core>,
        identity: &Identity,
        name: &str,
    ) -> Result<bool, Failure> {
        match Self::topic(core, name) {
            Some(topic) => {
                let id = name.split_once(':').map(|(_, id)| id).filter(|id| !id.is_empty());
                topic.admits(core, identity, id).await
            }
            None => Ok(false),
        }
    }
}

impl Visit {
    /// Answers what a client said.
    pub(crate) async fn answer(&mut self, line: &mut Line, text: &Utf8) -> Result<(), End> {
        match serde_json::from_str::<Asked>(text.as_str()) {
            Ok(Asked::Subscribe { topic }) => self.subscribe(line, &topic).await,
            Ok(Asked::Unsubscribe { topic }) => {
                self.place.unfollow(&topic);
                let topic: String = topic.chars().take(LONGEST).collect();
                self.say_text(line, Said::Unsubscribed { topic: &topic }).await
            }
            Ok(Asked::Ping) => self.say_text(line, Said::Pong).await,
            Err(_) => self.refuse(line, "INVALID_MESSAGE", "This is no message of this protocol", None).await,
        }
    }

    /// Following twice is following once.
    pub(crate) async fn subscribe(&mut self, line: &mut Line, topic: &str) -> Result<(), End> {
        if topic.len() > LONGEST {
            return self
                .refuse(line, "TOPIC_NOT_FOUND", "There is no such topic, or not for you", None)
                .await;
        }
        if self.place.seat.is_doubted() {
            let message = "This cannot be known now; try again";
            return self.refuse(line, "UNAVAILABLE", message, Some(topic)).await;
        }
        let many = self.place.topics().count() >= self.plugin.config.max_topics;
        if many && !self.place.follows(topic) {
            let message = "This socket follows as many topics as it can";
            return self.refuse(line, "TOO_MANY_TOPICS", message, Some(topic)).await;
        }
        // A change between the answer and the following is not missed.
        self.place.seat.set_organizational(true);
        match self.plugin.admits(&self.core, &self.visitor.identity, topic).await {
            Ok(true) => {
                self.place.follow(topic);
                self.note_organizational();
                self.say_text(line, Said::Subscribed { topic }).await
            }
            Ok(false) => {
                let message = "There is no such topic, or not for you";
                self.refuse(line, "TOPIC_NOT_FOUND", message, Some(topic)).await
            }
            Err(failure) => {
                tracing::warn!(?failure, "it cannot be known whether somebody may follow a topic");
                let message = "This cannot be known now; try again";
                self.refuse(line, "UNAVAILABLE", message, Some(topic)).await
            }
        }
    }

    async fn refuse(
        &self,
        line: &mut Line,
        code: &str,
        message: &str,
        topic: Option<&str>,
    ) -> Result<(), End> {
        self.say_text(line, Said::Error { code, message, topic }).await
    }
}
