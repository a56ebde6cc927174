//! What [`Lockout`] means here: attempts to sign in wait, a reset lets them go on, and browsers in which
//! somebody has signed in are remembered.

use std::{sync::Arc, time::Duration};

use auth_core::{
    AfterHook, Call, Event, Failure, Match, Phase, Registrar, async_trait,
    endpoint::{Reply, Tag},
    http::header,
    lockout::{Attempt, Locked, Lockout},
    metric::Metric,
    serde_json::json,
    session::{Issue, SessionOutcome},
};

use crate::{config::LockoutConfig, endpoints::reset_password::RESET_PASSWORD};

const LOCKS: Metric = Metric::counter(
    "sign_in_locks_total",
    "Failed sign-ins after which the next attempt has to wait, by whether the account knows the browser.",
    &["device"],
);

const LOCKED: Metric = Metric::counter(
    "sign_in_locked_attempts_total",
    "Attempts to sign in that were not looked at because they have to wait.",
    &["device"],
);

const EVENT: &str = "account.locked";
const RISK: u8 = 60;

/// The policy, where there is one.
pub(crate) fn policy(config: &LockoutConfig) -> Option<Lockout> {
    let (first, longest) = (Duration::from_secs(config.pause), Duration::from_secs(config.longest_pause));
    let known_for = Duration::from_secs(config.known_device_for);
    config.enabled.then(|| Lockout::new(config.attempts, first, longest, known_for))
}

pub(crate) fn register(lockout: Lockout, host: &mut Registrar) {
    host.metric(LOCKS);
    host.metric(LOCKED);
    host.alarm(EVENT, RISK);
    host.after(Phase::Finish, Match::Tag(Tag::ISSUES_SESSION), Remember(lockout));
    host.after(Phase::Finish, Match::Id(RESET_PASSWORD.id()), Release(lockout));
}

fn device(known: bool) -> &'static str {
    if known { "known" } else { "unknown" }
}

/// The answer says when to try again.
pub(crate) fn refused(call: &Call, locked: Locked) {
    call.core().metrics().counter(&LOCKED, &[device(locked.known)]).increment(1);
    for name in [header::RETRY_AFTER, header::HeaderName::from_static("x-retry-after")] {
        call.set_header(name, locked.retry_after.into());
    }
}

/// An attempt has failed. Where the next one has to wait, operators are told.
pub(crate) fn failed(call: &Call, attempt: &Attempt, user_id: Option<&str>) {
    let Some(pause) = attempt.pause else { return };
    let device = device(attempt.known);
    call.core().metrics().counter(&LOCKS, &[device]).increment(1);
    let data = json!({ "userId": user_id, "ip": call.ip(), "device": device, "seconds": pause });
    call.core().events().publish(Event::Plugin { plugin: "email-password", name: EVENT, data });
}

/// Remembers the browser once somebody has signed in, whatever more was asked of them.
struct Remember(Lockout);

#[async_trait]
impl AfterHook for Remember {
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        if let (Ok(_), SessionOutcome::Issued(pending)) = (outcome, call.session_outcome())
            && pending.issue != Issue::Stored
        {
            self.0.remember(call, &pending.user.email);
        }
        Ok(())
    }
}

/// A note on a request that has set a new password by letter: whose.
pub(crate) struct ResetOf(pub(crate) String);

/// Whoever holds the letter is the owner, and does not wait for what strangers did.
struct Release(Lockout);

#[async_trait]
impl AfterHook for Release {
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        match (outcome, call.noted::<ResetOf>()) {
            (Ok(_), Some(reset)) => self.0.release(call, &reset.0).await,
            _ => Ok(()),
        }
    }
}
