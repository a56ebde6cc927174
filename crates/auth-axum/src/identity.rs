//! Who sent a request, however they proved it.

use std::sync::Arc;

use auth_core::{
    Failure, User,
    model::Session,
    ports::VerifiedToken,
    proof::Proofs,
    serde_json::{Map, Value},
    session::Identity as SessionIdentity,
};

use crate::refusal::INSUFFICIENT_SCOPE;

/// The caller: the owner of a session, or who a signed token speaks of.
///
/// A session brings the whole user along. For a token nobody is looked up, so there is what it says
/// and nothing more.
///
/// As an argument of a handler it is 401 without a caller; `Option<Identity>` is `None`. It may be
/// good for a part only of what the user may do: see [`Identity::allows`], or demand a
/// [`Scoped`](crate::Scoped).
#[derive(Clone)]
pub struct Identity(Proof);

#[derive(Clone)]
enum Proof {
    Session(SessionIdentity),
    Token(Arc<VerifiedToken>),
}

impl Identity {
    pub(crate) fn of_session(identity: SessionIdentity) -> Self {
        Self(Proof::Session(identity))
    }

    pub(crate) fn of_token(token: Arc<VerifiedToken>) -> Self {
        Self(Proof::Token(token))
    }

    /// The user's id. A token that the program itself has signed may name somebody else: its `sub`.
    #[must_use]
    pub fn user_id(&self) -> &str {
        match &self.0 {
            Proof::Session(identity) => &identity.user.id,
            Proof::Token(token) => &token.subject,
        }
    }

    /// The user; nobody knows them behind a token.
    #[must_use]
    pub fn user(&self) -> Option<&User> {
        self.session_identity().map(|identity| &*identity.user)
    }

    /// The session; nobody knows it behind a token.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.session_identity().map(|identity| &*identity.session)
    }

    /// The session, or the one that a token was made for (`sid`), which may have ended meanwhile.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        match &self.0 {
            Proof::Session(identity) => Some(&identity.session.id),
            Proof::Token(token) => token.session_id.as_deref(),
        }
    }

    /// How they proved it: `cookie`, `bearer`, `jwt`, or as a plugin's source calls it.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match &self.0 {
            Proof::Session(identity) => identity.method,
            Proof::Token(token) => token.method,
        }
    }

    /// What the user has proved when signing in, and since; empty where nobody knows.
    #[must_use]
    pub fn proofs(&self) -> Proofs {
        match &self.0 {
            Proof::Session(identity) => identity.session.proofs(),
            Proof::Token(token) => Proofs::of_claims(&token.claims),
        }
    }

    /// What the proof is good for; `None` for everything that the user may do.
    #[must_use]
    pub fn scopes(&self) -> Option<&[String]> {
        match &self.0 {
            Proof::Session(identity) => identity.scopes.as_deref(),
            Proof::Token(token) => token.scopes.as_deref(),
        }
    }

    /// Whether the proof is good for this.
    #[must_use]
    pub fn allows(&self, scope: &str) -> bool {
        self.scopes().is_none_or(|scopes| scopes.iter().any(|one| one == scope))
    }

    /// Who acts for the user, where it is not the user.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        match &self.0 {
            Proof::Session(identity) => identity.actor.as_deref(),
            Proof::Token(token) => token.actor.as_deref(),
        }
    }

    /// What a signed token says; `None` for a session.
    #[must_use]
    pub fn claims(&self) -> Option<&Map<String, Value>> {
        match &self.0 {
            Proof::Session(_) => None,
            Proof::Token(token) => Some(&token.claims),
        }
    }

    fn session_identity(&self) -> Option<&SessionIdentity> {
        match &self.0 {
            Proof::Session(identity) => Some(identity),
            Proof::Token(_) => None,
        }
    }

    /// The whole power of a session: 401 for a token, 403 where the proof is good for a part only.
    pub(crate) fn into_session(self) -> Result<SessionIdentity, Failure> {
        match self.0 {
            Proof::Session(identity) if identity.scopes.is_none() => Ok(identity),
            Proof::Session(_) => Err(insufficient_scope()),
            Proof::Token(_) => Err(Failure::unauthorized()),
        }
    }
}

pub(crate) fn insufficient_scope() -> Failure {
    Failure::forbidden(INSUFFICIENT_SCOPE.code, INSUFFICIENT_SCOPE.message)
}
