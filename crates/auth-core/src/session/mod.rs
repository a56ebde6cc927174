//! Sessions between handlers, hooks and the plugin that keeps them.
//!
//! The host knows the moments (resolve, issue, commit, render); one plugin, the *session
//! authority*, knows the ways (cookies, caches, refresh).

mod authority;
mod extract;

use std::{any::Any, sync::Arc};

use crate::{
    Failure,
    call::{Call, Cx},
    model::{self, User},
    proof::{Means, Proofs},
};

pub use authority::{Claim, RoleSource, SessionAuthority, SessionRule, SessionSource};
use extract::LIMITED;
pub use extract::{FreshSession, Session, StrictSession, WholeSession};

/// The short name of the cookie that carries a session's token.
pub const SESSION_COOKIE: &str = "session_token";

/// How sure an answer about the caller has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A cache may answer.
    Cached,
    /// The primary store answers: for changes of credentials.
    Strict,
}

/// Who calls.
#[derive(Clone)]
pub struct Identity {
    /// The session as stored, maybe a cached copy.
    pub session: Arc<model::Session>,
    /// Whose it is, maybe a cached copy.
    pub user: Arc<User>,
    /// How they proved it: `cookie`, `bearer`, …
    pub method: &'static str,
    /// What the proof is good for; `None` for everything that the user may do.
    pub scopes: Option<Arc<[String]>>,
    /// Who acts for the user, where it is not the user: a service, or somebody who impersonates.
    pub actor: Option<Arc<str>>,
    /// What the authority wants to remember until the end of the request.
    pub origin: Option<Arc<dyn Any + Send + Sync>>,
}

impl Identity {
    /// Somebody with all that they may do.
    #[must_use]
    pub fn new(session: Arc<model::Session>, user: Arc<User>, method: &'static str) -> Self {
        Self { session, user, method, scopes: None, actor: None, origin: None }
    }

    /// All that the user may do, or 403: what changes credentials, or makes new ones, takes nothing less.
    pub fn whole(self) -> Result<Self, Failure> {
        if self.scopes.is_none() {
            return Ok(self);
        }
        Err(Failure::forbidden(LIMITED.code, LIMITED.message))
    }
}

/// A session that is about to be.
#[derive(Clone)]
pub struct Pending {
    /// The row that is to be stored, or is.
    pub session: model::Session,
    /// Whose it is.
    pub user: User,
    /// What the client said about staying signed in; `None` where it said nothing.
    pub remember: Option<bool>,
    /// Whether somebody signed in, or has a session already.
    pub issue: Issue,
    /// How the user signed in.
    pub method: &'static str,
}

/// Why cookies of a session are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issue {
    /// Somebody signed in. `Challenge` hooks may ask them for more.
    SignIn,
    /// The row is new, and takes the place of the caller's session, which was whole.
    Successor,
    /// The session is stored: it or its user changed, or the browser goes over to it.
    Stored,
}

impl Issue {
    /// Whether there is no row yet.
    #[must_use]
    pub fn is_new(self) -> bool {
        self != Self::Stored
    }
}

/// What becomes of the caller's session.
#[derive(Clone, Default)]
pub enum SessionOutcome {
    /// As it was.
    #[default]
    Unchanged,
    /// This one from now on.
    Issued(Box<Pending>),
    /// None: the client's cookies are expired.
    Ended,
}

/// The authority's note on a request that moved the session's expiry: cookies are issued anew.
pub struct Renewed {
    /// The token that it has now.
    pub token: String,
}

/// A plugin's note on a sign-in: tokens of the browser's other sessions, which do not end with it.
pub struct KeptBeside(pub Vec<String>);

/// A note on a call that only asks whether somebody is still signed in, for what they have opened before:
/// it is no use of a session or a key, renews nothing and is not counted.
pub struct Glance;

/// Who calls, however little their proof is good for.
pub async fn resolve(call: &Arc<Call>, level: Level) -> Result<Option<Identity>, Failure> {
    if let Some(known) = call.known_identity(level) {
        return Ok(known);
    }
    let Some(authority) = call.core().services().get::<dyn SessionAuthority>() else {
        return Ok(None);
    };
    let identity = authority.resolve(call, level).await?;
    call.remember_identity(level, identity.clone());
    Ok(identity)
}

/// A note on a call that issues a session.
struct IssuedBy(Proofs);

impl Call {
    fn authority(&self) -> Result<Arc<dyn SessionAuthority>, Failure> {
        let authority = self.core().services().get::<dyn SessionAuthority>();
        authority.ok_or_else(|| Failure::internal("no enabled plugin keeps sessions"))
    }

    /// Signs a user in, who proved who they are by some means: at the end of the request, unless a hook
    /// objects. Gives the token. The endpoint has to be tagged [`ISSUES_SESSION`](crate::endpoint::Tag::ISSUES_SESSION).
    pub fn issue_session(
        &self,
        user: &User,
        remember: Option<bool>,
        method: &'static str,
        means: &[Means],
    ) -> Result<String, Failure> {
        let proofs = Proofs::of(means, self.core().now());
        self.issue(user, remember, method, &proofs, Issue::SignIn)
    }

    /// As [`Call::issue_session`], in the place of the caller's session, which the handler has ended. What
    /// the caller had proved before counts on.
    pub fn succeed_session(
        &self,
        caller: &Identity,
        user: &User,
        method: &'static str,
        means: &[Means],
    ) -> Result<String, Failure> {
        let proofs = caller.session.proofs().and(means, self.core().now());
        self.issue(user, None, method, &proofs, Issue::Successor)
    }

    fn issue(
        &self,
        user: &User,
        remember: Option<bool>,
        method: &'static str,
        proofs: &Proofs,
        issue: Issue,
    ) -> Result<String, Failure> {
        let mut session = self.authority()?.draft(self, user, remember);
        session.set_proofs(proofs);
        self.note(IssuedBy(proofs.clone()));
        let token = session.token.clone();
        let pending = Pending { session, user: user.clone(), remember, issue, method };
        self.set_session(SessionOutcome::Issued(Box::new(pending)));
        Ok(token)
    }

    /// Sends the cookies of a stored session again, after it or its user changed. A session that is not
    /// the caller's is issued by endpoints that are tagged [`ISSUES_SESSION`](crate::endpoint::Tag::ISSUES_SESSION) only.
    pub fn reissue_session(&self, session: model::Session, user: User) {
        let pending = Pending { session, user, remember: None, issue: Issue::Stored, method: "" };
        self.set_session(SessionOutcome::Issued(Box::new(pending)));
    }

    /// What the user has proved whose session this request issues. Sessions themselves remember it only where
    /// they have the column.
    #[must_use]
    pub fn issued_by(&self) -> Proofs {
        self.noted::<IssuedBy>().map(|issued| issued.0.clone()).unwrap_or_default()
    }

    /// Expires the client's session cookies.
    pub fn end_session(&self) {
        self.set_session(SessionOutcome::Ended);
    }
}

impl<P> Cx<P> {
    /// See [`Call::issue_session`].
    pub fn issue_session(
        &self,
        user: &User,
        remember: Option<bool>,
        method: &'static str,
        means: &[Means],
    ) -> Result<String, Failure> {
        self.call().issue_session(user, remember, method, means)
    }
}
