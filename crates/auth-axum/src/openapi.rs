//! What the extractors need, in the OpenAPI document of an application: with [`aide`].
//!
//! Routes of an [`ApiRouter`](https://docs.rs/aide/0.15/aide/axum/struct.ApiRouter.html) describe
//! themselves: extractors name the credentials that they take, the scope that they demand, and how they
//! refuse. [`describe`] adds what these names mean. An extractor knows no layer, so it names every
//! way that it takes; a layer that stands alone says with `document` which are left:
//!
//! ```
//! use aide::{axum::{ApiRouter, routing::get}, openapi::OpenApi};
//! use auth_axum::{Auth, Session, SessionLayer, openapi::describe};
//!
//! async fn name(session: Session) -> String {
//!     session.user.name.clone()
//! }
//!
//! fn app(auth: &Auth) -> (axum::Router, OpenApi) {
//!     let pages = SessionLayer::new(auth);
//!     let mut document = OpenApi::default();
//!     let app = ApiRouter::new()
//!         .api_route("/name", get(name))
//!         .with_path_items(|item| pages.document(item))
//!         .layer(pages.clone())
//!         .finish_api_with(&mut document, describe(auth));
//!     (app, document)
//! }
//! ```
//!
//! Who switches `aide::generate::infer_responses` off gets documents in which every credential is
//! optional.

use aide::{
    OperationInput, OperationOutput,
    generate::GenContext,
    openapi::{
        ApiKeyLocation, MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle,
        ReferenceOr, Response, SchemaObject, SecurityRequirement, SecurityScheme, StatusCode,
    },
    transform::{TransformOpenApi, TransformPathItem},
    util::iter_operations_mut,
};
use auth_core::{
    access::{DENIED, NO_MEMBER},
    error::ErrorSpec,
    ports::TokenVerifier,
    serde_json::json,
    session::SessionSource,
};

use crate::{
    ApiKeyLayer, Auth, BearerLayer, Claims, Demand, Denied, FreshSession, Identity, JwtLayer, Member,
    Require, Scope, Scoped, Session, SessionLayer, StrictSession,
    extract::PARAMETERS,
    refusal::{INSUFFICIENT_SCOPE, NO_ORGANIZATION, NOT_FRESH, UNAUTHORIZED},
};

/// As the API's own document calls it.
const COOKIE: &str = "sessionCookie";
const BEARER: &str = "sessionToken";
const KEY: &str = "apiKey";
const JWT: &str = "signedToken";

const ANY: &[&str] = &[COOKIE, BEARER, KEY, JWT];
const SESSIONS: &[&str] = &[COOKIE, BEARER];
const TOKENS: &[&str] = &[JWT];

/// Adds the security schemes that the server has, and takes those that it has not out of every
/// operation: for `ApiRouter::finish_api_with`.
pub fn describe(auth: &Auth) -> impl FnOnce(TransformOpenApi<'_>) -> TransformOpenApi<'_> + use<> {
    let core = auth.host().core();
    let cookie = core.settings().cookies.name("session_token").clone();
    let sources = || core.services().slot::<dyn SessionSource>();
    let bearer = sources().any(|source| source.headers().is_empty());
    let key = sources().find_map(|source| source.headers().first().cloned());
    let jwt = core.services().get::<dyn TokenVerifier>().is_some();
    move |mut document| {
        let mut there = vec![COOKIE];
        document = document
            .security_scheme(COOKIE, named(ApiKeyLocation::Cookie, cookie, "The signed session cookie."));
        if bearer {
            there.push(BEARER);
            document = document.security_scheme(BEARER, http("The signed token of a session.", None));
        }
        if let Some(name) = key {
            there.push(KEY);
            document =
                document.security_scheme(KEY, named(ApiKeyLocation::Header, name, "A key for programs."));
        }
        if jwt {
            there.push(JWT);
            document = document.security_scheme(JWT, http("A signed token of this server.", Some("JWT")));
        }
        for (path, item) in document.inner_mut().paths.iter_mut().flat_map(|paths| &mut paths.paths) {
            for (_, operation) in item.as_item_mut().into_iter().flat_map(iter_operations_mut) {
                narrow(operation, &there);
                name_organization(operation, path);
            }
        }
        document
    }
}

/// Declares the part of a path that a [`Member`] reads, where no other argument of the handler does.
fn name_organization(operation: &mut Operation, path: &str) {
    let declared = |name: &str| {
        let mut parameters = operation.parameters.iter().filter_map(ReferenceOr::as_item);
        parameters.any(|parameter| parameter.parameter_data_ref().name == name)
    };
    let missing =
        PARAMETERS.into_iter().find(|name| path.contains(&format!("{{{name}}}")) && !declared(name));
    let schema = json!({ "type": "string" }).try_into();
    let (Some(name), Ok(json_schema)) = (missing, schema) else { return };
    let schema = SchemaObject { json_schema, external_docs: None, example: None };
    let parameter_data = ParameterData {
        name: name.to_owned(),
        description: Some("The id of an organization.".to_owned()),
        required: true,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: std::iter::empty().collect(),
        explode: None,
        extensions: std::iter::empty().collect(),
    };
    let parameter = Parameter::Path { parameter_data, style: PathStyle::Simple };
    operation.parameters.push(ReferenceOr::Item(parameter));
}

fn named(location: ApiKeyLocation, name: String, description: &str) -> SecurityScheme {
    SecurityScheme::ApiKey {
        location,
        name,
        description: Some(description.to_owned()),
        extensions: std::iter::empty().collect(),
    }
}

fn http(description: &str, format: Option<&str>) -> SecurityScheme {
    SecurityScheme::Http {
        scheme: "Bearer".to_owned(),
        bearer_format: format.map(str::to_owned),
        description: Some(description.to_owned()),
        extensions: std::iter::empty().collect(),
    }
}

/// Leaves of our schemes only some. Where nothing would be left nobody could ever come in, and an
/// empty list would say that everybody can: then it stays.
fn narrow(operation: &mut Operation, to: &[&str]) {
    let stays = |requirement: &SecurityRequirement| {
        requirement.keys().all(|name| !ANY.contains(&name.as_str()) || to.contains(&name.as_str()))
    };
    if operation.security.iter().any(|requirement| !requirement.is_empty() && stays(requirement)) {
        operation.security.retain(stays);
    }
}

macro_rules! documents {
    ($($layer:ident: $ways:expr),*) => {$(
        impl $layer {
            /// Says in the document that this layer's way is the only one: for
            /// `ApiRouter::with_path_items`.
            pub fn document<'t>(&self, mut item: TransformPathItem<'t>) -> TransformPathItem<'t> {
                iter_operations_mut(item.inner_mut()).for_each(|(_, operation)| narrow(operation, $ways));
                item
            }
        }
    )*};
}
documents!(SessionLayer: &[COOKIE], BearerLayer: &[BEARER], ApiKeyLayer: &[KEY], JwtLayer: TOKENS);

