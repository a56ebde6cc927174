//! Who answers a challenge, or proves more in a session; and what follows a right or a wrong code.

use auth_core::{
    Cx, Extract, Failure, Means, StrictSession, Tx, User,
    model::SessionPatch,
    proof::Proofs,
    schemars::JsonSchema,
    session::{Identity, SessionOutcome},
};
use serde::Serialize;

use crate::{
    TwoFactor, challenge, cookies, devices,
    error::VerifyError,
    factor,
    gate::Answered,
    schema::{Enabled, challenge::Model, factor::Model as Factor},
    switch::{self, Switch},
};

/// Who was right.
#[derive(Serialize, JsonSchema)]
pub struct Verified {
    /// The session's token; without one where none was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    pub user: User,
}

/// Who sends a code.
pub(crate) enum Answerer {
    /// Somebody who is signed in.
    Session(Box<Identity>),
    /// Somebody whose sign-in waits.
    Challenge(Box<(Model, User)>),
}

impl Answerer {
    /// A session goes before a challenge.
    pub(crate) async fn of(cx: &Cx<TwoFactor>) -> Result<Self, VerifyError> {
        let call = cx.call();
        if let Some(StrictSession(identity)) = Option::<StrictSession>::extract(call).await? {
            return Ok(Self::Session(Box::new(identity)));
        }
        let waiting = challenge::of_cookie(call).await?.ok_or(VerifyError::NobodyWaits)?;
        Ok(Self::Challenge(Box::new(waiting)))
    }

    pub(crate) fn user(&self) -> &User {
        match self {
            Self::Session(identity) => &identity.user,
            Self::Challenge(waiting) => &waiting.1,
        }
    }

    /// Where codes and tries of this answerer are kept.
    pub(crate) async fn row(&self, cx: &Cx<TwoFactor>) -> Result<Model, Failure> {
        match self {
            Self::Session(identity) => {
                challenge::of_session(cx.plugin(), cx, &identity.session, cx.db()).await
            }
            Self::Challenge(waiting) => Ok(waiting.0.clone()),
        }
    }

    /// What counts for this answerer: signing in takes what the user has, and nothing unconfirmed but where
    /// it is about confirming it.
    pub(crate) fn accepts(&self, factor: &Factor) -> bool {
        match self {
            Self::Session(_) => factor.has_secret(),
            Self::Challenge(waiting) => factor.is_verified() || (waiting.0.enrols && factor.has_secret()),
        }
    }

    /// Nobody looks at a code of a sign-in that had all of its tries, or while the account is locked.
    pub(crate) async fn check_room(
        &self,
        cx: &Cx<TwoFactor>,
        factor: Option<&Factor>,
    ) -> Result<(), VerifyError> {
        let Self::Challenge(waiting) = self else { return Ok(()) };
        let most = cx.plugin().config.challenge_attempts;
        if u32::try_from(waiting.0.attempts).is_ok_and(|tries| tries >= most) {
            return Err(end(cx, &waiting.0.id).await?);
        }
        if factor.is_some_and(|factor| factor.is_locked(cx.now())) {
            return Err(VerifyError::Locked);
        }
        Ok(())
    }

    /// Counts a wrong code, and gives the refusal.
    pub(crate) async fn refuse(
        &self,
        cx: &Cx<TwoFactor>,
        factor: Option<&Factor>,
        wrong: VerifyError,
    ) -> Result<VerifyError, Failure> {
        let config = &cx.plugin().config;
        match self {
            Self::Session(identity) => {
                if config.session_attempts > 0 {
                    let row = challenge::of_session(cx.plugin(), cx, &identity.session, cx.db()).await?;
                    if !challenge::count_attempt(cx, &row.id, config.session_attempts).await? {
                        return Ok(VerifyError::TooMany);
                    }
                }
            }
            Self::Challenge(waiting) => {
                let (id, user) = (&waiting.0.id, &waiting.1);
                if !challenge::count_attempt(cx, id, config.challenge_attempts).await? {
                    return end(cx, id).await;
                }
                if !factor::count_failure(cx, &config.lockout, &user.id, factor).await? {
                    return Ok(VerifyError::Locked);
                }
            }
        }
        Ok(wrong)
    }

