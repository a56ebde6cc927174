//! What happened, told to whoever listens.
//!
//! Events are facts after a commit. A listener cannot undo or delay a request: each has a bounded
//! queue of its own, and one that falls behind is told how many events it missed.

use std::{fmt, sync::OnceLock};

use auth_crypto::Secret;
use tokio::sync::broadcast;

use crate::access::Permissions;

/// A fact. Variants carry ids, never secrets that are worth stealing from a log.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    UserCreated {
        user_id: String,
    },
    UserUpdated {
        user_id: String,
    },
    UserDeleted {
        user_id: String,
    },
    EmailVerified {
        user_id: String,
    },
    SignedIn {
        user_id: String,
        session_id: String,
        /// How. Where somebody else vouched for the user, `method/provider`.
        method: &'static str,
    },
    SignInFailed {
        /// As in `SignedIn`.
        method: &'static str,
        reason: &'static str,
        /// Whose account it was, where there is one.
        user_id: Option<String>,
        ip: Option<String>,
    },
    SessionCreated {
        session_id: String,
        user_id: String,
    },
    /// The token is what caches are keyed by; it cannot be printed.
    SessionRevoked {
        session_id: String,
        user_id: String,
        token: Secret,
    },
    PasswordChanged {
        user_id: String,
    },
    PasswordResetRequested {
        user_id: String,
    },
    AccountLinked {
        user_id: String,
        provider_id: String,
    },
    AccountUnlinked {
        user_id: String,
        provider_id: String,
    },
    /// Somebody was not allowed to do something in an organization.
    AccessDenied {
        user_id: String,
        organization_id: String,
        asked: Permissions,
    },
    RateLimited {
        /// The endpoint's, with `:name` for what it holds; nothing that a client wrote.
        path: String,
        /// What the configuration calls the rule.
        rule: String,
        ip: Option<String>,
    },
    /// An event of a plugin: its id, a name, and public data.
    Plugin {
        plugin: &'static str,
        name: &'static str,
        data: serde_json::Value,
    },
}

impl Event {
    /// How alarming it is, from 1 to 100, where it is a matter of security. What plugins publish is known
    /// to the host ([`Registrar::alarm`](crate::Registrar::alarm)).
    #[must_use]
    pub fn risk(&self) -> Option<u8> {
        match self {
            Self::SignInFailed { .. } => Some(30),
            Self::AccessDenied { .. } => Some(40),
            Self::RateLimited { .. } => Some(50),
            _ => None,
        }
    }

    /// The name in logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::UserCreated { .. } => "user.created",
            Self::UserUpdated { .. } => "user.updated",
            Self::UserDeleted { .. } => "user.deleted",
            Self::EmailVerified { .. } => "user.email_verified",
            Self::SignedIn { .. } => "session.signed_in",
            Self::SignInFailed { .. } => "session.sign_in_failed",
            Self::SessionCreated { .. } => "session.created",
            Self::SessionRevoked { .. } => "session.revoked",
            Self::PasswordChanged { .. } => "password.changed",
            Self::PasswordResetRequested { .. } => "password.reset_requested",
            Self::AccountLinked { .. } => "account.linked",
            Self::AccountUnlinked { .. } => "account.unlinked",
            Self::AccessDenied { .. } => "access.denied",
            Self::RateLimited { .. } => "rate.limited",
            Self::Plugin { name, .. } => name,
        }
    }
}

/// Events that a listener may be behind before it misses some.
const BACKLOG: usize = 1024;

/// The bus. Publishing never waits.
pub struct EventBus {
    sender: broadcast::Sender<Event>,
    witness: OnceLock<Witness>,
}

type Witness = Box<dyn Fn(&Event) + Send + Sync>;

impl Default for EventBus {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0, witness: OnceLock::new() }
    }
}

impl EventBus {
    pub fn publish(&self, event: Event) {
        tracing::debug!(event = event.name(), "event");
        if let Some(witness) = self.witness.get() {
            witness(&event);
        }
        // Nobody listening is fine.
        drop(self.sender.send(event));
    }

    /// Shows every event to the program itself, at once and without fail: for counting, and for log
    /// lines that belong to the request. It must not wait. The first call counts.
    pub fn show(&self, witness: impl Fn(&Event) + Send + Sync + 'static) {
        drop(self.witness.set(Box::new(witness)));
    }

    #[must_use]
    pub fn subscribe(&self) -> Events {
        Events { receiver: self.sender.subscribe() }
    }
}

impl fmt::Debug for EventBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventBus({} listeners)", self.sender.receiver_count())
    }
}

/// A listener's end of the bus.
pub struct Events {
    receiver: broadcast::Receiver<Event>,
}

impl Events {
    /// The next event; `None` when the host has gone.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.receiver.recv().await {
                Ok(event) => return Some(event),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "an event listener fell behind");
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }

    /// An event that is waiting already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.receiver.try_recv().ok()
    }
}
