//! Hooks: what a plugin does around other plugins' endpoints and rows.
//!
//! A request passes the phases in their order. `Transport` to `Before` see the request and may
//! alter, answer or refuse it; `Challenge` to `Finish` see the outcome, errors included, and may
//! replace it. A session that a handler issued is only pending until the end of `After`: hooks may
//! inspect, replace or withdraw it. Then it is committed, `Finish` runs, and cookies are rendered
//! last, so no cookie escapes a challenge.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use auth_crypto::Secret;
use serde::Serialize;

use crate::{
    Failure,
    call::Call,
    core::Core,
    endpoint::{Reply, Tag},
    model::{Account, AccountPatch, Session, SessionPatch, User, UserPatch},
    store::Tx,
};

/// Where in a request a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Before anything is known of the caller.
    Transport,
    /// Finding out who calls.
    Identify,
    /// Refusing.
    Guard,
    /// Altering the request, which is not validated yet.
    Before,
    /// Asking for more before a session is given.
    Challenge,
    /// Altering the outcome.
    After,
    /// The session is committed; headers may still be added.
    Finish,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Transport => "transport",
            Self::Identify => "identify",
            Self::Guard => "guard",
            Self::Before => "before",
            Self::Challenge => "challenge",
            Self::After => "after",
            Self::Finish => "finish",
        };
        f.pad(name)
    }
}

/// Which endpoints a hook is for: ids and tags, never path strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Every endpoint, those of plugins that are not written yet too. It costs something on each request.
    All,
    /// One, by the id of its key.
    Id(&'static str),
    /// Several, by the ids of their keys. An id that no endpoint has is a problem at the freeze.
    Ids(&'static [&'static str]),
    /// All that have this property, whoever registered them.
    Tag(Tag),
}

impl Match {
    /// Whether a hook is for this endpoint.
    #[must_use]
    pub fn fits(self, id: &str, tags: &[Tag]) -> bool {
        match self {
            Self::All => true,
            Self::Id(wanted) => wanted == id,
            Self::Ids(wanted) => wanted.contains(&id),
            Self::Tag(tag) => tags.contains(&tag),
        }
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all endpoints"),
            Self::Id(id) => f.write_str(id),
            Self::Ids(ids) => f.write_str(&ids.join(", ")),
            Self::Tag(tag) => write!(f, "tag {tag}"),
        }
    }
}

/// What follows a hook before the handler.
pub enum Flow {
    /// The next hook, and in the end the handler.
    Continue,
    /// Answer with this instead of running the handler. Later phases see it.
    Answer(Reply),
}

/// A hook of `Transport`, `Identify`, `Guard` or `Before`.
///
/// ```
/// use auth_core::{BeforeHook, Call, Failure, Flow, Match, Phase, Registrar, async_trait, endpoint::Tag};
///
/// /// Keeps strangers out of the early access.
/// struct OnlyInvited;
///
/// #[async_trait]
/// impl BeforeHook for OnlyInvited {
///     async fn run(&self, call: &mut Call) -> Result<Flow, Failure> {
///         let body = call.request.body.as_ref();
///         let email = body.and_then(|body| body.get("email")?.as_str()).unwrap_or_default();
///         if email.ends_with("@example.com") {
///             return Ok(Flow::Continue);
///         }
///         Err(Failure::forbidden("NOT_INVITED", "You are not invited yet"))
///     }
/// }
///
/// let mut host = Registrar::default();
/// host.before(Phase::Guard, Match::Tag(Tag::SIGN_UP), OnlyInvited);
/// # assert!(host.problems.is_empty());
/// ```
#[async_trait]
pub trait BeforeHook: Send + Sync + 'static {
    /// Looks at the request, before it is validated: nothing in the body can be relied on. A failure is the
    /// answer; hooks after the handler still see it.
    async fn run(&self, call: &mut Call) -> Result<Flow, Failure>;
}

