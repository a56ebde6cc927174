//! Arguments for an application's handlers.
//!
//! Each says what it needs, and refuses whoever has it not in the API's words. To add one, see
//! [`Visitor`], which an application can use as well.

mod claims;
mod identity;
mod member;
mod require;
mod scope;
mod session;
mod socket;

use auth_core::{Failure, http::StatusCode, session::Level};
use axum::{
    http::request::Parts,
    response::{IntoResponse, Response},
};

pub use claims::Claims;
#[cfg(feature = "openapi")]
pub(crate) use member::PARAMETERS;
pub use member::{Denied, Member, Permission};
pub use require::{Demand, Require, SecondFactor};
pub use scope::{Scope, Scoped};
pub use session::{FreshSession, Session, StrictSession};
pub use socket::{AuthenticatedSocket, Closed, LiveSocket};

use crate::{identity::Identity, layer::Visitor};

/// The caller, made into what an extractor gives.
async fn caller<T>(
    parts: &Parts,
    level: Level,
    make: impl FnOnce(&Visitor, Option<Identity>) -> Result<T, Failure> + Send,
) -> Result<T, Response> {
    let Some(visitor) = parts.extensions.get::<Visitor>() else {
        tracing::error!("a handler asks who calls, but neither `Auth::layer` nor its kin is around it");
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let found = visitor.identity(parts, level).await;
    found.and_then(|caller| make(visitor, caller)).map_err(|failure| visitor.refuse(&failure, parts))
}
