//! From JSON Schema, as schemars writes it, to the tree that is checked.

use serde_json::{Map, Value};

use super::{Class, Field, Format, Node, Numeric, Rest, Text};

/// Deeper schemas than any type derives; cuts off hand-written loops.
const MAX_DEPTH: usize = 64;

/// Largest integer that every JSON reader keeps exact.
pub(super) const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// The root, then the definitions in their order.
pub(super) fn nodes(schema: &Value) -> Vec<Node> {
    let defs: Vec<(&String, &Value)> = ["$defs", "definitions"]
        .iter()
        .filter_map(|key| schema.get(key).and_then(Value::as_object))
        .flatten()
        .collect();
    let names: Vec<&str> = defs.iter().map(|(name, _)| name.as_str()).collect();
    let compiler = Compiler { names };
    std::iter::once(schema)
        .chain(defs.iter().map(|(_, def)| *def))
        .map(|schema| compiler.node(schema, 0))
        .collect()
}

struct Compiler<'a> {
    names: Vec<&'a str>,
}

impl Compiler<'_> {
    fn node(&self, schema: &Value, depth: usize) -> Node {
        let map = match schema {
            Value::Bool(false) => return Node::Never,
            Value::Object(map) if depth < MAX_DEPTH => map,
            _ => return Node::Any,
        };
        let mut parts = Vec::new();
        if let Some(target) = map.get("$ref").and_then(Value::as_str) {
            parts.push(self.reference(target));
        }
        if let Some(value) = map.get("const") {
            parts.push(Node::OneOf(vec![value.clone()]));
        } else if let Some(values) = map.get("enum").and_then(Value::as_array) {
            parts.push(one_of(values.clone()));
        } else {
            parts.extend(self.typed(map, depth));
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(branches) = map.get(key).and_then(Value::as_array) {
                let branches = branches.iter().map(|b| self.node(b, depth + 1)).collect();
                parts.push(union(branches));
            }
        }
        for part in list(map, "allOf") {
            parts.push(self.node(part, depth + 1));
        }
        match parts.len() {
            0 => Node::Any,
            1 => parts.pop().unwrap_or(Node::Any),
            _ => Node::All(parts),
        }
    }

    fn reference(&self, target: &str) -> Node {
        if target == "#" {
            return Node::Ref(0);
        }
        let name = target.rsplit('/').next().unwrap_or_default();
        let name = name.replace("~1", "/").replace("~0", "~");
        match self.names.iter().position(|known| *known == name) {
            Some(at) => Node::Ref(at + 1),
            None => Node::Any,
        }
    }

    fn typed(&self, map: &Map<String, Value>, depth: usize) -> Option<Node> {
        match map.get("type") {
            Some(Value::String(name)) => Some(self.of_type(name, map, depth)),
            Some(Value::Array(names)) => {
                let names = names.iter().filter_map(Value::as_str);
                Some(union(names.map(|name| self.of_type(name, map, depth)).collect()))
            }
            _ if map.contains_key("properties") => Some(self.object(map, depth)),
            _ => None,
        }
    }

    fn of_type(&self, name: &str, map: &Map<String, Value>, depth: usize) -> Node {
        match name {
            "null" => Node::Null,
            "boolean" => Node::Bool { truthy: flag(map, "x-truthy") },
            "number" | "integer" => Node::Number(numeric(map, name == "integer")),
            "string" => Node::Text(text(map)),
            "array" => Node::List {
                items: Box::new(map.get("items").map_or(Node::Any, |items| self.node(items, depth + 1))),
                min: count(map, "minItems"),
                max: count(map, "maxItems"),
            },
            "object" => self.object(map, depth),
            _ => Node::Any,
        }
    }

    fn object(&self, map: &Map<String, Value>, depth: usize) -> Node {
        let rest = match map.get("additionalProperties") {
            None => Rest::Ignored,
            Some(Value::Bool(false)) => Rest::Refused,
            Some(schema) => Rest::Checked(Box::new(self.node(schema, depth + 1))),
        };
        let properties = map.get("properties").and_then(Value::as_object);
        let Some(properties) = properties.filter(|p| !p.is_empty()) else {
            return match rest {
                Rest::Checked(values) => Node::Record(values),
                rest => Node::Object { fields: Vec::new(), rest },
            };
        };
        let required: Vec<&str> = list(map, "required").filter_map(Value::as_str).collect();
        let fields = properties
            .iter()
            .map(|(name, schema)| {
                let required = required.contains(&name.as_str());
                let mut node = self.node(schema, depth + 1);
                if schema.as_object().is_some_and(|s| flag(s, "x-nullable")) {
                    if !matches!(node, Node::Nullable { .. }) {
                        node = nullable(node);
                    }
                } else if !required && let Node::Nullable { inner } = node {
                    node = *inner;
                }
                Field { name: name.clone(), node, required }
            })
            .collect();
        Node::Object { fields, rest }
    }
}

