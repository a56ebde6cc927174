//! What clients and plugins rely on of each endpoint, from an OpenAPI document.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::schema::{Field, Reader, items};
use crate::shell::read;

/// Every endpoint of a version, by method and path.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    pub(super) version: String,
    pub(super) endpoints: BTreeMap<String, Endpoint>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Endpoint {
    pub(super) id: String,
    pub(super) plugin: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<String>,
    pub(super) session: Session,
    /// `path.…`, `query.…`, `header.…`, `body` and what is below it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) input: BTreeMap<String, Field>,
    /// By status: the body and what is below it.
    pub(super) output: BTreeMap<String, Field>,
    /// `status CODE`, or the status alone.
    pub(super) errors: BTreeSet<String>,
}

/// How much of a session an endpoint asks for, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Session {
    None,
    Optional,
    Needed,
}

impl Snapshot {
    /// A snapshot, or an OpenAPI document that one is made of.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let name = || path.display().to_string();
        let value: Value = serde_json::from_str(&read(path)?).with_context(name)?;
        if value.get("openapi").is_some() {
            return Ok(Self::of(&value));
        }
        serde_json::from_value(value)
            .context("it is neither an OpenAPI document nor a snapshot of one")
            .with_context(name)
    }

    pub(super) fn of(document: &Value) -> Self {
        let version = document.pointer("/info/version").and_then(Value::as_str).unwrap_or_default();
        let mut endpoints = BTreeMap::new();
        let paths = document.get("paths").and_then(Value::as_object);
        for (path, item) in paths.into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                // A path has members beside its methods, such as `parameters`.
                if operation.is_object() {
                    let name = format!("{} {path}", method.to_uppercase());
                    endpoints.insert(name, endpoint(document, item, operation));
                }
            }
        }
        Self { version: version.to_owned(), endpoints }
    }

    pub(super) fn text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn endpoint(document: &Value, item: &Value, operation: &Value) -> Endpoint {
    let strings = |key| items(operation, key).filter_map(Value::as_str);
    let at_root = strings("x-at-root").map(|path| format!("GET {path} (root)"));
    let mut endpoint = Endpoint {
        id: text(operation, "operationId"),
        plugin: strings("tags").next().unwrap_or_default().to_owned(),
        aliases: strings("x-aliases").map(str::to_owned).chain(at_root).collect(),
        session: session(document, operation),
        input: BTreeMap::new(),
        output: BTreeMap::new(),
        errors: BTreeSet::new(),
    };
    endpoint.aliases.sort();
    let mut reader = Reader::new(document);
    for parameter in items(item, "parameters").chain(items(operation, "parameters")) {
        let name = format!("{}.{}", text(parameter, "in"), text(parameter, "name"));
        let required = parameter.get("required").and_then(Value::as_bool) == Some(true);
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        add(&mut endpoint.input, &mut reader, &name, schema, required);
    }
    if let Some(body) = operation.get("requestBody") {
        let required = body.get("required").and_then(Value::as_bool) == Some(true);
        content(&mut endpoint.input, &mut reader, "body", body, required);
    }
    let responses = operation.get("responses").and_then(Value::as_object);
    for (status, response) in responses.into_iter().flatten() {
        if status.starts_with(['4', '5']) {
            let mut codes = BTreeSet::new();
            error_codes(response, &mut codes);
            if codes.is_empty() {
                endpoint.errors.insert(status.clone());
            }
            endpoint.errors.extend(codes.into_iter().map(|code| format!("{status} {code}")));
        } else {
            content(&mut endpoint.output, &mut reader, status, response, true);
        }
    }
    endpoint
}

fn session(document: &Value, operation: &Value) -> Session {
    // The document's is for those that say nothing.
    let holder = if operation.get("security").is_some() { operation } else { document };
    let mut ways = items(holder, "security").peekable();
    if ways.peek().is_none() {
        Session::None
    } else if ways.any(|way| way.as_object().is_some_and(Map::is_empty)) {
        Session::Optional
    } else {
        Session::Needed
    }
}

fn add(
    fields: &mut BTreeMap<String, Field>,
    reader: &mut Reader<'_>,
    name: &str,
    schema: &Value,
    required: bool,
) {
    let shape = reader.shape(schema);
    fields.extend(shape.fields.into_iter().map(|(path, field)| (format!("{name}{path}"), field)));
    fields.insert(name.to_owned(), Field { required, types: shape.types });
}

/// A body: JSON with its fields, and other kinds by their names.
fn content(
    fields: &mut BTreeMap<String, Field>,
    reader: &mut Reader<'_>,
    name: &str,
    holder: &Value,
    required: bool,
) {
    let kinds = holder.get("content").and_then(Value::as_object);
    for (kind, media) in kinds.into_iter().flatten() {
        if kind == "application/json" {
            add(fields, reader, name, media.get("schema").unwrap_or(&Value::Null), required);
        } else {
            let types = BTreeSet::from(["any".to_owned()]);
            fields.insert(format!("{name} ({kind})"), Field { required: false, types });
        }
    }
    if kinds.is_none_or(Map::is_empty) {
        fields.insert(name.to_owned(), Field { required, types: BTreeSet::from(["nothing".to_owned()]) });
    }
}

/// The values of `code` anywhere in the schemas of an answer.
fn error_codes(value: &Value, codes: &mut BTreeSet<String>) {
    if let Some(code) = value.pointer("/properties/code") {
        let named = items(code, "enum").chain(code.get("const")).filter_map(Value::as_str);
        codes.extend(named.map(str::to_owned));
    }
    match value {
        Value::Object(members) => members.values().for_each(|inner| error_codes(inner, codes)),
        Value::Array(all) => all.iter().for_each(|inner| error_codes(inner, codes)),
        _ => {}
    }
}
