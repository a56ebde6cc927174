//! Texts to phones.

use std::sync::Arc;

use async_trait::async_trait;
use auth_crypto::Secret;

use crate::{Core, Failure, User};

/// The service that sends texts. A plugin that talks to a gateway provides it.
///
/// `send_code` returns as soon as the text is accepted, as a letter is.
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