/// Alternatives, with `null` drawn out and constants put together.
fn union(branches: Vec<Node>) -> Node {
    let mut may_be_null = false;
    let mut constants = Vec::new();
    let mut others = Vec::new();
    for branch in branches {
        match branch {
            Node::Null => may_be_null = true,
            Node::OneOf(values) => constants.extend(values),
            Node::Nullable { inner } => {
                may_be_null = true;
                others.push(*inner);
            }
            other => others.push(other),
        }
    }
    if !constants.is_empty() {
        others.insert(0, Node::OneOf(constants));
    }
    let node = match others.len() {
        0 if may_be_null => return Node::Null,
        0 => Node::Never,
        1 => others.pop().unwrap_or(Node::Never),
        _ => Node::Union(others),
    };
    if may_be_null { nullable(node) } else { node }
}

fn one_of(mut values: Vec<Value>) -> Node {
    let all = values.len();
    values.retain(|value| !value.is_null());
    match (values.len() == all, values.is_empty()) {
        (true, _) => Node::OneOf(values),
        (false, true) => Node::Null,
        (false, false) => nullable(Node::OneOf(values)),
    }
}

fn nullable(node: Node) -> Node {
    Node::Nullable { inner: Box::new(node) }
}

fn numeric(map: &Map<String, Value>, integer: bool) -> Numeric {
    let bound = |key: &str| map.get(key).and_then(Value::as_f64);
    // The widths that schemars does not spell out, lest a checked number overflow afterwards.
    let (low, high) = match map.get("format").and_then(Value::as_str) {
        Some("int32") => (Some(f64::from(i32::MIN)), Some(f64::from(i32::MAX))),
        Some("uint32") => (Some(0.0), Some(f64::from(u32::MAX))),
        Some("uint64" | "uint") => (Some(0.0), None),
        _ => (None, None),
    };
    Numeric {
        integer,
        min: bound("minimum").or(low),
        max: bound("maximum").or(high),
        above: bound("exclusiveMinimum"),
        below: bound("exclusiveMaximum"),
        step: bound("multipleOf").filter(|step| *step > 0.0),
    }
}

fn text(map: &Map<String, Value>) -> Text {
    Text {
        min: count(map, "minLength"),
        max: count(map, "maxLength"),
        format: match map.get("format").and_then(Value::as_str) {
            Some("email") => Some(Format::Email),
            Some("uri" | "url") => Some(Format::Url),
            _ => None,
        },
        pattern: map.get("pattern").and_then(Value::as_str).and_then(|p| {
            let said = map.get("x-message").and_then(Value::as_str);
            class(p, said)
        }),
    }
}

/// Reads `^[…]+$` and `^[…]*$`; `None` for every other pattern.
fn class(pattern: &str, said: Option<&str>) -> Option<Class> {
    let body = pattern.strip_prefix("^[")?;
    let (set, may_be_empty) = match body.strip_suffix("]+$") {
        Some(set) => (set, false),
        None => (body.strip_suffix("]*$")?, true),
    };
    if set.starts_with('^') || set.contains(['[', ']', '\\']) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut chars = set.chars().peekable();
    while let Some(first) = chars.next() {
        let mut ahead = chars.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) => {
                chars = ahead;
                ranges.push((first, last));
            }
            _ => ranges.push((first, first)),
        }
    }
    Some(Class {
        ranges,
        may_be_empty,
        text: said.map_or_else(|| format!("Invalid string: must match pattern /{pattern}/"), str::to_owned),
    })
}

fn count(map: &Map<String, Value>, key: &str) -> Option<u64> {
    map.get(key).and_then(Value::as_u64)
}

fn flag(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn list<'a>(map: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a Value> {
    map.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Makes a schema say in the API description what [`Shape::check`](super::Shape::check) enforces:
/// a property that may be left out is not thereby nullable.
pub fn normalize(schema: &mut Value) {
    normalize_at(schema, 0);
}

fn normalize_at(schema: &mut Value, depth: usize) {
    if depth >= MAX_DEPTH {
        return;
    }
    match schema {
        Value::Array(items) => {
            for item in items {
                normalize_at(item, depth + 1);
            }
        }
        Value::Object(map) => {
            let required: Vec<String> =
                list(map, "required").filter_map(|name| name.as_str().map(str::to_owned)).collect();
            if let Some(Value::Object(properties)) = map.get_mut("properties") {
                for (name, property) in properties.iter_mut() {
                    if let Value::Object(property) = property
                        && !required.contains(name)
                        && !flag(property, "x-nullable")
                    {
                        drop_null(property);
                    }
                }
            }
            for (key, value) in map.iter_mut() {
                // Data, not schemas.
                if !matches!(key.as_str(), "const" | "enum" | "default" | "examples") {
                    normalize_at(value, depth + 1);
                }
            }
        }
        _ => {}
    }
}

fn drop_null(property: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            property.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = property.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = property.get_mut(key) else {
            continue;
        };
        branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            property.shift_remove(key);
            for (name, value) in only {
                property.entry(name).or_insert(value);
            }
        }
    }
    if property.get("default").is_some_and(Value::is_null) {
        property.shift_remove("default");
    }
}
