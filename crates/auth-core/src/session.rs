//! Sessions between handlers, hooks and the plugin that keeps them.
//!
//! The host knows the moments (resolve, issue, commit, render); one plugin, the *session
//! authority*, knows the ways (cookies, caches, refresh).

use std::{any::Any, sync::Arc};

use async_trait::async_trait;

use crate::{
    Core, Failure,
    call::{Call, Cx, SetCookie},
    endpoint::{EndpointDoc, Extract, SessionNeed},
    error::ErrorSpec,
    model::{self, User},
    proof::{Means, Proofs},
};

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
    pub session: Arc<model::Session>,
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
    pub session: model::Session,
    pub user: User,
    /// What the client said about staying signed in; `None` where it said nothing.
    pub remember: Option<bool>,
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
    pub token: String,
}

/// A plugin's note on a sign-in: tokens of the browser's other sessions, which do not end with it.
pub struct KeptBeside(pub Vec<String>);

/// A note on a call that only asks whether somebody is still signed in, for what they have opened before:
/// it is no use of a session or a key, renews nothing and is not counted.
pub struct Glance;

/// Somebody's claim to be signed in, as a source found it in a request.
pub enum Claim {
    /// A session token whose form was verified; the authority looks it up.
    Token { token: String, method: &'static str },
    /// An identity that the source vouches for itself.
    Identity(Identity),
}

/// A slot: one more way to present a session. Sources are asked in plugin order and before the
/// authority's own; one that does not know what it sees says `None`.
#[async_trait]
pub trait SessionSource: Send + Sync + 'static {
    /// The headers, in lower case, of a source of keys, which looks at nothing else. Empty for all others.
    fn headers(&self) -> &[String] {
        &[]
    }

    async fn find(&self, call: &Arc<Call>, level: Level) -> Result<Option<Claim>, Failure>;
}

/// A slot: a rule about stored sessions beyond their expiry. It is asked for every request that
/// presents one, so it looks at what it is given and at nothing else.
pub trait SessionRule: Send + Sync + 'static {
    /// Whether a session that has not expired signs its user in now. One that does not stays stored
    /// and listed, and may count again.
    fn counts(&self, session: &model::Session, now: model::Timestamp) -> bool;

    /// Whether using the session may move its expiry, and a cookie may vouch for it.
    fn extends(&self, session: &model::Session) -> bool;
}

/// A slot: a plugin that knows roles of users.
#[async_trait]
pub trait RoleSource: Send + Sync + 'static {
    async fn roles(&self, call: &Arc<Call>, identity: &Identity) -> Result<Vec<String>, Failure>;
}

/// The service that keeps sessions. One plugin provides it.
#[async_trait]
pub trait SessionAuthority: Send + Sync + 'static {
    /// Who calls, if anybody. A stored session has to pass `Core::session_admits`.
    async fn resolve(&self, call: &Arc<Call>, level: Level) -> Result<Option<Identity>, Failure>;

    /// A new session for a user, not stored yet.
    fn draft(&self, call: &Call, user: &User, remember: Option<bool>) -> model::Session;

    /// Whether a session is young enough for what should need a recent sign-in.
    fn is_fresh(&self, session: &model::Session, now: model::Timestamp) -> bool;

    /// Whether nobody used a session for longer than its user's sessions may go unused.
    async fn is_idle(&self, _: &Core, _: &model::Session) -> Result<bool, Failure> {
        Ok(false)
    }

    /// A session is used now, by a proof that the authority has not seen itself.
    async fn used(&self, _: &Core, _: &model::Session) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether it knows when sessions are used: without, there are no idle ones.
    fn knows_use(&self) -> bool {
        false
    }

    /// The session was committed: caches may know it.
    async fn committed(&self, call: &Arc<Call>, pending: &Pending) -> Result<(), Failure>;

    /// The cookie of a session's token, as an answer sets it after the client said whether to `remember`.
    fn cookie(&self, call: &Call, token: &str, remember: Option<bool>) -> SetCookie;

    /// The cookies of an outcome. Called once, after the last hook.
    fn render(&self, call: &Call, outcome: &SessionOutcome) -> Vec<SetCookie>;

    /// Forgets a session on every node, after its row changed under it.
    async fn forget(&self, core: &Core, token: &str);

    /// As [`forget`](Self::forget), for everything that is cached of a user.
    async fn forget_user(&self, core: &Core, user_id: &str);
}

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

