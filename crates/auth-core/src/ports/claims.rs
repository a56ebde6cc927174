//! What plugins want signed tokens to say.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::{Core, Failure, session::Identity};

/// A slot: claims of a token for who is signed in, such as roles or the active organization.
///
/// Parts are asked in plugin order and may alter what earlier ones said. What the protocol itself
/// sets (`iss`, `aud`, `sub`, `iat`, `exp`) is written over in the end.
#[async_trait]
pub trait TokenClaims: Send + Sync + 'static {
    async fn add(
        &self,
        core: &Arc<Core>,
        identity: &Identity,
        claims: &mut Map<String, Value>,
    ) -> Result<(), Failure>;
}
