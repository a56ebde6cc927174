//! Operations.

use serde_json::{Map, Value, json};

use super::{Found, Object, list, object, problem, schemas::Types, text};
use crate::{
    Problem,
    model::{Body, Operation, Part, Reply, Shape, Ty},
    names::{is_identifier, pascal, snake},
};

const JSON: &str = "application/json";

pub(super) fn read(found: &Found, name: String, types: &mut Types) -> Result<Operation, Problem> {
    let (map, place) = (found.map, found.place.as_str());
    let docs = [text(map, "summary"), text(map, "description")];
    let docs: Vec<_> = docs.into_iter().filter(|part| !part.is_empty()).map(sentence).collect();
    let codes = codes(found, types)?;
    Ok(Operation {
        name,
        method: found.method.to_uppercase(),
        path: found.path.to_owned(),
        docs: docs.join("\n\n"),
        parts: parts(found)?,
        query: query(found, types)?,
        body: body(map, place, &pascal(found.id), types)?,
        reply: reply(map, place, &pascal(found.id), types)?,
        codes,
    })
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', '!', '?', ':']) { text.to_owned() } else { format!("{text}.") }
}

/// The parameters of a place. Those of headers and cookies have no method that would take them.
fn parameters<'v>(found: &Found<'v>, wanted: &str) -> Result<Vec<(String, &'v Object)>, Problem> {
    let mut all = Vec::new();
    for (at, parameter) in list(found.map, "parameters").enumerate() {
        let place = format!("{}.parameters.{at}", found.place);
        let parameter = object(parameter, &place)?;
        match text(parameter, "in") {
            "path" | "query" => {}
            other => return Err(problem(&place, format!("parameters in `{other}` are not supported"))),
        }
        if text(parameter, "in") == wanted {
            all.push((place, parameter));
        }
    }
    Ok(all)
}

fn parts(found: &Found) -> Result<Vec<Part>, Problem> {
    let declared = parameters(found, "path")?;
    let mut parts = Vec::new();
    let mut rest = found.path;
    while let Some((literal, behind)) = rest.split_once('{') {
        let Some((name, behind)) = behind.split_once('}') else {
            return Err(problem(&found.place, "its path has an open brace"));
        };
        if !declared.iter().any(|(_, parameter)| text(parameter, "name") == name) {
            return Err(problem(&found.place, format!("does not declare the parameter `{name}`")));
        }
        if !is_identifier(&snake(name)) {
            return Err(problem(&found.place, format!("the parameter `{name}` gives no name")));
        }
        parts.extend(Some(literal).filter(|l| !l.is_empty()).map(|l| Part::Literal(l.to_owned())));
        parts.push(Part::Parameter(name.to_owned()));
        rest = behind;
    }
    parts.extend(Some(rest).filter(|l| !l.is_empty()).map(|l| Part::Literal(l.to_owned())));
    Ok(parts)
}

/// The query is a structure of its own.
fn query(found: &Found, types: &mut Types) -> Result<Option<String>, Problem> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (place, parameter) in parameters(found, "query")? {
        let name = text(parameter, "name");
        let mut schema = parameter.get("schema").cloned().unwrap_or(Value::Bool(true));
        if let (Some(schema), Some(docs)) = (schema.as_object_mut(), parameter.get("description")) {
            schema.entry("description").or_insert_with(|| docs.clone());
        }
        if parameter.get("required").and_then(Value::as_bool) == Some(true) {
            required.push(json!(name));
        }
        if properties.insert(name.to_owned(), schema).is_some() {
            return Err(problem(&place, format!("`{name}` stands there twice")));
        }
    }
    if properties.is_empty() {
        return Ok(None);
    }
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    let name = format!("{}Query", pascal(found.id));
    let place = format!("{}.parameters", found.place);
    let ty = types.ty(&schema, &place, &name)?;
    types.document(&name, &format!("The query of `{} {}`.", found.method.to_uppercase(), found.path));
    types.check_flat(&ty, &place)?;
    Ok(Some(name))
}

fn body(map: &Object, place: &str, id: &str, types: &mut Types) -> Result<Option<Body>, Problem> {
    let Some(body) = map.get("requestBody") else { return Ok(None) };
    let place = format!("{place}.requestBody");
    let body = object(body, &place)?;
    let Some(schema) = body.get("content").and_then(|content| content.get(JSON)?.get("schema")) else {
        return Err(problem(&place, "takes no JSON"));
    };
    let ty = types.ty(schema, &place, &format!("{id}Body"))?;
    Ok(Some(Body { ty, required: body.get("required").and_then(Value::as_bool) == Some(true) }))
}

