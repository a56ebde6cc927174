//! Texts to phones.

use std::sync::Arc;

use async_trait::async_trait;
use auth_crypto::Secret;

use crate::{Core, Failure, User};

/// The service that sends texts. A plugin that talks to a gateway provides it.
///
/// `send_code` returns as soon as the text is accepted, as a letter is.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Core, Failure, User, async_trait, crypto::Secret, ports::SmsSender};
///
/// /// For development: says in the log that there was a text, and nothing of what it said.
/// struct Log;
///
/// #[async_trait]
/// impl SmsSender for Log {
///     async fn send_code(
///         &self,
///         _: &Arc<Core>,
///         user: &User,
///         _: &str,
///         kind: &'static str,
///         _: &Secret,
///     ) -> Result<(), Failure> {
///         println!("a text of kind {kind} for {}", user.id);
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait SmsSender: Send + Sync + 'static {
    /// Sends a code to a verified number of the user. `kind` says what it is for.
    async fn send_code(
        &self,
        core: &Arc<Core>,
        user: &User,
        number: &str,
        kind: &'static str,
        code: &Secret,
    ) -> Result<(), Failure>;
}
