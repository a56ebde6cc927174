//! What an endpoint's types say of it.

use std::any::TypeId;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::Tag;
use crate::{error::ErrorSpec, validate::Shape};

/// How much of a session an endpoint wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionNeed {
    #[default]
    None,
    Optional,
    Required,
    /// Read from storage, never from a cache.
    Strict,
    /// Signed in a short while ago.
    Fresh,
}

/// A possible reply.
#[derive(Clone, Debug)]
pub struct ReplyDoc {
    pub status: u16,
    pub content_type: Option<&'static str>,
    pub schema: Option<Schema>,
    pub description: &'static str,
}

/// What is known of an endpoint once its types were asked.
#[derive(Debug, Default)]
pub struct Facts {
    pub body: Option<Schema>,
    pub body_required: bool,
    pub body_shape: Option<Shape>,
    pub body_type: Option<TypeId>,
    pub query: Option<Schema>,
    pub query_shape: Option<Shape>,
    pub params: Option<Schema>,
    pub session: SessionNeed,
    pub server_only: bool,
    pub replies: Vec<ReplyDoc>,
    pub reply_type: Option<TypeId>,
    pub errors: Vec<ErrorSpec>,
    pub tags: Vec<Tag>,
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
    pub schemas: Schemas,
    pub facts: Facts,
}

impl EndpointDoc {
    #[must_use]
    pub fn new(schemas: Schemas) -> Self {
        Self { schemas, facts: Facts::default() }
    }

    /// The schema of a type, and the shape that values are checked against.
    fn shape_of<T: JsonSchema>() -> Shape {
        let schema: Value = SchemaGenerator::default().into_root_schema_for::<T>().into();
        Shape::compile(&schema)
    }

    pub fn takes_body<T: JsonSchema + 'static>(&mut self, required: bool) {
        self.facts.body = Some(self.schemas.inputs.subschema_for::<T>());
        self.facts.body_required = required;
        self.facts.body_shape = Some(Self::shape_of::<T>());
        self.facts.body_type = Some(TypeId::of::<T>());
    }

    pub fn takes_query<T: JsonSchema>(&mut self) {
        self.facts.query = Some(self.schemas.inputs.root_schema_for::<T>());
        self.facts.query_shape = Some(Self::shape_of::<T>());
    }

    pub fn takes_params<T: JsonSchema>(&mut self) {
        self.facts.params = Some(self.schemas.inputs.root_schema_for::<T>());
    }

    pub fn needs_session(&mut self, need: SessionNeed) {
        self.facts.session = self.facts.session.max(need);
    }

    pub fn needs_plugin(&mut self, plugin: TypeId, id: &'static str) {
        self.facts.plugins.push((plugin, id));
    }

    pub fn fails_with(&mut self, specs: &[ErrorSpec]) {
        self.facts.errors.extend_from_slice(specs);
    }

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
