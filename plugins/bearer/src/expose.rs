//! Telling the client its token.

use std::sync::Arc;

use auth_core::{
    AfterHook, Call, Core, Failure, async_trait,
    crypto::decode_component,
    endpoint::Reply,
    http::{HeaderName, HeaderValue, header},
    session::{Renewed, SessionOutcome},
};

/// The header's name.
pub(crate) const SET_AUTH_TOKEN: &str = "set-auth-token";

/// A token with its signature, as headers carry it.
pub(crate) fn signed(core: &Core, token: &str) -> String {
    decode_component(&core.signer().sign(token)).into_owned()
}

pub(crate) struct SetAuthToken;

#[async_trait]
impl AfterHook for SetAuthToken {
    /// Whenever the answer sets a session cookie: the session is committed by now. One that was
    /// refreshed on the way lives on even where the request itself was refused.
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        let token = match call.session_outcome() {
            SessionOutcome::Issued(pending) if outcome.is_ok() => pending.session.token,
            SessionOutcome::Issued(_) | SessionOutcome::Ended => return Ok(()),
            SessionOutcome::Unchanged => match call.noted::<Renewed>() {
                Some(renewed) => renewed.token.clone(),
                None => return Ok(()),
            },
        };
        let Ok(value) = HeaderValue::try_from(signed(call.core(), &token)) else { return Ok(()) };
        call.set_header(HeaderName::from_static(SET_AUTH_TOKEN), value);
        call.set_header(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(SET_AUTH_TOKEN));
        Ok(())
    }
}
