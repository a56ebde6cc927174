//! Whoever calls.

use auth_core::{Failure, session::Level};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
    response::Response,
};

use super::caller;
use crate::identity::Identity;

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        caller(parts, Level::Cached, |_, caller| caller.ok_or_else(Failure::unauthorized)).await
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        caller(parts, Level::Cached, |_, caller| Ok(caller)).await
    }
}
