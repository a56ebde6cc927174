//! Mail that a plugin wants sent. Templates and transports are `auth-notify`'s.

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::Failure;

/// A letter. `kind` names the template; `data` fills it and goes to the outbox as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// `verify-email`, `reset-password`, …
    pub kind: &'static str,
    /// The stored address of the receiver, never the one that a client typed.
    pub to: String,
    /// The receiver's name, as data: templates escape it.
    pub name: String,
    /// What the template is filled with, such as a link. The outbox keeps it, so it holds no more than the letter
    /// has to say.
    pub data: Map<String, Value>,
}

impl Message {
    /// A letter without data.
    pub fn new(kind: &'static str, to: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, to: to.into(), name: name.into(), data: Map::new() }
    }

    /// Adds a value for the template, such as a link. Templates escape it.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }
}

/// Takes letters.
///
/// `send` returns as soon as the letter is accepted, so an answer never waits for a mail server
/// and its time tells nothing about whether there was a letter.
///
/// ```
/// use auth_core::{Core, Failure, User, ports::Message};
///
/// async fn congratulate(core: &Core, user: &User) -> Result<(), Failure> {
///     let letter = Message::new("badge-given", &user.email, &user.name).with("badge", "gold");
///     core.mailer().send(letter).await
/// }
/// ```
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Accepts a letter, or fails where it cannot be kept for sending.
    async fn send(&self, message: Message) -> Result<(), Failure>;
}
