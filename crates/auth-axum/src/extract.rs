//! Arguments for an application's handlers.

use std::ops::Deref;

use auth_core::{
    Failure,
    http::StatusCode,
    session::{Identity, Level},
};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
    response::{IntoResponse, Response},
};

use crate::layer::Visitor;

/// The caller's session; 401 without one. A cache may have answered.
#[derive(Clone)]
pub struct Session(pub Identity);

/// The caller's session as the primary store has it: for changes that a session revoked a moment
/// ago must not make.
#[derive(Clone)]
pub struct StrictSession(pub Identity);

/// The caller's session, begun a short while ago; 403 for an older one.
#[derive(Clone)]
pub struct FreshSession(pub Identity);

macro_rules! identity_of {
    ($($name:ident),*) => {$(
        impl Deref for $name {
            type Target = Identity;

            fn deref(&self) -> &Identity {
                &self.0
            }
        }
    )*};
}
identity_of!(Session, StrictSession, FreshSession);

fn visitor(parts: &Parts) -> Option<&Visitor> {
    let visitor = parts.extensions.get();
    if visitor.is_none() {
        tracing::error!("a handler takes a session, but `Auth::layer` is not around it");
    }
    visitor
}

async fn identity(parts: &Parts, level: Level) -> Result<Option<Identity>, Response> {
    let Some(visitor) = visitor(parts) else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    visitor.identity(parts, level).await.map_err(|failure| visitor.refuse(&failure, parts))
}

async fn required(parts: &Parts, level: Level) -> Result<Identity, Response> {
    let identity = identity(parts, level).await?;
    identity.ok_or_else(|| refuse(parts, &Failure::unauthorized()))
}

fn refuse(parts: &Parts, failure: &Failure) -> Response {
    match visitor(parts) {
        Some(visitor) => visitor.refuse(failure, parts),
        None => failure.status().into_response(),
    }
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        required(parts, Level::Cached).await.map(Self)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        Ok(identity(parts, Level::Cached).await?.map(Self))
    }
}

impl<S: Sync> FromRequestParts<S> for StrictSession {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        required(parts, Level::Strict).await.map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for FreshSession {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let identity = required(parts, Level::Cached).await?;
        if visitor(parts).is_some_and(|visitor| visitor.is_fresh(&identity)) {
            return Ok(Self(identity));
        }
        Err(refuse(parts, &Failure::forbidden("SESSION_NOT_FRESH", "Session is not fresh")))
    }
}
