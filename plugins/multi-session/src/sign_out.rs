//! Signing out ends every account of the browser.

use std::sync::Arc;

use auth_core::{AfterHook, Call, Failure, async_trait, endpoint::Reply, store::Revoke};

use crate::cookies;

/// The endpoint of the plugin that keeps sessions.
pub(crate) const SIGN_OUT: &str = "signOut";

pub(crate) struct EndAll;

#[async_trait]
impl AfterHook for EndAll {
    /// In the transaction that ends the active one.
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        let tokens = cookies::tokens(call);
        if outcome.is_err() || tokens.is_empty() {
            return Ok(());
        }
        let core = call.core();
        let tx = match call.take_tx() {
            Some(tx) => tx,
            None => core.begin().await?,
        };
        let mut found = core.sessions().find_by_tokens(&tx, &tokens).await?;
        // In one order for everybody, so that two who end the same ones never wait for each other.
        found.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        for (session, _) in found {
            core.sessions().revoke(&tx, &session.user_id, Revoke::Token(&session.token)).await?;
        }
        call.commit_with(tx);
        for token in &tokens {
            cookies::forget(call, token);
        }
        Ok(())
    }
}
