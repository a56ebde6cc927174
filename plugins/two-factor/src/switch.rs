//! Turning second factors on and off.

use auth_core::{
    Core, Cx, Event, Failure, Means, Tx, User,
    model::{FieldValue, SessionPatch, UserPatch},
    ports::Message,
    schema::View,
    serde_json::json,
    session::{Identity, SessionOutcome},
    store::Revoke,
};

use crate::{TwoFactor, schema::Enabled};

/// The letters to users whose factor changed.
pub(crate) const MAIL_ON: &str = "two-factor-enabled";
pub(crate) const MAIL_OFF: &str = "two-factor-disabled";
pub(crate) const MAIL_RESET: &str = "two-factor-reset";

/// What becomes of a user's second factor, and what was proved for it just now.
pub(crate) enum Switch<'s> {
    On(&'s [Means]),
    Off(&'s [Means]),
}

/// Changes the user's row.
pub(crate) async fn write(core: &Core, tx: &Tx, user: &User, on: bool) -> Result<User, Failure> {
    let extra = Enabled::columns().into_iter().map(|column| (column.name.into_owned(), FieldValue::Bool(on)));
    let patch = UserPatch { extra: extra.collect(), ..UserPatch::default() };
    core.users().update(tx, &user.id, patch).await?.ok_or_else(Failure::unauthorized)
}

/// Changes the user's row, and tells the user and whoever listens.
pub(crate) async fn set(cx: &Cx<TwoFactor>, tx: &Tx, user: &User, on: bool) -> Result<User, Failure> {
    let user = write(cx, tx, user, on).await?;
    let (name, kind, news) = if on {
        ("two_factor.enabled", MAIL_ON, "From now on, signing in to your account asks for a second factor.")
    } else {
        (
            "two_factor.disabled",
            MAIL_OFF,
            "Signing in to your account does not ask for a second factor any more.",
        )
    };
    tx.tell(Event::Plugin { plugin: "two-factor", name, data: json!({ "userId": user.id }) });
    if cx.plugin().config.letters {
        tx.mail(Message::new(kind, user.email.as_str(), user.name.as_str()).with("news", news));
    }
    Ok(user)
}

/// As [`set`], for the user of a session. Another one takes its place, as upstream: its token may be where it
/// should not.
pub(crate) async fn of_session(
    cx: &Cx<TwoFactor>,
    tx: &Tx,
    identity: &Identity,
    switch: Switch<'_>,
) -> Result<(), Failure> {
    let (on, means) = match switch {
        Switch::On(means) => (true, means),
        Switch::Off(means) => (false, means),
    };
    let (call, old) = (cx.call(), &identity.session);
    let user = set(cx, tx, &identity.user, on).await?;
    let proofs = old.proofs().and(means, cx.now());
    if !cx.session_extends(old) {
        // Other tokens hang on its id: it gets a new token and stays.
        let rotated = cx.sessions().rotate(tx, old, SessionPatch::default().proofs(&proofs)).await?;
        call.reissue_session(rotated.ok_or_else(Failure::unauthorized)?, user);
        return Ok(());
    }
    if cx.sessions().revoke(tx, &user.id, Revoke::Id(&old.id)).await?.is_empty() {
        return Err(Failure::unauthorized());
    }
    call.succeed_session(identity, &user, "two-factor", means)?;
    if let SessionOutcome::Issued(mut pending) = call.session_outcome() {
        let next = &mut pending.session;
        next.ip_address.clone_from(&old.ip_address);
        next.user_agent.clone_from(&old.user_agent);
        next.extra.clone_from(&old.extra);
        next.set_proofs(&proofs);
        call.set_session(SessionOutcome::Issued(pending));
    }
    Ok(())
}