/// One of these credentials, or none. What another argument of the handler does not take is out.
fn offer(operation: &mut Operation, ways: &[&str], scope: Option<&str>) {
    let scopes: Vec<_> = scope.into_iter().map(str::to_owned).collect();
    let old = &mut operation.security;
    if old.is_empty() {
        old.push(SecurityRequirement::new());
        old.extend(
            ways.iter().map(|way| SecurityRequirement::from_iter([((*way).to_owned(), scopes.clone())])),
        );
        return;
    }
    narrow(operation, ways);
    for wanted in operation.security.iter_mut().flat_map(SecurityRequirement::values_mut) {
        wanted.extend(scopes.iter().filter(|scope| !wanted.contains(scope)).cloned().collect::<Vec<_>>());
    }
}

/// None is not enough, and what is said then.
///
/// `aide` asks for early responses of an extractor, but not of the `Option` of one: the only place to
/// tell them apart. It takes two extractors that refuse with the same status for a conflict, so
/// the responses are written here and none is handed over.
fn demand(operation: &mut Operation, errors: &[ErrorSpec]) {
    operation.security.retain(|requirement| !requirement.is_empty());
    refuse(operation, errors);
}

/// Says how a handler refuses, beside what its arguments say: for `OperationOutput::inferred_responses` of an
/// application's errors, which then returns nothing.
pub fn refuse(operation: &mut Operation, errors: &[ErrorSpec]) {
    let responses = &mut operation.responses.get_or_insert_default().responses;
    for error in errors {
        let line = format!("`{}`: {}", error.code, error.message);
        let known = responses.entry(StatusCode::Code(error.status));
        let ReferenceOr::Item(response) = known.or_insert_with(|| ReferenceOr::Item(refusal())) else {
            continue;
        };
        if !response.description.contains(&line) {
            let gap = if response.description.is_empty() { "" } else { "\n\n" };
            response.description.push_str(gap);
            response.description.push_str(&line);
        }
    }
}

/// A response with the API's error body.
fn refusal() -> Response {
    let text = json!({ "type": "string" });
    let schema = json!({
        "type": "object",
        "properties": { "code": text, "message": text },
        "required": ["code", "message"],
    });
    let schema = schema.try_into().ok();
    let schema = schema.map(|json_schema| SchemaObject { json_schema, external_docs: None, example: None });
    let body = MediaType { schema, ..MediaType::default() };
    Response {
        content: FromIterator::from_iter([("application/json".to_owned(), body)]),
        ..Response::default()
    }
}

macro_rules! inputs {
    ($([$($param:tt)*] $name:ty: $ways:expr, $scope:expr, $errors:expr;)*) => {$(
        impl<$($param)*> OperationInput for $name {
            fn operation_input(_: &mut GenContext, operation: &mut Operation) {
                offer(operation, $ways, $scope);
            }

            fn inferred_early_responses(
                _: &mut GenContext,
                operation: &mut Operation,
            ) -> Vec<(Option<u16>, Response)> {
                demand(operation, $errors);
                Vec::new()
            }
        }
    )*};
}
inputs! {
    [] Identity: ANY, None, &[UNAUTHORIZED];
    [] Session: SESSIONS, None, &[UNAUTHORIZED, INSUFFICIENT_SCOPE];
    [] StrictSession: SESSIONS, None, &[UNAUTHORIZED, INSUFFICIENT_SCOPE];
    [] FreshSession: SESSIONS, None, &[UNAUTHORIZED, INSUFFICIENT_SCOPE, NOT_FRESH];
    [T] Claims<T>: TOKENS, None, &[UNAUTHORIZED];
    [] Member: ANY, None, &[UNAUTHORIZED, NO_ORGANIZATION, NO_MEMBER];
    [D: Demand] Require<D>: ANY, None, D::REFUSALS;
    [S: Scope] Scoped<S>: ANY, Some(S::NAME), &[UNAUTHORIZED, INSUFFICIENT_SCOPE];
}

impl OperationOutput for Denied {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Response)> {
        refuse(operation, &[DENIED]);
        Vec::new()
    }
}
