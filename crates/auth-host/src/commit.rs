//! The one commit of a request: the handler's transaction and a session that was issued.

use std::sync::Arc;

use auth_core::{
    Call, Event, Failure,
    endpoint::Tag,
    session::{Issue, SessionAuthority, SessionOutcome},
};

/// Stores what the request decided, all of it or nothing.
pub(crate) async fn commit(call: &Arc<Call>) -> Result<(), Failure> {
    let tx = call.take_tx();
    let SessionOutcome::Issued(pending) = call.session_outcome() else {
        if let Some(tx) = tx {
            tx.commit().await?;
        }
        return Ok(());
    };
    let core = call.core();
    let foreign = pending.issue.is_new() || !call.came_with(&pending.session.id);
    if foreign && !call.tags().contains(&Tag::ISSUES_SESSION) {
        let endpoint = call.endpoint();
        return Err(Failure::internal(format!("{endpoint} issues a session without being tagged for it")));
    }
    let mut pending = *pending;
    if pending.issue.is_new() {
        let tx = match tx {
            Some(tx) => tx,
            None => core.begin().await?,
        };
        pending.session = core.sessions().create(&tx, pending.session).await?;
        core.saw_user(&pending.user.id);
        if pending.issue == Issue::SignIn {
            tx.tell(Event::SignedIn {
                user_id: pending.user.id.clone(),
                session_id: pending.session.id.clone(),
                method: pending.method,
            });
        }
        tx.commit().await?;
        call.set_session(SessionOutcome::Issued(Box::new(pending.clone())));
    } else if let Some(tx) = tx {
        tx.commit().await?;
    }
    match core.services().get::<dyn SessionAuthority>() {
        Some(authority) => authority.committed(call, &pending).await,
        None => Ok(()),
    }
}