const UNAUTHORIZED: ErrorSpec = ErrorSpec { status: 401, code: "UNAUTHORIZED", message: "Unauthorized" };
const NOT_FRESH: ErrorSpec =
    ErrorSpec { status: 403, code: "SESSION_NOT_FRESH", message: "Session is not fresh" };
const LIMITED: ErrorSpec =
    ErrorSpec { status: 403, code: "INSUFFICIENT_SCOPE", message: "Insufficient scope" };

/// The caller's session. A cache may have answered, and the proof may be good for a part only of what the
/// user may do (`scopes`): do not change credentials on its word.
#[derive(Clone)]
pub struct Session(pub Identity);

/// The caller's session, where it is good for all that its user may do. A cache may have answered.
#[derive(Clone)]
pub struct WholeSession(pub Identity);

/// The caller's session, read from the primary store. A proof that is good for a part only is refused.
#[derive(Clone)]
pub struct StrictSession(pub Identity);

/// The caller's session, whose user proved a short while ago who they are. A proof that is good for a part only is refused.
#[derive(Clone)]
pub struct FreshSession(pub Identity);

macro_rules! identity_of {
    ($($name:ident),*) => {$(
        impl std::ops::Deref for $name {
            type Target = Identity;
            fn deref(&self) -> &Identity {
                &self.0
            }
        }
    )*};
}
identity_of!(Session, WholeSession, StrictSession, FreshSession);

impl Extract for Session {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        resolve(call, Level::Cached).await?.map(Self).ok_or_else(Failure::unauthorized)
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Required);
        doc.fails_with(&[UNAUTHORIZED]);
    }
}

impl Extract for Option<Session> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        Ok(resolve(call, Level::Cached).await?.map(Session))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Optional);
    }
}

impl Extract for WholeSession {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        Session::extract(call).await?.0.whole().map(Self)
    }

    fn describe(doc: &mut EndpointDoc) {
        Session::describe(doc);
        doc.fails_with(&[LIMITED]);
    }
}

impl Extract for Option<WholeSession> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let identity = resolve(call, Level::Cached).await?;
        identity.map(|identity| identity.whole().map(WholeSession)).transpose()
    }

    fn describe(doc: &mut EndpointDoc) {
        Option::<Session>::describe(doc);
        doc.fails_with(&[LIMITED]);
    }
}

impl Extract for StrictSession {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let identity = resolve(call, Level::Strict).await?.ok_or_else(Failure::unauthorized)?;
        identity.whole().map(Self)
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Strict);
        doc.fails_with(&[UNAUTHORIZED, LIMITED]);
    }
}

impl Extract for Option<StrictSession> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let identity = resolve(call, Level::Strict).await?;
        identity.map(|identity| identity.whole().map(StrictSession)).transpose()
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Optional);
        doc.fails_with(&[LIMITED]);
    }
}

impl Extract for FreshSession {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        // What a cache knows may be from before the user proved anew who they are.
        for level in [Level::Cached, Level::Strict] {
            let identity = resolve(call, level).await?.ok_or_else(Failure::unauthorized)?.whole()?;
            let authority = call.core().services().get::<dyn SessionAuthority>();
            if authority.is_some_and(|a| a.is_fresh(&identity.session, call.core().now())) {
                return Ok(Self(identity));
            }
        }
        Err(Failure::forbidden(NOT_FRESH.code, NOT_FRESH.message))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.needs_session(SessionNeed::Fresh);
        doc.fails_with(&[UNAUTHORIZED, LIMITED, NOT_FRESH]);
    }
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
