//! What the plugin does around other plugins' endpoints.

use std::sync::Arc;

use auth_core::{
    AfterHook, Call, Extract, Failure, Session, async_trait,
    breaker::Circuit,
    endpoint::Reply,
    http::{HeaderName, HeaderValue, header},
    ports::Dependency,
};

use crate::Jwt;

const NAME: &str = "set-auth-jwt";

/// Proxies refuse answers with longer headers; `GET /token` has the token all the same.
const LONGEST: usize = 8 * 1024;

/// Puts a token on answers that say who is signed in.
pub(crate) struct SetAuthJwt(pub(crate) Arc<Jwt>);

#[async_trait]
impl AfterHook for SetAuthJwt {
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        if outcome.is_err() {
            return Ok(());
        }
        let Some(Session(identity)) = Option::<Session>::extract(call).await? else { return Ok(()) };
        let recent = match self.0.recent_token_of(call.core(), &identity).await {
            Ok(recent) => recent,
            // Who is signed in is known; that there is no token to say so must not hide it.
            Err(failure) => {
                // While the signer rests, that has been said once.
                if self.0.keys.outside.circuit(call.core()) != Some(Circuit::Open) {
                    tracing::error!(?failure, "no token for `{NAME}`");
                }
                return Ok(());
            }
        };
        if recent.token.len() > LONGEST {
            tracing::warn!(bytes = recent.token.len(), "a token is too long for a header");
            return Ok(());
        }
        let token = HeaderValue::try_from(recent.token.as_str()).map_err(Failure::internal)?;
        call.set_header(HeaderName::from_static(NAME), token);
        call.set_header(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(NAME));
        Ok(())
    }
}
