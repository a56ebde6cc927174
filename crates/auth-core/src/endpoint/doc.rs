//! What an endpoint's types say of it.

use std::any::TypeId;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::Tag;
use crate::{error::ErrorSpec, validate::Shape};

/// How much of a session an endpoint wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionNeed {
    /// It does not ask who calls.
    #[default]
    None,
    /// It answers differently for who is signed in.
    Optional,
    /// 401 without one. A cache may answer.
    Required,
    /// Read from storage, never from a cache.
    Strict,
    /// Signed in a short while ago.
    Fresh,
}

/// A possible reply.
#[derive(Clone, Debug)]
pub struct ReplyDoc {
    /// The HTTP status.
    pub status: u16,
    /// Of the body; `None` where there is none.
    pub content_type: Option<&'static str>,
    /// Of a JSON body.
    pub schema: Option<Schema>,
    /// A few words; OpenAPI wants some.
    pub description: &'static str,
}

/// What is known of an endpoint once its types were asked.
#[derive(Debug, Default)]
pub struct Facts {
    /// The JSON body's schema, with references into the shared definitions.
    pub body: Option<Schema>,
    /// A request without a body is refused.
    pub body_required: bool,
    /// What bodies are validated against before any extractor runs.
    pub body_shape: Option<Shape>,
    /// The body's type; at the freeze it has to be the one that the key names.
    pub body_type: Option<TypeId>,
    /// The query's schema; each property is a parameter.
    pub query: Option<Schema>,
    /// What query strings are validated against, and given their types by.
    pub query_shape: Option<Shape>,
    /// The schema of the `:name` parts of the path.
    pub params: Option<Schema>,
    /// The most that one of the extractors needs.
    pub session: SessionNeed,
    /// Clients get 404: a [`ServerOnly`](crate::ServerOnly) is among the arguments.
    pub server_only: bool,
    /// What it answers where all is well.
    pub replies: Vec<ReplyDoc>,
    /// The type of a JSON reply; at the freeze it has to be the one that the key names.
    pub reply_type: Option<TypeId>,
    /// What it and its extractors refuse with.
    pub errors: Vec<ErrorSpec>,
    /// Of the endpoint, for hooks to match on.
    pub tags: Vec<Tag>,
    /// Plugins whose [`Cx`](crate::Cx) it takes: each has to be enabled.
    pub plugins: Vec<(TypeId, &'static str)>,
}

/// What describes the types of all endpoints, so that each is described once.
#[derive(Debug, Default)]
pub struct Schemas {
    /// Types as they are read: what may be left out is not required.
    pub inputs: SchemaGenerator,
    /// Types as they are written: what is always there is required, if only as `null`.
    pub replies: SchemaGenerator,
}

impl Schemas {
    /// Definitions are referred to by this path and their names.
    #[must_use]
    pub fn at(path: &'static str) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = path.into());
        Self { inputs: settings.clone().into_generator(), replies: settings.for_serialize().into_generator() }
    }
}

/// Collects the facts from the extractors, the reply and the error enum of one endpoint.
#[derive(Debug)]
pub struct EndpointDoc {
    /// Shared by all endpoints, so that each type is described once.
    pub schemas: Schemas,
    /// What was said so far.
    pub facts: Facts,
}

impl EndpointDoc {
    /// Nothing known yet.
    #[must_use]
    pub fn new(schemas: Schemas) -> Self {
        Self { schemas, facts: Facts::default() }
    }

    /// The schema of a type, and the shape that values are checked against.
    fn shape_of<T: JsonSchema>() -> Shape {
        let schema: Value = SchemaGenerator::default().into_root_schema_for::<T>().into();
        Shape::compile(&schema)
    }

    /// A JSON body of this type; bodies are checked against its schema.
    pub fn takes_body<T: JsonSchema + 'static>(&mut self, required: bool) {
        self.facts.body = Some(self.schemas.inputs.subschema_for::<T>());
        self.facts.body_required = required;
        self.facts.body_shape = Some(Self::shape_of::<T>());
        self.facts.body_type = Some(TypeId::of::<T>());
    }

    /// A query string of this type.
    pub fn takes_query<T: JsonSchema>(&mut self) {
        self.facts.query = Some(self.schemas.inputs.root_schema_for::<T>());
        self.facts.query_shape = Some(Self::shape_of::<T>());
    }

    /// Parts of the path, by the names that they have there.
    pub fn takes_params<T: JsonSchema>(&mut self) {
        self.facts.params = Some(self.schemas.inputs.root_schema_for::<T>());
    }

    /// A session. Of several extractors the strictest need counts.
    pub fn needs_session(&mut self, need: SessionNeed) {
        self.facts.session = self.facts.session.max(need);
    }

    /// An enabled plugin; without it the host does not start.
    pub fn needs_plugin(&mut self, plugin: TypeId, id: &'static str) {
        self.facts.plugins.push((plugin, id));
    }

    /// Errors that it may answer with.
    pub fn fails_with(&mut self, specs: &[ErrorSpec]) {
        self.facts.errors.extend_from_slice(specs);
    }

    /// A `200` with JSON of this type.
    pub fn replies_json<T: JsonSchema + 'static>(&mut self) {
        let schema = self.schemas.replies.subschema_for::<T>();
        self.facts.reply_type = Some(TypeId::of::<T>());
        self.facts.replies.push(ReplyDoc {
            status: 200,
            content_type: Some("application/json"),
            schema: Some(schema),
            description: "Success",
        });
    }
}
