//! The OpenAPI 3.1 document, wholly from types.

mod components;

use std::collections::BTreeMap;

use auth_core::{
    endpoint::SessionNeed,
    schema::CoreTable,
    serde_json::{Map, Value, json},
    validate,
};

pub(crate) use self::components::Components;
use self::components::{Named, Names, prune, rename};
use crate::plan::{Entry, Plan};

/// The document of everything that a plan answers.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    let config = plan.config();
    let Named { mut schemas, inputs, replies } = plan.schemas.named(|name, schema| match name {
        "User" => add_columns(plan, CoreTable::User, schema),
        "Session" => add_columns(plan, CoreTable::Session, schema),
        _ => {}
    });
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for entry in plan.entries.iter().filter(|e| !e.replaced) {
        let Some(path) = &entry.endpoint.path else { continue };
        for method in &entry.endpoint.methods {
            let several = entry.endpoint.methods.len() > 1;
            let id = if several {
                format!("{}_{}", entry.endpoint.id, method.as_str().to_lowercase())
            } else {
                entry.endpoint.id.to_owned()
            };
            let item = paths.entry(template(path)).or_default();
            item.insert(method.as_str().to_lowercase(), operation(entry, &id, &inputs, &replies));
        }
    }
    schemas.insert("Error".to_owned(), error_schema());
    let paths = json!(paths);
    prune(&mut schemas, &paths);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": config.app_name,
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Authentication: the Better Auth wire API.",
        },
        "servers": [{ "url": format!("{}{}", config.base_url.trim_end_matches('/'), config.base_path) }],
        "tags": tags(plan),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "sessionCookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": format!("{}.session_token", config.cookies.prefix),
                    "description": "The signed session cookie.",
                }
            }
        }
    })
}

fn template(path: &str) -> String {
    let parts: Vec<_> = path
        .split('/')
        .map(|part| match part.strip_prefix(':') {
            Some(name) => format!("{{{name}}}"),
            None if part == "*" => "{rest}".to_owned(),
            None => part.to_owned(),
        })
        .collect();
    parts.join("/")
}

fn tags(plan: &Plan) -> Vec<Value> {
    let enabled = plan.plugins().iter().filter(|p| p.enabled);
    enabled.map(|p| json!({ "name": p.manifest.id, "description": p.manifest.summary })).collect()
}

/// Columns of plugins are part of users and sessions; they are always there.
fn add_columns(plan: &Plan, table: CoreTable, schema: &mut Value) {
    use auth_core::schema::ColumnType;
    for column in plan.extras(table).into_iter().filter(|c| c.returned) {
        let ty = match column.ty {
            ColumnType::Text | ColumnType::Date => "string",
            ColumnType::Integer | ColumnType::BigInteger => "integer",
            ColumnType::Bool => "boolean",
            ColumnType::Json => "object",
        };
        let ty = if column.nullable { json!([ty, "null"]) } else { json!(ty) };
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(column.name.to_string(), json!({ "type": ty }));
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.push(json!(column.name));
        }
    }
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal. Some have no code.",
        "properties": { "code": { "type": "string" }, "message": { "type": "string" } },
        "required": ["message"]
    })
}

