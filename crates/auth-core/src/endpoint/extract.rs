//! Extractors: the arguments of handlers.
//!
//! The host has validated body and query against their shapes before any extractor runs, so a bad
//! body on a protected endpoint is the body's fault first, as the wire has it.

use std::sync::Arc;

use http::StatusCode;
use schemars::JsonSchema;
use serde::de::{DeserializeOwned, IntoDeserializer, value::MapDeserializer};
use serde_json::Value;

use super::EndpointDoc;
use crate::{
    Failure,
    call::{Call, Caller},
};

/// Something a handler can take as an argument.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no argument for an endpoint",
    note = "arguments are `Cx<P>`, `Body<T>`, `Query<T>`, `Params<T>`, `Session`, `Option<Session>`, \
            `StrictSession`, `FreshSession`, `ServerOnly`, or what implements `auth_core::Extract`"
)]
pub trait Extract: Sized + Send {
    /// Takes it from the request. The first argument that fails is the answer; the handler does not run.
    fn extract(call: &Arc<Call>) -> impl Future<Output = Result<Self, Failure>> + Send;

    /// Says what it needs, for the documents and the checks at freeze.
    fn describe(doc: &mut EndpointDoc);
}

/// The JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// Values pass the shape first; what serde still refuses is a validation failure as well.
fn refuse(root: &str, error: &serde_json::Error) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", format!("[{root}] {error}"))
}

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Extract for Body<T> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let body = call.request.body.as_ref().unwrap_or(&Value::Null);
        T::deserialize(body).map(Self).map_err(|e| refuse("body", &e))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.takes_body::<T>(true);
    }
}

/// A body that may be left out.
impl<T: DeserializeOwned + JsonSchema + Send + 'static> Extract for Option<Body<T>> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        match &call.request.body {
            None => Ok(None),
            Some(body) => T::deserialize(body).map(|b| Some(Body(b))).map_err(|e| refuse("body", &e)),
        }
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.takes_body::<T>(false);
    }
}

/// The query string.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> Extract for Query<T> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let query = match &call.facts().query_shape {
            Some(shape) => crate::validate::coerce_query(shape, &call.request.query),
            None => call.request.query.clone(),
        };
        T::deserialize(Value::Object(query)).map(Self).map_err(|e| refuse("query", &e))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.takes_query::<T>();
    }
}

/// The `:name` parts of the path.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + JsonSchema + Send> Extract for Params<T> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        let pairs =
            call.request.params.iter().map(|(name, value)| (*name, value.as_str().into_deserializer()));
        let params = T::deserialize(MapDeserializer::<_, serde_json::Error>::new(pairs));
        params.map(Self).map_err(|e| refuse("params", &e))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.takes_params::<T>();
    }
}

/// Only a call of this program itself has one: trust is a type, never a missing field.
#[derive(Clone, Copy, Debug)]
pub struct ServerOnly(());

impl Extract for ServerOnly {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        match call.caller() {
            Caller::Program => Ok(Self(())),
            Caller::Client => Err(Failure::empty(StatusCode::NOT_FOUND)),
        }
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.facts.server_only = true;
    }
}

/// The request itself, for what no other extractor gives.
impl Extract for Arc<Call> {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        Ok(call.clone())
    }

    fn describe(_: &mut EndpointDoc) {}
}
