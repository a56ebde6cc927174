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
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{Call, Extract, Failure, endpoint::EndpointDoc};
///
/// /// The language that the browser asks for first.
/// struct Language(String);
///
/// impl Extract for Language {
///     async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
///         let wanted = call.header("accept-language").and_then(|list| list.split([',', ';']).next());
///         Ok(Self(wanted.unwrap_or("en").to_owned()))
///     }
///
///     // It takes nothing that the documents have to name.
///     fn describe(_: &mut EndpointDoc) {}
/// }
/// ```
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

/// The JSON body, checked against its type before the handler runs. What does not fit is a 400 with
/// `VALIDATION_ERROR`. A body that may be left out is an `Option<Body<T>>`.
///
/// ```
/// use auth_core::{
///     Body, Failure, Json, Key, post,
///     schemars::JsonSchema,
///     serde::{Deserialize, Serialize},
/// };
///
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// #[serde(crate = "auth_core::serde", rename_all = "camelCase")]
/// #[schemars(crate = "auth_core::schemars")]
/// struct NewNote {
///     /// What to keep.
///     text: String,
///     /// `None` where it was left out.
///     remind_at: Option<String>,
/// }
///
/// const ADD: Key<NewNote, usize> = Key::new("addNote");
///
/// async fn add(Body(note): Body<NewNote>) -> Result<Json<usize>, Failure> {
///     Ok(Json(note.text.len()))
/// }
///
/// let endpoint = post(ADD, "/notes/add", add);
/// # assert!(endpoint.document(Default::default()).facts.body_required);
/// ```
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

/// The query string, in the types that it is declared with: `?page=2` fits a number.
///
/// ```
/// use auth_core::{Failure, Json, Key, Query, get, schemars::JsonSchema, serde::Deserialize};
///
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(crate = "auth_core::serde")]
/// #[schemars(crate = "auth_core::schemars")]
/// struct Page {
///     page: Option<u32>,
/// }
///
/// const LIST: Key<(), u32> = Key::new("listNotes");
///
/// async fn list(Query(wanted): Query<Page>) -> Result<Json<u32>, Failure> {
///     Ok(Json(wanted.page.unwrap_or(1)))
/// }
///
/// let endpoint = get(LIST, "/notes/list", list);
/// # assert!(endpoint.document(Default::default()).facts.query.is_some());
/// ```
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

/// The `:name` parts of the path, decoded. They are text until the type says otherwise.
///
/// ```
/// use auth_core::{Failure, Json, Key, Params, get, schemars::JsonSchema, serde::Deserialize};
///
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(crate = "auth_core::serde")]
/// #[schemars(crate = "auth_core::schemars")]
/// struct Note {
///     id: String,
/// }
///
/// const SHOW: Key<(), String> = Key::new("showNote");
///
/// async fn show(Params(note): Params<Note>) -> Result<Json<String>, Failure> {
///     Ok(Json(note.id))
/// }
///
/// let endpoint = get(SHOW, "/notes/:id", show);
/// # assert!(endpoint.document(Default::default()).facts.params.is_some());
/// ```
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
///
/// Such an endpoint has no path: it is registered with [`internal`](super::internal) and called with
/// [`Core::call`](crate::Core::call).
///
/// ```
/// use auth_core::{Failure, Json, Key, ServerOnly, endpoint::internal};
///
/// const WIPE: Key<(), bool> = Key::new("wipeNotes");
///
/// async fn wipe(_: ServerOnly) -> Result<Json<bool>, Failure> {
///     Ok(Json(true))
/// }
///
/// let endpoint = internal(WIPE, wipe);
/// assert!(endpoint.path.is_none());
/// ```
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
