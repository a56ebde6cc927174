//! Mail that was sent.

use std::sync::{Mutex, PoisonError};

use auth_core::{
    Failure, async_trait,
    ports::{Mailer, Message},
};

/// Keeps letters instead of sending them.
///
/// ```
/// use auth_core::ports::Message;
/// use auth_testkit::{TestApp, auth_core};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), auth_core::Failure> {
/// let app = TestApp::builder().start().await;
/// let letter = Message::new("badge-given", "ada@example.com", "Ada").with("badge", "gold");
/// app.core().mailer().send(letter).await?;
///
/// let letter = app.mailbox().last("badge-given", "ada@example.com").unwrap();
/// assert_eq!(letter.data["badge"], "gold");
/// # Ok(())
/// # }
/// ```
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

    /// How many letters there were, of all kinds.
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
