//! Sessions with all that their user may do.

use std::ops::Deref;

use auth_core::{
    Failure,
    session::{Identity as SessionIdentity, Level},
};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
    response::Response,
};

use super::caller;
use crate::{identity::Identity, refusal::NOT_FRESH};

/// The caller's session; a cache may have answered.
///
/// 401 without one, also for a signed token, which is none; 403 for a credential that is good for a
/// part only of what the user may do. `Option<Session>` is `None` for all of these.
#[derive(Clone)]
pub struct Session(pub SessionIdentity);

/// The caller's session as the primary store has it: for changes that a session revoked a moment
/// ago must not make. Refuses as [`Session`] does.
#[derive(Clone)]
pub struct StrictSession(pub SessionIdentity);

/// The caller's session, whose user proved a short while ago who they are; 403 for an older one. Refuses as [`Session`] does.
#[derive(Clone)]
pub struct FreshSession(pub SessionIdentity);

macro_rules! identity_of {
    ($($name:ident),*) => {$(
        impl Deref for $name {
            type Target = SessionIdentity;

            fn deref(&self) -> &SessionIdentity {
                &self.0
            }
        }
    )*};
}
identity_of!(Session, StrictSession, FreshSession);

fn required(caller: Option<Identity>) -> Result<SessionIdentity, Failure> {
    caller.ok_or_else(Failure::unauthorized)?.into_session()
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        caller(parts, Level::Cached, |_, caller| required(caller).map(Self)).await
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        caller(parts, Level::Cached, |_, caller| Ok(required(caller).ok().map(Self))).await
    }
}

impl<S: Sync> FromRequestParts<S> for StrictSession {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        caller(parts, Level::Strict, |_, caller| required(caller).map(Self)).await
    }
}

impl<S: Sync> FromRequestParts<S> for FreshSession {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let found = caller(parts, Level::Cached, |visitor, caller| {
            let identity = required(caller)?;
            Ok(visitor.is_fresh(&identity.session).then_some(Self(identity)))
        });
        if let Some(fresh) = found.await? {
            return Ok(fresh);
        }
        // What a cache knows may be from before the user proved anew who they are.
        caller(parts, Level::Strict, |visitor, caller| {
            let identity = required(caller)?;
            if visitor.is_fresh(&identity.session) {
                return Ok(Self(identity));
            }
            Err(Failure::forbidden(NOT_FRESH.code, NOT_FRESH.message))
        })
        .await
    }
}
