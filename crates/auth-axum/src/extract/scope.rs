//! What a credential has to be good for.

use std::{marker::PhantomData, ops::Deref};

use auth_core::{Failure, session::Level};
use axum::{extract::FromRequestParts, http::request::Parts, response::Response};

use super::caller;
use crate::identity::{Identity, insufficient_scope};

/// A scope that handlers demand with [`Scoped`].
pub trait Scope: 'static {
    /// As credentials say it.
    const NAME: &'static str;
}

/// A caller whose credential is good for a scope; 401 without one, 403 `INSUFFICIENT_SCOPE` for one
/// that is not. A session is good for all that its user may do.
///
/// ```
/// use auth_axum::{Scope, Scoped};
///
/// struct Write;
///
/// impl Scope for Write {
///     const NAME: &'static str = "entries:write";
/// }
///
/// async fn write(caller: Scoped<Write>, text: String) -> String {
///     format!("{}: {text}", caller.user_id())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(write));
/// ```
pub struct Scoped<S> {
    identity: Identity,
    scope: PhantomData<fn() -> S>,
}

impl<S> Deref for Scoped<S> {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl<S: Scope, A: Sync> FromRequestParts<A> for Scoped<S> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &A) -> Result<Self, Response> {
        caller(parts, Level::Cached, |_, caller| {
            let identity = caller.ok_or_else(Failure::unauthorized)?;
            if identity.allows(S::NAME) {
                return Ok(Self { identity, scope: PhantomData });
            }
            Err(insufficient_scope().with("scope", S::NAME))
        })
        .await
    }
}
