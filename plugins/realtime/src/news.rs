//! What happened, told to those who follow, on every node.

use std::sync::Arc;

use auth_core::{
    Core, Event, Failure, Timestamp, async_trait,
    ports::{Audience, Concern, News, NodeMemory, Topic, Watcher},
    registrar::Listener,
    session::Identity,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Realtime, protocol::Said};

/// How nodes call what they tell each other of sockets.
pub(crate) const TOPIC: &str = "realtime";

/// What nodes tell each other.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub(crate) enum Word {
    News {
        topic: String,
        /// Whose topic it is, where it is a user's own.
        #[serde(skip_serializing_if = "Option::is_none")]
        user_id: Option<String>,
        name: String,
        data: Value,
        at: Timestamp,
    },
    PutOut {
        user_id: String,
        id: String,
    },
}

/// Turns events into news.
pub(crate) struct Editor(pub(crate) Arc<Realtime>);

#[async_trait]
impl Listener for Editor {
    async fn on(&self, core: &Arc<Core>, event: &Event) {
        for topic in core.services().slot::<dyn Topic>() {
            let Some(News { audience, name, data }) = topic.tells(event) else { continue };
            let (topic, user_id) = match audience {
                Audience::Followers(id) => (format!("{}:{id}", topic.name()), None),
                Audience::User(id) => (topic.name().to_owned(), Some(id)),
            };
            let word = Word::News { topic, user_id, name, data, at: core.now() };
            self.0.hear(&word);
            if let Ok(word) = serde_json::to_string(&word) {
                core.nodes().tell(TOPIC, &word, &Concern::Nobody);
            }
        }
    }
}

impl Realtime {
    /// Tells the sockets of this node.
    fn hear(&self, word: &Word) {
        match word {
            Word::News { topic, user_id, name, data, at } => {
                let text = Said::Event { topic, name, data, at: *at }.text();
                match user_id {
                    Some(user_id) => self.desk.tell_user(user_id, topic, &text),
                    None => self.desk.tell_followers(topic, &text),
                }
            }
            Word::PutOut { user_id, id } => self.desk.put_out(user_id, id),
        }
    }
}

/// Other nodes.
pub(crate) struct FromNodes(pub(crate) Arc<Realtime>);

impl NodeMemory for FromNodes {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn stale(&self, _: &Arc<Core>, key: &str) {
        match serde_json::from_str(key) {
            Ok(word) => self.0.hear(&word),
            // A newer version's, in a rolling restart.
            Err(error) => tracing::debug!(%error, "what another node says of sockets is not understood"),
        }
    }

    /// News may have been lost.
    fn distrust(&self, _: &Arc<Core>) {
        self.0.desk.tell_all(&Said::Resync.text());
    }
}

/// Changes that may end what somebody may do.
pub(crate) struct Doubt(pub(crate) Arc<Realtime>);

impl Watcher for Doubt {
    fn changed(&self, concern: &Concern) {
        self.0.desk.doubt(concern);
    }
}

/// `session`: what becomes of the socket's own session. The visit itself tells of it.
pub(crate) struct OwnSession;

#[async_trait]
impl Topic for OwnSession {
    fn name(&self) -> &'static str {
        "session"
    }

    async fn admits(&self, _: &Arc<Core>, _: &Identity, id: Option<&str>) -> Result<bool, Failure> {
        Ok(id.is_none())
    }

    fn tells(&self, _: &Event) -> Option<News> {
        None
    }
}

/// `activity`: what happens to the user's account.
pub(crate) struct OwnActivity;

#[async_trait]
impl Topic for OwnActivity {
    fn name(&self) -> &'static str {
        "activity"
    }

    /// Whoever may not do all that the user may do is not told of all that the user does.
    async fn admits(&self, _: &Arc<Core>, identity: &Identity, id: Option<&str>) -> Result<bool, Failure> {
        Ok(id.is_none() && identity.scopes.is_none())
    }

    fn tells(&self, event: &Event) -> Option<News> {
        let (user_id, data) = match event {
            Event::SignedIn { user_id, session_id, method } => {
                (user_id, json!({ "sessionId": session_id, "method": method }))
            }
            Event::SignInFailed { user_id: Some(user_id), method, reason, ip } => {
                (user_id, json!({ "method": method, "reason": reason, "ipAddress": ip }))
            }
            Event::SessionRevoked { user_id, session_id, .. } => {
                (user_id, json!({ "sessionId": session_id }))
            }
            Event::UserUpdated { user_id }
            | Event::EmailVerified { user_id }
            | Event::PasswordChanged { user_id }
            | Event::PasswordResetRequested { user_id } => (user_id, json!({})),
            Event::AccountLinked { user_id, provider_id }
            | Event::AccountUnlinked { user_id, provider_id } => {
                (user_id, json!({ "providerId": provider_id }))
            }
            _ => return None,
        };
        Some(News { audience: Audience::User(user_id.clone()), name: event.name().to_owned(), data })
    }
}
