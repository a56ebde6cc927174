//! A valid request, from what an endpoint's types say of themselves.

use std::collections::BTreeMap;

use auth_core::{
    endpoint::{Endpoint, Facts, Schemas, SessionNeed},
    error::ErrorSpec,
};
use serde_json::{Map, Value, json};

use super::send::Sent;

/// The password in every body.
pub(super) const SECRET: &str = "Canary-Secret-4711";

/// Deeper than any body that an endpoint takes; a type may hold itself.
const DEEPEST: usize = 6;

/// What was heard so far, by the name that it had.
#[derive(Default)]
pub(super) struct Known {
    pub(super) by_name: BTreeMap<String, Value>,
    /// Texts that must not be in the log.
    pub(super) secrets: Vec<String>,
}

impl Known {
    /// Keeps what an answer or a letter says.
    pub(super) fn learn(&mut self, heard: &Value) {
        match heard {
            Value::Object(members) => {
                for (name, value) in members {
                    if value.is_string() || value.is_number() {
                        self.by_name.insert(name.clone(), value.clone());
                    }
                    if let Some(text) = value.as_str().filter(|text| is_secret(name) && text.len() >= 16) {
                        self.secrets.push(text.to_owned());
                    }
                    self.learn(value);
                }
            }
            Value::Array(values) => values.iter().take(3).for_each(|value| self.learn(value)),
            _ => {}
        }
    }

    /// What may stand in a field of this name.
    fn text(&self, name: &str) -> Option<Value> {
        if name.to_lowercase().contains("password") {
            return Some(json!(SECRET));
        }
        let known = self.by_name.get(name).filter(|value| value.is_string());
        let known = known.or_else(|| self.by_name.get("id").filter(|_| name.ends_with("Id")));
        known.cloned()
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["token", "key", "secret", "password"].iter().any(|end| name.ends_with(end))
}

/// An endpoint that can be sent to.
pub(super) struct Example<'e> {
    pub(super) endpoint: &'e Endpoint,
    pub(super) facts: Facts,
    defs: Map<String, Value>,
}

impl<'e> Example<'e> {
    pub(super) fn of(endpoint: &'e Endpoint) -> Self {
        let mut doc = endpoint.document(Schemas::default());
        let defs = doc.schemas.inputs.take_definitions(true);
        Self { endpoint, facts: doc.facts, defs }
    }

    pub(super) fn id(&self) -> &'static str {
        self.endpoint.id
    }

    pub(super) fn errors(&self) -> &[ErrorSpec] {
        &self.facts.errors
    }

    pub(super) fn session(&self) -> SessionNeed {
        self.facts.session
    }

    pub(super) fn body(&self, known: &Known) -> Option<Value> {
        self.facts.body.as_ref().map(|schema| self.value(schema.as_value(), "", known, 0))
    }

    /// The fields of the query and of the path, with texts.
    pub(super) fn pairs(
        &self,
        schema: Option<&auth_core::schemars::Schema>,
        known: &Known,
    ) -> Vec<(String, String)> {
        let value = schema.map(|schema| self.value(schema.as_value(), "", known, 0)).unwrap_or_default();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs = value.as_object().into_iter().flatten();
        pairs.map(|(name, value)| (name.clone(), text(value))).collect()
    }

    pub(super) fn valid(&self, known: &Known) -> Sent {
        let query = self.pairs(self.facts.query.as_ref(), known);
        let params = self.pairs(self.facts.params.as_ref(), known);
        let body = self.body(known).map(|body| body.to_string().into());
        Sent { params, query: Sent::encode(&query), body, kind: None }
    }

    fn value(&self, schema: &Value, name: &str, known: &Known, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        let go = |schema: &Value| self.value(schema, name, known, depth + 1);
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.defs.get(target.rsplit('/').next().unwrap_or_default());
            return target.map(go).unwrap_or_default();
        }
        if let Some(value) = schema.get("const").or_else(|| schema.get("enum")?.get(0)) {
            return value.clone();
        }
        for key in ["anyOf", "oneOf"] {
            let branches = schema.get(key).and_then(Value::as_array).into_iter().flatten();
            let mut branches = branches.filter(|branch| branch.get("type") != Some(&json!("null")));
            if let Some(branch) = branches.next() {
                return merged(go(branch), self.object(schema, known, depth));
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return parts.iter().map(go).fold(self.object(schema, known, depth), merged);
        }
        let kinds: Vec<_> = match schema.get("type") {
            Some(Value::String(kind)) => vec![kind.as_str()],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        match kinds.into_iter().find(|kind| *kind != "null") {
            Some("string") => text(schema, name, known),
            Some("integer" | "number") => {
                let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
                json!(bound("minimum").unwrap_or(1).max(bound("exclusiveMinimum").map_or(1, |n| n + 1)))
            }
            Some("boolean") => json!(true),
            Some("array") => json!([schema.get("items").map(go).unwrap_or(json!("a"))]),
            Some("object") => self.object(schema, known, depth),
            _ if schema.get("properties").is_some() => self.object(schema, known, depth),
            _ => known.text(name).unwrap_or(json!("a")),
        }
    }

    fn object(&self, schema: &Value, known: &Known, depth: usize) -> Value {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let members =
            properties.map(|(name, schema)| (name.clone(), self.value(schema, name, known, depth + 1)));
        let mut members: Map<String, Value> = members.collect();
        if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
            members.insert("any".to_owned(), self.value(values, "any", known, depth + 1));
        }
        Value::Object(members)
    }
}

fn merged(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            Value::Object(one)
        }
        (one, _) => one,
    }
}

fn text(schema: &Value, name: &str, known: &Known) -> Value {
    if let Some(known) = known.text(name) {
        return known;
    }
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("email") => "somebody@example.com".to_owned(),
        Some("uri" | "url") => "https://auth.example.com/there".to_owned(),
        Some("date-time") => "2027-01-01T00:00:00.000Z".to_owned(),
        _ if name.to_lowercase().ends_with("url") => "/there".to_owned(),
        _ if name.to_lowercase().contains("email") => "somebody@example.com".to_owned(),
        _ => "a-text".to_owned(),
    };
    let least = schema.get("minLength").and_then(Value::as_u64).unwrap_or(0);
    let least = usize::try_from(least).unwrap_or(0).min(10_000);
    json!(format!("{text:a<least$}"))
}
