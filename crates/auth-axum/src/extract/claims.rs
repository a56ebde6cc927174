//! What a signed token says.

use std::any::type_name;

use auth_core::{
    Failure,
    serde_json::{Map, Value},
    session::Level,
};
use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use serde::de::DeserializeOwned;

use super::caller;

/// The claims of the caller's signed token, in a shape of the application's; 401 where the caller
/// came another way, or the claims have another shape.
///
/// ```
/// use auth_axum::Claims;
///
/// #[derive(serde::Deserialize)]
/// struct Tenant {
///     tenant: String,
/// }
///
/// async fn tenant(Claims(claims): Claims<Tenant>) -> String {
///     claims.tenant
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(tenant));
/// ```
#[derive(Clone, Debug)]
pub struct Claims<T = Map<String, Value>>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Claims<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        caller(parts, Level::Cached, |_, caller| {
            let claims = caller.as_ref().and_then(|caller| caller.claims());
            let claims = claims.ok_or_else(Failure::unauthorized)?;
            T::deserialize(claims).map(Self).map_err(|_| {
                // What does not fit may be personal, so it is not said.
                tracing::debug!(wanted = type_name::<T>(), "the claims of a good token have another shape");
                Failure::unauthorized()
            })
        })
        .await
    }
}
