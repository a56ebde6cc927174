//! What an answer with a session does to the cookies of the others.

use std::sync::Arc;

use auth_core::{
    AfterHook, Call, Failure, async_trait,
    endpoint::Reply,
    session::{KeptBeside, Renewed, SessionOutcome},
    store::Revoke,
};

use crate::{MultiSession, cookies};

/// What becomes of the others, until the session is committed and cookies may say so.
struct Others {
    /// They keep their cookies.
    kept: usize,
    /// Their user is the new session's, so they have ended.
    ended: Vec<String>,
}

/// A browser has one session a user: an older one ends with the new one's commit.
pub(crate) struct MakeRoom;

#[async_trait]
impl AfterHook for MakeRoom {
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        let SessionOutcome::Issued(pending) = call.session_outcome() else { return Ok(()) };
        let tokens = cookies::tokens(call);
        if outcome.is_err() || tokens.is_empty() || tokens.contains(&pending.session.token) {
            return Ok(());
        }
        let core = call.core();
        let tx = match call.take_tx() {
            Some(tx) => tx,
            None => core.begin().await?,
        };
        let mut live = core.sessions().find_by_tokens(&tx, &tokens).await?;
        live.retain(|(session, _)| core.session_counts(session, core.now()));
        // As everywhere that sessions are ended one after the other.
        live.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let (own, others): (Vec<_>, Vec<_>) =
            live.into_iter().partition(|(session, _)| session.user_id == pending.user.id);
        let mut ended = Vec::new();
        for (session, _) in own {
            core.sessions().revoke(&tx, &session.user_id, Revoke::Token(&session.token)).await?;
            ended.push(session.token);
        }
        call.commit_with(tx);
        call.note(Others { kept: others.len(), ended });
        call.note(KeptBeside(others.into_iter().map(|(session, _)| session.token).collect()));
        Ok(())
    }
}

/// Adds the cookie that keeps the answer's session.
pub(crate) struct Keep(pub(crate) Arc<MultiSession>);

#[async_trait]
impl AfterHook for Keep {
    /// Whenever the answer sets the session's cookie: the session is committed by now.
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
        let renewed = call.noted::<Renewed>();
        let (token, remember) = match call.session_outcome() {
            SessionOutcome::Issued(pending) if outcome.is_ok() => (pending.session.token, pending.remember),
            SessionOutcome::Issued(_) | SessionOutcome::Ended => return Ok(()),
            SessionOutcome::Unchanged => match &renewed {
                Some(renewed) => (renewed.token.clone(), Some(true)),
                None => return Ok(()),
            },
        };
        let follows = self.0.config.follow_session;
        let mut sent = cookies::tokens(call);
        if sent.contains(&token) {
            // A session that lives longer is kept longer.
            if !follows || renewed.is_none_or(|renewed| renewed.token != token) {
                return Ok(());
            }
            sent.retain(|other| *other != token);
        }
        let others = call.noted::<Others>();
        for ended in others.iter().flat_map(|others| &others.ended) {
            cookies::forget(call, ended);
        }
        let kept = others.map_or(sent.len(), |others| others.kept);
        let remember = if follows { remember } else { Some(true) };
        if kept < self.0.config.maximum_sessions
            && let Some(cookie) = cookies::keep(call, &token, remember)
        {
            call.set_cookie(cookie);
        }
        Ok(())
    }
}