fn reply(map: &Object, place: &str, id: &str, types: &mut Types) -> Result<Reply, Problem> {
    let mut success: Option<Reply> = None;
    let mut redirects = false;
    for (status, response) in map.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let place = format!("{place}.responses.{status}");
        match status.as_str() {
            "301" | "302" | "303" | "307" | "308" => redirects = true,
            // Only who asks conditionally is told so; clients do not.
            "304" => {}
            status if status.starts_with(['4', '5']) || status == "default" => {}
            status if status.starts_with('2') => {
                let read = content(object(response, &place)?, &place, id, types)?;
                if success.as_ref().is_some_and(|other| *other != read) {
                    return Err(problem(&place, "there are several kinds of success"));
                }
                success = Some(read);
            }
            "101" => {
                let what = "no method stands for a WebSocket; leave the operation out (`skip`)";
                return Err(problem(&place, what));
            }
            _ => return Err(problem(&place, "this status is not supported")),
        }
    }
    match (success, redirects) {
        (Some(reply), false) => Ok(reply),
        (None, true) => Ok(Reply::Redirect),
        (Some(Reply::Json(ty)), true) => Ok(Reply::JsonOrRedirect(ty)),
        (Some(Reply::Text), true) => Ok(Reply::TextOrRedirect),
        (Some(_), true) => Err(problem(place, "this reply beside a redirect is not supported")),
        (None, false) => Err(problem(place, "has no success")),
    }
}

fn content(response: &Object, place: &str, id: &str, types: &mut Types) -> Result<Reply, Problem> {
    let content = response.get("content").and_then(Value::as_object).filter(|content| !content.is_empty());
    let Some(content) = content else { return Ok(Reply::Empty) };
    if let Some(json) = content.get(JSON) {
        let schema = json.get("schema").ok_or_else(|| problem(place, "has no schema"))?;
        return Ok(Reply::Json(types.ty(schema, place, &format!("{id}Reply"))?));
    }
    let kind = content.keys().next().map(String::as_str).unwrap_or_default();
    match kind {
        "text/event-stream" => Err(problem(
            place,
            "an event stream does not end, which no method waits for; leave the operation out (`skip`)",
        )),
        kind if kind.starts_with("text/") => Ok(Reply::Text),
        _ => Ok(Reply::Bytes),
    }
}

/// The declared codes, as a type that names them.
fn codes(found: &Found, types: &mut Types) -> Result<Option<String>, Problem> {
    let mut codes: Vec<(String, String)> = Vec::new();
    for (status, response) in found.map.get("responses").and_then(Value::as_object).into_iter().flatten() {
        if !status.starts_with(['4', '5']) {
            continue;
        }
        let place = format!("{}.responses.{status}", found.place);
        let response = object(response, &place)?;
        let Some(schema) = response.get("content").and_then(|content| content.get(JSON)?.get("schema"))
        else {
            continue;
        };
        for code in declared(schema, &place)? {
            let marked = format!("`{code}`: ");
            let message = text(response, "description").lines().find_map(|line| line.strip_prefix(&marked));
            let docs = format!("{status}: {}", message.map(sentence).unwrap_or_default());
            let docs = docs.trim_end_matches([':', ' ']);
            match codes.iter_mut().find(|(known, _)| *known == code) {
                Some((_, known)) => *known = format!("{known}\n\n{docs}"),
                None => codes.push((code, docs.to_owned())),
            }
        }
    }
    if codes.is_empty() {
        return Ok(None);
    }
    let name = format!("{}Code", pascal(found.id));
    types.add(&name, "", Shape::Choice(codes), &found.place)?;
    let docs = format!("Why `{} {}` is refused.", found.method.to_uppercase(), found.path);
    types.document(&name, &docs);
    Ok(Some(name))
}

/// The codes of a refusal: `properties.code.enum`, alone or as a part of `allOf`.
fn declared(schema: &Value, place: &str) -> Result<Vec<String>, Problem> {
    let map = object(schema, place)?;
    if let Some(parts) = map.get("allOf").and_then(Value::as_array) {
        let parts = parts.iter().map(|part| declared(part, place)).collect::<Result<Vec<_>, _>>()?;
        return Ok(parts.concat());
    }
    if map.contains_key("$ref") {
        return Ok(Vec::new());
    }
    let code = map.get("properties").and_then(|properties| properties.get("code"));
    let code = code.ok_or_else(|| problem(place, "is no refusal with a `code`"))?;
    let codes = code.get("enum").and_then(Value::as_array).into_iter().flatten();
    Ok(codes.filter_map(Value::as_str).map(str::to_owned).collect())
}

impl Types<'_> {
    /// Whether a structure can be written as a query: texts, numbers, switches, and lists of them.
    fn check_flat(&self, ty: &Ty, place: &str) -> Result<(), Problem> {
        let Ty::Named(name) = ty else { return Ok(()) };
        let Some(Shape::Structure { fields, .. }) = self.shape(name) else { return Ok(()) };
        for field in fields {
            if !self.is_flat(&field.ty, 0) {
                return Err(problem(place, format!("`{}` does not fit into a query", field.wire)));
            }
        }
        Ok(())
    }

    fn is_flat(&self, ty: &Ty, depth: usize) -> bool {
        match ty {
            Ty::Bool | Ty::True | Ty::Integer | Ty::Number | Ty::Text => true,
            Ty::List(items) => depth == 0 && self.is_flat(items, 1),
            Ty::Nullable(inner) => self.is_flat(inner, depth),
            Ty::Any | Ty::Map(_) => false,
            Ty::Named(name) => match self.shape(name) {
                Some(Shape::Choice(_) | Shape::Only(_)) => true,
                Some(Shape::Union(variants)) => variants.iter().all(|variant| self.is_flat(variant, depth)),
                Some(Shape::Alias(inner)) => self.is_flat(inner, depth),
                Some(Shape::Structure { .. }) | None => false,
            },
        }
    }
}