fn operation(entry: &Entry, id: &str, inputs: &Names, replies: &Names) -> Value {
    let (endpoint, facts) = (&entry.endpoint, &entry.facts);
    let mut operation = json!({
        "operationId": id,
        "summary": endpoint.summary,
        "tags": [entry.plugin],
        "responses": responses(entry, replies),
    });
    let Some(members) = operation.as_object_mut() else { return operation };
    let mut parameters = Vec::new();
    if endpoint.path.as_ref().is_some_and(|path| path.ends_with("/*")) {
        let schema = json!({ "type": "string" });
        parameters.push(json!({ "name": "rest", "in": "path", "required": true, "schema": schema }));
    }
    for (place, schema) in [("path", &facts.params), ("query", &facts.query)] {
        parameters.extend(schema.iter().flat_map(|schema| parameters_of(place, schema.as_value(), inputs)));
    }
    if !parameters.is_empty() {
        members.insert("parameters".to_owned(), parameters.into());
    }
    if let Some(body) = &facts.body {
        let mut body = json!(body);
        rename(&mut body, inputs);
        let mut content = Map::from_iter([("application/json".to_owned(), json!({ "schema": body }))]);
        if endpoint.forms {
            content.insert("application/x-www-form-urlencoded".to_owned(), json!({ "schema": body }));
        }
        members
            .insert("requestBody".to_owned(), json!({ "required": facts.body_required, "content": content }));
    }
    let security = match facts.session {
        SessionNeed::None => json!([]),
        SessionNeed::Optional => json!([{}, { "sessionCookie": [] }]),
        _ => json!([{ "sessionCookie": [] }]),
    };
    members.insert("security".to_owned(), security);
    // Further addresses are no operations of their own: a client that is made from this has each once.
    let aliases: Vec<_> =
        endpoint.aliases.iter().map(|(method, path)| format!("{method} {}", template(path))).collect();
    for (key, addresses) in [("x-aliases", json!(aliases)), ("x-at-root", json!(endpoint.at_root))] {
        if addresses.as_array().is_some_and(|all| !all.is_empty()) {
            members.insert(key.to_owned(), addresses);
        }
    }
    operation
}

fn parameters_of(place: &str, schema: &Value, inputs: &Names) -> Vec<Value> {
    let mut schema = schema.clone();
    // What may be left out is not thereby nullable; a query has no way to say `null`.
    validate::normalize(&mut schema);
    rename(&mut schema, inputs);
    let required: Vec<_> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = schema.get("properties").and_then(Value::as_object);
    let parameter = |(name, schema): (&String, &Value)| {
        json!({
            "name": name,
            "in": place,
            "required": place == "path" || required.contains(&name.as_str()),
            "schema": schema,
        })
    };
    properties.into_iter().flatten().map(parameter).collect()
}

fn responses(entry: &Entry, names: &Names) -> Value {
    let facts = &entry.facts;
    let mut responses: BTreeMap<String, Value> = BTreeMap::new();
    for reply in &facts.replies {
        let mut response = json!({ "description": reply.description });
        if let (Some(kind), Some(members)) = (reply.content_type, response.as_object_mut()) {
            let mut schema = reply.schema.as_ref().map_or_else(|| json!({ "type": "string" }), |s| json!(s));
            rename(&mut schema, names);
            members.insert("content".to_owned(), json!({ (kind): { "schema": schema } }));
        }
        responses.insert(reply.status.to_string(), response);
    }
    let mut by_status: BTreeMap<u16, Vec<(&str, &str)>> = BTreeMap::new();
    let invalid = facts.body.is_some() || facts.query.is_some();
    if invalid {
        by_status.entry(400).or_default().push(("VALIDATION_ERROR", "The body or the query is malformed"));
    }
    for spec in &facts.errors {
        let codes = by_status.entry(spec.status).or_default();
        if !codes.iter().any(|(code, _)| *code == spec.code) {
            codes.push((spec.code, spec.message));
        }
    }
    by_status.entry(429).or_default().push(("", "Too many requests. Please try again later."));
    for (status, codes) in by_status {
        let lines: Vec<_> = codes
            .iter()
            .map(
                |(code, message)| {
                    if code.is_empty() { (*message).to_owned() } else { format!("`{code}`: {message}") }
                },
            )
            .collect();
        let known: Vec<_> = codes.iter().map(|(code, _)| *code).filter(|c| !c.is_empty()).collect();
        let mut schema = json!({ "$ref": "#/components/schemas/Error" });
        if !known.is_empty() {
            schema = json!({ "allOf": [schema, { "properties": { "code": { "enum": known } } }] });
        }
        responses.insert(
            status.to_string(),
            json!({
                "description": lines.join("\n\n"),
                "content": { "application/json": { "schema": schema } },
            }),
        );
    }
    json!(responses)
}
