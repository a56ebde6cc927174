//! What plugins implement: ways to present a session, rules about them, and the one that keeps them.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Identity, Level, Pending, SessionOutcome};
use crate::{
    Core, Failure,
    call::{Call, SetCookie},
    model::{self, User},
};

/// Somebody's claim to be signed in, as a source found it in a request.
pub enum Claim {
    /// A session token whose form was verified; the authority looks it up.
    Token {
        /// Without its signature.
        token: String,
        /// [`Identity::method`] of whoever it is.
        method: &'static str,
    },
    /// An identity that the source vouches for itself.
    Identity(Identity),
}

/// A slot: one more way to present a session. Sources are asked in plugin order and before the
/// authority's own; one that does not know what it sees says `None`.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Call, Failure, Registrar, async_trait,
///     session::{Claim, Level, SessionSource},
/// };
///
/// /// A session token behind `Authorization: Token`.
/// struct TokenHeader;
///
/// #[async_trait]
/// impl SessionSource for TokenHeader {
///     async fn find(&self, call: &Arc<Call>, _: Level) -> Result<Option<Claim>, Failure> {
///         let token = call.header("authorization").and_then(|value| value.strip_prefix("Token "));
///         let Some(token) = token.and_then(|signed| call.core().signer().verify(signed)) else {
///             return Ok(None);
///         };
///         Ok(Some(Claim::Token { token: token.to_owned(), method: "token-header" }))
///     }
/// }
///
/// let mut host = Registrar::default();
/// host.contribute::<dyn SessionSource>(Arc::new(TokenHeader));
/// ```
#[async_trait]
pub trait SessionSource: Send + Sync + 'static {
    /// The headers, in lower case, of a source of keys, which looks at nothing else. Empty for all others.
    fn headers(&self) -> &[String] {
        &[]
    }

    /// What the request claims in this source's way, if anything. A failure refuses the request: give `None`
    /// for what is somebody else's.
    async fn find(&self, call: &Arc<Call>, level: Level) -> Result<Option<Claim>, Failure>;
}

/// A slot: a rule about stored sessions beyond their expiry. It is asked for every request that
/// presents one, so it looks at what it is given and at nothing else.
///
/// ```
/// use std::time::Duration;
///
/// use auth_core::{Timestamp, model::Session, session::SessionRule};
///
/// /// Nobody stays signed in for longer than a day, however busy they are.
/// struct OneDay;
///
/// impl SessionRule for OneDay {
///     fn counts(&self, session: &Session, now: Timestamp) -> bool {
///         now.since(session.created_at) < Duration::from_secs(24 * 3600)
///     }
///
///     fn extends(&self, _: &Session) -> bool {
///         true
///     }
/// }
/// ```
pub trait SessionRule: Send + Sync + 'static {
    /// Whether a session that has not expired signs its user in now. One that does not stays stored
    /// and listed, and may count again.
    fn counts(&self, session: &model::Session, now: model::Timestamp) -> bool;

    /// Whether using the session may move its expiry, and a cookie may vouch for it.
    fn extends(&self, session: &model::Session) -> bool;
}

/// A slot: a plugin that knows roles of users.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Call, Failure, async_trait,
///     session::{Identity, RoleSource},
/// };
///
/// struct Staff;
///
/// #[async_trait]
/// impl RoleSource for Staff {
///     async fn roles(&self, _: &Arc<Call>, identity: &Identity) -> Result<Vec<String>, Failure> {
///         let staff = identity.user.email_verified && identity.user.email.ends_with("@example.com");
///         Ok(if staff { vec!["staff".to_owned()] } else { Vec::new() })
///     }
/// }
/// ```
#[async_trait]
pub trait RoleSource: Send + Sync + 'static {
    /// The names of the roles that this source knows for the caller; none where it knows nothing of them.
    async fn roles(&self, call: &Arc<Call>, identity: &Identity) -> Result<Vec<String>, Failure>;
}

/// The service that keeps sessions. One plugin provides it.
///
/// Others ask it, mostly through extractors and [`Call::issue_session`]. Directly where they have changed a row that it
/// may have remembered:
///
/// ```
/// use auth_core::{Core, session::SessionAuthority};
///
/// async fn changed_behind_its_back(core: &Core, user_id: &str) {
///     if let Some(authority) = core.services().get::<dyn SessionAuthority>() {
///         authority.forget_user(core, user_id).await;
///     }
/// }
/// ```
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
