//! Reading the header.

use std::sync::Arc;

use auth_core::{
    Call, Failure, async_trait,
    crypto::decode_component,
    session::{Claim, Level, SessionSource},
};

use crate::{Bearer, METHOD};

/// Longest value that is looked at. Signed tokens are far below.
const LONGEST: usize = 512;

#[async_trait]
impl SessionSource for Bearer {
    /// Session tokens hold no dot, so one says that there is a signature. More than one is somebody
    /// else's token, such as a JWT.
    async fn find(&self, call: &Arc<Call>, _: Level) -> Result<Option<Claim>, Failure> {
        let Some(text) = call.bearer().filter(|text| text.len() <= LONGEST) else { return Ok(None) };
        let claim = |token: &str| Claim::Token { token: token.to_owned(), method: METHOD };
        if !text.contains('.') {
            let is_token = text.bytes().all(|b| b.is_ascii_alphanumeric());
            return Ok((!self.config.require_signature && is_token).then(|| claim(text)));
        }
        let decoded = decode_component(text);
        let token = call.core().signer().verify(&decoded);
        Ok(token.filter(|token| !token.contains('.')).map(claim))
    }
}
