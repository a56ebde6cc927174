//! Telling the client its token.

use std::sync::Arc;

use auth_core::{
    AfterHook, Call, Failure, async_trait,
    crypto::decode_component,
    endpoint::Reply,
    http::{HeaderName, HeaderValue, header},
    session::{Renewed, SessionOutcome},
};

/// The header's name.
pub(crate) const SET_AUTH_TOKEN: &str = "set-auth-token";

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
        let signed = call.core().signer().sign(&token);
        let Ok(value) = HeaderValue::try_from(decode_component(&signed).as_ref()) else { return Ok(()) };
        call.set_header(HeaderName::from_static(SET_AUTH_TOKEN), value);
        call.set_header(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(SET_AUTH_TOKEN));
        Ok(())
    }
}
