//! Withdraws the session of who signs in and has to prove more. It was never stored, so there is nothing of
//! it anywhere: no row, no cookie, no header.

use std::sync::Arc;

use auth_core::{
    AfterHook, Call, Core, Failure, User, async_trait,
    endpoint::{Reply, Tag},
    http::{HeaderValue, header},
    ports::FactorPolicy,
    proof::Proofs,
    schemars::JsonSchema,
    session::{Identity, Issue, Pending, RoleSource, SessionOutcome},
};
use serde::Serialize;

use crate::{
    TwoFactor,
    config::Enforce,
    cookies, devices, factor, otp,
    schema::{Enabled, challenge::Model},
};

/// A note on a call: the session that it issues is one whose user answered.
pub(crate) struct Answered;

/// What a sign-in answers that waits.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Challenged {
    two_factor_redirect: bool,
    /// What the user has, or may set up.
    two_factor_methods: Vec<&'static str>,
    /// The user has none and has to set one up before there is a session.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    enrollment_required: bool,
}

pub(crate) struct Gate(pub(crate) Arc<TwoFactor>);

#[async_trait]
impl AfterHook for Gate {
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        let SessionOutcome::Issued(pending) = call.session_outcome() else { return Ok(()) };
        let Ok(reply) = outcome else { return Ok(()) };
        let proofs = call.issued_by();
        let answered = call.noted::<Answered>().is_some() || proofs.is_multi_factor();
        if pending.issue != Issue::SignIn || answered {
            return Ok(());
        }
        let has_one = pending.user.ext::<Enabled>().two_factor;
        let asked = match self.0.config.enforce {
            Enforce::All => true,
            Enforce::Credential => call.tags().contains(&Tag::CREDENTIAL_SIGN_IN),
        };
        let asked = (has_one && asked) || self.0.is_required(call, &pending).await?;
        if !asked {
            return Ok(());
        }
        // One transaction with what the handler has written: the user may be in it.
        let tx = match call.take_tx() {
            Some(tx) => tx,
            None => call.core().begin().await?,
        };
        if has_one && devices::admits(&self.0, call, &tx, &pending.user.id).await? {
            call.commit_with(tx);
            return Ok(());
        }
        let challenge = Model::of(&self.0, call.core(), &pending, &proofs, !has_one);
        let id = challenge.id.clone();
        challenge.insert(&tx).await?;
        call.commit_with(tx);
        call.set_session(SessionOutcome::Unchanged);
        cookies::withdraw_session(call, pending.remember);
        if has_one {
            cookies::expire_present(call, cookies::TRUST_DEVICE);
        }
        cookies::set(call, cookies::TWO_FACTOR, &id, Some(self.0.config.challenge_expires_in));
        let body = Challenged {
            two_factor_redirect: true,
            two_factor_methods: self.0.methods(call.core(), &pending.user, &proofs, has_one).await?,
            enrollment_required: !has_one,
        };
        replace(reply, &body, &pending.session.token)
    }
}

/// A browser that is led on goes on, with the challenge's cookie; everything else is told. Nothing of the
/// handler's answer that has the token in it stays.
fn replace(reply: &mut Reply, body: &Challenged, token: &str) -> Result<(), Failure> {
    let has_token =
        |value: &HeaderValue| value.as_bytes().windows(token.len()).any(|part| part == token.as_bytes());
    if reply.status.is_redirection() && !reply.headers.values().any(has_token) {
        return Ok(());
    }
    let mut answer = Reply::json(body)?;
    if let Some(next) = reply.headers.get(header::LOCATION).filter(|next| !has_token(next)) {
        answer.headers.insert(header::LOCATION, next.clone());
    }
    *reply = answer;
    Ok(())
}

impl TwoFactor {
    /// Whether there may be somebody who has to have a second factor.
    pub(crate) fn may_enrol(&self, core: &Core) -> bool {
        let required = &self.config.required;
        let others = || core.services().slot::<dyn FactorPolicy>().next().is_some();
        required.everyone || !required.roles.is_empty() || others()
    }

    /// Whether this user has to have a second factor.
    async fn is_required(&self, call: &Arc<Call>, pending: &Pending) -> Result<bool, Failure> {
        let required = &self.config.required;
        if required.everyone {
            return Ok(true);
        }
        let (core, user) = (call.core(), &pending.user);
        for policy in core.services().slot::<dyn FactorPolicy>() {
            if policy.demands(core, user).await? {
                return Ok(true);
            }
        }
        if required.roles.is_empty() {
            return Ok(false);
        }
        let identity =
            Identity::new(Arc::new(pending.session.clone()), Arc::new(user.clone()), pending.method);
        for source in core.services().slot::<dyn RoleSource>() {
            let roles = source.roles(call, &identity).await?;
            if roles.iter().any(|role| required.roles.contains(role)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a user can answer with, or set up.
    async fn methods(
        &self,
        core: &Core,
        user: &User,
        proofs: &Proofs,
        has_one: bool,
    ) -> Result<Vec<&'static str>, Failure> {
        let totp = self.config.totp.enabled
            && (!has_one || factor::find(core.db(), &user.id).await?.is_some_and(|row| row.is_verified()));
        let otp = self.config.otp.enabled && otp::is_second(core, user, proofs);
        Ok(totp.then_some("totp").into_iter().chain(otp.then_some("otp")).collect())
    }
}