    /// A wrong code that was sent counts for the account, and for the sign-in where the configuration says so.
    pub(crate) async fn refuse_sent(
        &self,
        cx: &Cx<TwoFactor>,
        factor: Option<&Factor>,
    ) -> Result<VerifyError, Failure> {
        let config = &cx.plugin().config;
        if config.otp.counts_for_challenge {
            return self.refuse(cx, factor, VerifyError::Wrong).await;
        }
        if let Self::Challenge(waiting) = self
            && !factor::count_failure(cx, &config.lockout, &waiting.1.id, factor).await?
        {
            return Ok(VerifyError::Locked);
        }
        Ok(VerifyError::Wrong)
    }

    /// Takes the answerer's tries into the transaction of a right code: of many at once, one passes a challenge.
    pub(crate) async fn pass(
        &self,
        cx: &Cx<TwoFactor>,
        tx: &Tx,
        factor: Option<&Factor>,
    ) -> Result<(), VerifyError> {
        let config = &cx.plugin().config;
        match self {
            Self::Session(identity) => {
                let most = config.session_attempts;
                if most > 0 {
                    let id = challenge::of_session(cx.plugin(), cx, &identity.session, tx).await?.id;
                    if !challenge::clear_attempts(tx, &id, most).await? {
                        return Err(VerifyError::TooMany);
                    }
                }
            }
            Self::Challenge(waiting) => {
                if !challenge::consume(tx, &waiting.0.id, config.challenge_attempts).await? {
                    return Err(VerifyError::NobodyWaits);
                }
                if factor.is_some() && !factor::clear_failures(tx, &waiting.1.id, cx.now()).await? {
                    return Err(VerifyError::Locked);
                }
            }
        }
        Ok(())
    }

    /// The code was right. A sign-in gets its session; a session remembers what was proved, and a factor that
    /// was not on is on from now on.
    pub(crate) async fn finish(
        self,
        cx: &Cx<TwoFactor>,
        tx: Tx,
        means: Means,
        trust: bool,
    ) -> Result<Verified, Failure> {
        match self {
            Self::Session(identity) => prove_more(cx, tx, &identity, means).await,
            Self::Challenge(waiting) => {
                let (row, user) = *waiting;
                sign_in(cx, tx, &row, user, means, trust).await
            }
        }
    }
}

/// A sign-in that had all of its tries is over.
async fn end(cx: &Cx<TwoFactor>, id: &str) -> Result<VerifyError, Failure> {
    challenge::remove(cx.db(), id).await?;
    cookies::expire(cx.call(), cookies::TWO_FACTOR);
    Ok(VerifyError::TooMany)
}

/// The answer has the token and the user from before, as upstream's has; the cookie has the new one.
async fn prove_more(
    cx: &Cx<TwoFactor>,
    tx: Tx,
    identity: &Identity,
    means: Means,
) -> Result<Verified, Failure> {
    if identity.user.ext::<Enabled>().two_factor {
        if Proofs::are_kept(cx.schema()) {
            let proofs = identity.session.proofs().and(&[means], cx.now());
            cx.sessions().update(&tx, &identity.session, SessionPatch::default().proofs(&proofs)).await?;
        }
    } else {
        switch::of_session(cx, &tx, identity, Switch::On(&[means])).await?;
    }
    cx.call().commit_with(tx);
    let user = identity.user.as_ref().clone();
    Ok(Verified { token: Some(identity.session.token.clone()), user })
}

async fn sign_in(
    cx: &Cx<TwoFactor>,
    tx: Tx,
    row: &Model,
    mut user: User,
    means: Means,
    trust: bool,
) -> Result<Verified, Failure> {
    let call = cx.call();
    if row.enrols {
        user = switch::set(cx, &tx, &user, true).await?;
    }
    let trust = trust && cx.plugin().config.trusted_devices.enabled;
    if trust {
        devices::trust(cx.plugin(), call, &tx, &user.id).await?;
    }
    call.note(Answered);
    let token = call.issue_session(&user, row.remember, "two-factor", &[])?;
    if let SessionOutcome::Issued(mut pending) = call.session_outcome() {
        pending.session.set_proofs(&row.proofs().and(&[means], cx.now()));
        // Who trusts the device is remembered by it.
        pending.remember = if trust { Some(true) } else { pending.remember };
        call.set_session(SessionOutcome::Issued(pending));
    }
    cookies::expire(call, cookies::TWO_FACTOR);
    if trust {
        cookies::remember(call);
    }
    call.commit_with(tx);
    Ok(Verified { token: Some(token), user })
}
