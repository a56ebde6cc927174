//! What happened, told to whoever listens.
//!
//! Events are facts after a commit. A listener cannot undo or delay a request: each has a bounded
//! queue of its own, and one that falls behind is told how many events it missed.

use std::{fmt, sync::OnceLock};

use auth_crypto::Secret;
use tokio::sync::broadcast;

use crate::access::Permissions;

/// A fact. Variants carry ids, never secrets that are worth stealing from a log.
///
/// ```
/// use auth_core::{Core, Event, serde_json::json};
///
/// fn badge_given(core: &Core, user_id: &str) {
///     let data = json!({ "userId": user_id });
///     core.events().publish(Event::Plugin { plugin: "badges", name: "badge.given", data });
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Somebody signed up, or was made by an administrator.
    UserCreated {
        /// Whom it is about.
        user_id: String,
    },
    /// A column of a user has changed.
    UserUpdated {
        /// Whom it is about.
        user_id: String,
    },
    /// A user and all that was theirs has gone.
    UserDeleted {
        /// Who it was; the row is not there any more.
        user_id: String,
    },
    /// A user proved that their address is theirs.
    EmailVerified {
        /// Whom it is about.
        user_id: String,
    },
    /// Somebody proved who they are and got a session.
    SignedIn {
        /// Who signed in.
        user_id: String,
        /// The session that they got.
        session_id: String,
        /// How. Where somebody else vouched for the user, `method/provider`.
        method: &'static str,
    },
    /// Somebody tried to sign in and did not.
    SignInFailed {
        /// As in `SignedIn`.
        method: &'static str,
        /// Why, in one word for figures.
        reason: &'static str,
        /// Whose account it was, where there is one.
        user_id: Option<String>,
        /// The client's address, as far as it can be trusted.
        ip: Option<String>,
    },
    /// There is a session, whatever made it.
    SessionCreated {
        /// Its id; the token is in no event of this kind.
        session_id: String,
        /// Whose it is.
        user_id: String,
    },
    /// The token is what caches are keyed by; it cannot be printed.
    SessionRevoked {
        /// Its id; the row has gone.
        session_id: String,
        /// Whose it was.
        user_id: String,
        /// What it was presented by.
        token: Secret,
    },
    /// A user has another password, set or reset.
    PasswordChanged {
        /// Whose it is.
        user_id: String,
    },
    /// Somebody asked for a link to reset a password.
    PasswordResetRequested {
        /// Whose it is. Nothing is told where there is no such user.
        user_id: String,
    },
    /// A user has one more way to sign in.
    AccountLinked {
        /// Whose it is.
        user_id: String,
        /// The provider that vouches for them; `credential` for a password.
        provider_id: String,
    },
    /// A user has one way less to sign in.
    AccountUnlinked {
        /// Whose it was.
        user_id: String,
        /// As in `AccountLinked`.
        provider_id: String,
    },
    /// Somebody was not allowed to do something in an organization.
    AccessDenied {
        /// Who asked.
        user_id: String,
        /// Where.
        organization_id: String,
        /// What they wanted to do.
        asked: Permissions,
    },
    /// A request was refused because there were too many.
    RateLimited {
        /// The endpoint's, with `:name` for what it holds; nothing that a client wrote.
        path: String,
        /// What the configuration calls the rule.
        rule: String,
        /// The client's address, as far as it can be trusted.
        ip: Option<String>,
    },
    /// An event of a plugin: its id, a name, and public data.
    Plugin {
        /// Who publishes it.
        plugin: &'static str,
        /// Its name in logs and metrics, `noun.verbed`: few, and known beforehand.
        name: &'static str,
        /// Ids and figures. Listeners, logs and webhooks may show it.
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
    /// Tells everybody at once. Inside of a transaction use [`Tx::tell`](crate::Tx::tell), which waits for the commit.
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

    /// One more listener: it hears what is published from now on. Plugins use
    /// [`Registrar::listen`](crate::Registrar::listen) instead: the host starts and stops it.
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
