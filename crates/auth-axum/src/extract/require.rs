//! Callers of whom a handler demands more than to be somebody.

use std::{ops::Deref, time::Duration};

use auth_core::{
    Failure, Timestamp,
    access::{DENIED, NO_MEMBER},
    error::ErrorSpec,
    session::Level,
};
use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};

use super::{
    caller,
    member::{Member, Permission},
};
use crate::{
    identity::Identity,
    refusal::{NO_ORGANIZATION, SECOND_FACTOR_REQUIRED, UNAUTHORIZED},
};

/// What a handler can demand with [`Require`]: a [`Permission`], a [`SecondFactor`], or what an application
/// makes of its own.
pub trait Demand: 'static {
    /// Who meets it.
    type Caller: Send;

    /// How others are refused, for the OpenAPI document.
    const REFUSALS: &'static [ErrorSpec];

    /// The caller, or the response to who does not meet it.
    fn admit<A: Send + Sync>(
        parts: &mut Parts,
        state: &A,
    ) -> impl Future<Output = Result<Self::Caller, Response>> + Send;
}

/// A caller who meets a demand.
///
/// With a [`Permission`] it is a [`Member`] who may do something; 403 `PERMISSION_DENIED` otherwise, which
/// the event bus is told of. A role that grants it for somebody's own rows only is not enough here: take a
/// [`Member`] where the row is known.
///
/// ```
/// use auth_axum::{Permission, Require, SecondFactor};
/// use axum::{Router, middleware::from_extractor, routing::{delete, get, post}};
///
/// struct CreateDocument;
///
/// impl Permission for CreateDocument {
///     const RESOURCE: &'static str = "document";
///     const ACTION: &'static str = "create";
/// }
///
/// async fn create(member: Require<CreateDocument>, title: String) -> String {
///     format!("{title} of {}", member.organization_id())
/// }
///
/// /// Needs a second factor, proved in the last five minutes.
/// async fn shred(caller: Require<SecondFactor<300>>) -> String {
///     format!("as {} wishes", caller.user_id())
/// }
///
/// let app: Router = Router::new()
///     .route("/documents", post(create))
///     .route("/archive", delete(shred))
///     // Around handlers that do not ask themselves:
///     .merge(Router::new().route("/templates", get(async || "…")).layer(from_extractor::<Require<CreateDocument>>()));
/// ```
pub struct Require<D: Demand>(D::Caller);

impl<D: Demand> Require<D> {
    /// The caller.
    pub fn into_caller(self) -> D::Caller {
        self.0
    }
}

impl<D: Demand> Deref for Require<D> {
    type Target = D::Caller;

    fn deref(&self) -> &D::Caller {
        &self.0
    }
}

impl<D: Demand, A: Send + Sync> FromRequestParts<A> for Require<D> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &A) -> Result<Self, Response> {
        D::admit(parts, state).await.map(Self)
    }
}

impl<P: Permission> Demand for P {
    type Caller = Member;

    const REFUSALS: &'static [ErrorSpec] = &[UNAUTHORIZED, NO_ORGANIZATION, NO_MEMBER, DENIED];

    async fn admit<A: Send + Sync>(parts: &mut Parts, state: &A) -> Result<Member, Response> {
        let member = Member::from_request_parts(parts, state).await?;
        match member.demand(P::RESOURCE, P::ACTION, None) {
            Ok(()) => Ok(member),
            Err(denied) => Err(denied.into_response()),
        }
    }
}

/// Demands that the caller has proved twice who they are, in two ways: when signing in, or since. With a
/// number, that the last of it was at most so many seconds ago.
///
/// 403 `SECOND_FACTOR_REQUIRED` for others; the application asks for a code then (`POST
/// /two-factor/verify-totp` with the session) and sends the request again. A signed token says it with
/// `amr` and `auth_time`.
pub struct SecondFactor<const WITHIN: u64 = { u64::MAX }>;

impl<const WITHIN: u64> Demand for SecondFactor<WITHIN> {
    type Caller = Identity;

    const REFUSALS: &'static [ErrorSpec] = &[UNAUTHORIZED, SECOND_FACTOR_REQUIRED];

    async fn admit<A: Send + Sync>(parts: &mut Parts, _: &A) -> Result<Identity, Response> {
        let meets = |identity: &Identity, now: Timestamp| {
            identity.proofs().second_factor_within(Duration::from_secs(WITHIN), now)
        };
        let found = caller(parts, Level::Cached, |visitor, caller| {
            let identity = caller.ok_or_else(Failure::unauthorized)?;
            Ok(meets(&identity, visitor.core().now()).then_some(identity))
        });
        if let Some(identity) = found.await? {
            return Ok(identity);
        }
        // What a cache knows may be from before the code was asked for.
        caller(parts, Level::Strict, |visitor, caller| {
            let identity = caller.ok_or_else(Failure::unauthorized)?;
            if meets(&identity, visitor.core().now()) {
                return Ok(identity);
            }
            Err(Failure::forbidden(SECOND_FACTOR_REQUIRED.code, SECOND_FACTOR_REQUIRED.message))
        })
        .await
    }
}
