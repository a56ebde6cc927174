//! Mail that was sent.

use std::sync::{Mutex, PoisonError};

use auth_core::{
    Failure, async_trait,
    ports::{Mailer, Message},
};

/// Keeps letters instead of sending them.
#[derive(Default)]
pub struct Mailbox {
    letters: Mutex<Vec<Message>>,
}

impl Mailbox {
    /// All letters so far.
    pub fn all(&self) -> Vec<Message> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The newest letter of a kind to an address.
    pub fn last(&self, kind: &str, to: &str) -> Option<Message> {
        self.all().into_iter().rev().find(|letter| letter.kind == kind && letter.to == to)
    }

    pub fn count(&self) -> usize {
        self.all().len()
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, message: Message) -> Result<(), Failure> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(message);
        Ok(())
    }
}
