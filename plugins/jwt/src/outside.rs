//! The signer outside of this server: asked with an end to patience, and not at all while it is away.

use std::time::Duration;

use auth_core::{
    Core, Failure,
    breaker::{Breaker, BreakerPolicy, Circuit},
    ports::{Dependency, TokenSigner},
};
use tokio::time::timeout;

/// How long a signature, or the list of keys, may take. Answers about sessions wait for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of how the signer does.
pub(crate) struct Outside {
    breaker: Breaker,
}

impl Default for Outside {
    fn default() -> Self {
        Self { breaker: Breaker::new(BreakerPolicy::default()) }
    }
}

impl Outside {
    pub(crate) async fn ask<T>(
        &self,
        core: &Core,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        if !self.breaker.may_pass(core.now().unix_millis()) {
            return Err(Failure::unavailable("the remote signer is away", 5));
        }
        let failure = match timeout(PATIENCE, work).await {
            Ok(Ok(answer)) => {
                self.breaker.succeeded();
                return Ok(answer);
            }
            Ok(Err(failure)) => Failure::unavailable(format!("the remote signer: {failure:?}"), 5),
            Err(_) => Failure::unavailable("the remote signer does not answer", 5),
        };
        if self.breaker.failed(core.now().unix_millis()) {
            tracing::warn!(?failure, "the remote signer is away; going on without new tokens");
        }
        Err(failure)
    }
}

impl Dependency for Outside {
    fn name(&self) -> &'static str {
        "signer"
    }

    fn circuit(&self, core: &Core) -> Option<Circuit> {
        core.services().get::<dyn TokenSigner>()?;
        Some(self.breaker.circuit(core.now().unix_millis()))
    }
}