/// A hook of `Challenge`, `After` or `Finish`.
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     AfterHook, Call, Failure, Match, Phase, Registrar, async_trait,
///     endpoint::Reply,
///     http::{HeaderName, HeaderValue},
/// };
///
/// /// Says which plugin was here.
/// struct Mark;
///
/// #[async_trait]
/// impl AfterHook for Mark {
///     async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure> {
///         if outcome.is_ok() {
///             call.set_header(HeaderName::from_static("x-mark"), HeaderValue::from_static("here"));
///         }
///         Ok(())
///     }
/// }
///
/// let mut host = Registrar::default();
/// host.after(Phase::Finish, Match::All, Mark);
/// # assert!(host.problems.is_empty());
/// ```
#[async_trait]
pub trait AfterHook: Send + Sync + 'static {
    /// Looks at what came out, refusals too, and may put something else in its place. A failure becomes the
    /// outcome.
    async fn run(&self, call: &Arc<Call>, outcome: &mut Result<Reply, Failure>) -> Result<(), Failure>;
}

/// A change of a core row that is about to be written.
#[non_exhaustive]
pub enum Change<'c> {
    /// A user who is about to be stored. The id is final.
    CreateUser(&'c mut User),
    /// A user who is about to change.
    UpdateUser {
        /// Whose row it is.
        user_id: &'c str,
        /// What changes; hooks may add to it.
        patch: &'c mut UserPatch,
    },
    /// A user who is about to go, as stored.
    DeleteUser(&'c User),
    /// A session that is about to be stored.
    CreateSession(&'c mut Session),
    /// A session that is about to change. Moving its expiry by use is not told.
    UpdateSession {
        /// Whose row it is.
        session_id: &'c str,
        /// What changes; hooks may add to it.
        patch: &'c mut SessionPatch,
    },
    /// A session that is about to end, as stored.
    DeleteSession(&'c Session),
    /// A way to sign in that is about to be stored.
    CreateAccount(&'c mut Account),
    /// A way to sign in that is about to change.
    UpdateAccount {
        /// Whose row it is.
        account_id: &'c str,
        /// What changes; hooks may add to it.
        patch: &'c mut AccountPatch,
    },
    /// A way to sign in that is about to go, as stored.
    DeleteAccount(&'c Account),
    /// A user gets another password. A hash that is only made anew is no other password.
    SetPassword {
        /// Whose password it is.
        user_id: &'c str,
    },
    /// Something to redeem that is about to be stored.
    CreateVerification(&'c mut crate::model::Verification),
}

/// A change that is committed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Changed {
    /// The new row.
    UserCreated(User),
    /// The row as it is now.
    UserUpdated(User),
    /// The row as it was.
    UserDeleted(User),
    /// The new row.
    SessionCreated(Session),
    /// The row as it is now.
    SessionUpdated(Session),
    /// A session has another token; told besides `SessionUpdated`. The old one is nobody's.
    SessionRotated {
        /// Which session.
        session_id: String,
        /// What caches may know it by.
        old_token: Secret,
    },
    /// The row as it was.
    SessionDeleted(Session),
    /// The new row.
    AccountCreated(Account),
    /// The row as it was.
    AccountDeleted(Account),
}

/// A hook on core rows.
///
/// It sees a change whatever makes it: an endpoint, a task, the command line.
///
/// ```
/// use auth_core::{DatabaseHook, Failure, Registrar, Tx, async_trait, hook::Change};
///
/// /// Names have no spaces around them.
/// struct Tidy;
///
/// #[async_trait]
/// impl DatabaseHook for Tidy {
///     async fn before(&self, _: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
///         if let Change::CreateUser(user) = change {
///             user.name = user.name.trim().to_owned();
///         }
///         Ok(())
///     }
/// }
///
/// let mut host = Registrar::default();
/// host.database_hook(Tidy);
/// ```
#[async_trait]
pub trait DatabaseHook: Send + Sync + 'static {
    /// May alter the row, write rows of its own into the same transaction, or refuse with the failure
    /// that the client gets.
    async fn before(&self, tx: &Tx, change: &mut Change<'_>) -> Result<(), Failure> {
        let _ = (tx, change);
        Ok(())
    }

    /// Runs after the commit and cannot undo it.
    async fn after(&self, core: &Arc<Core>, changed: &Changed) -> Result<(), Failure> {
        let _ = (core, changed);
        Ok(())
    }
}
