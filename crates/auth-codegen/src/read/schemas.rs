//! Types, from JSON Schema as schemars writes it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Object, list, object, problem, text};
use crate::{
    Problem,
    model::{Field, Named, Shape, Ty},
    names::{is_identifier, pascal},
};

const COMPONENTS: &str = "#/components/schemas/";

/// Keywords that say nothing about the type.
const REMARKS: [&str; 23] = [
    "title",
    "description",
    "default",
    "examples",
    "example",
    "deprecated",
    "readOnly",
    "writeOnly",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "$comment",
];

/// Keywords that are read.
const READ: [&str; 11] = [
    "$ref",
    "const",
    "enum",
    "anyOf",
    "oneOf",
    "allOf",
    "type",
    "items",
    "properties",
    "required",
    "additionalProperties",
];

/// The types that operations need.
pub(super) struct Types<'v> {
    components: Option<&'v Object>,
    known: BTreeMap<String, Named>,
    /// Components on the way, so that a type may contain itself.
    begun: BTreeSet<String>,
}

/// What a schema is: a type in place, or one that needs a name.
enum Read {
    Plain(Ty),
    Shape(Shape),
}

impl<'v> Types<'v> {
    pub(super) fn of(document: &'v Value) -> Self {
        let components = document.pointer("/components/schemas").and_then(Value::as_object);
        Self { components, known: BTreeMap::new(), begun: BTreeSet::new() }
    }

    pub(super) fn shape(&self, name: &str) -> Option<&Shape> {
        self.known.get(name).map(|named| &named.shape)
    }

    pub(super) fn add(&mut self, name: &str, docs: &str, shape: Shape, place: &str) -> Result<(), Problem> {
        let named = Named { name: name.to_owned(), docs: docs.to_owned(), shape };
        if !is_identifier(name) || self.known.insert(name.to_owned(), named).is_some() {
            return Err(problem(place, format!("`{name}` cannot be the name of a further type")));
        }
        Ok(())
    }

    pub(super) fn document(&mut self, name: &str, docs: &str) {
        if let Some(named) = self.known.get_mut(name).filter(|named| named.docs.is_empty()) {
            docs.clone_into(&mut named.docs);
        }
    }

    pub(super) fn finish(self) -> Result<Vec<Named>, Problem> {
        for named in self.known.values() {
            if self.contains(&named.name, &named.name, &mut BTreeSet::new()) {
                return Err(problem(
                    &format!("components.schemas.{}", named.name),
                    "contains itself without a list between",
                ));
            }
        }
        Ok(self.known.into_values().collect())
    }

    /// Whether a value of a type has another inside, in place.
    fn contains(&self, whole: &str, part: &str, seen: &mut BTreeSet<String>) -> bool {
        let inside: Vec<&Ty> = match self.shape(whole) {
            Some(Shape::Structure { fields, .. }) => fields.iter().map(|field| &field.ty).collect(),
            Some(Shape::Union(variants)) => variants.iter().collect(),
            Some(Shape::Alias(ty)) => vec![ty],
            _ => Vec::new(),
        };
        inside.into_iter().any(|ty| {
            let ty = if let Ty::Nullable(inner) = ty { inner } else { ty };
            let Ty::Named(name) = ty else { return false };
            name == part || seen.insert(name.clone()) && self.contains(name, part, seen)
        })
    }

    /// The type of a schema; `hint` is its name where it needs one.
    pub(super) fn ty(&mut self, schema: &Value, place: &str, hint: &str) -> Result<Ty, Problem> {
        match self.read(schema, place, hint)? {
            Read::Plain(ty) => Ok(ty),
            Read::Shape(shape) => {
                let docs = schema.as_object().map(|map| text(map, "description")).unwrap_or_default();
                self.add(hint, docs, shape, place)?;
                Ok(Ty::Named(hint.to_owned()))
            }
        }
    }

    fn component(&mut self, reference: &str, place: &str) -> Result<Ty, Problem> {
        let schema =
            reference.strip_prefix(COMPONENTS).and_then(|name| Some((name, self.components?.get(name)?)));
        let Some((name, schema)) = schema else {
            return Err(problem(place, format!("`{reference}` leads nowhere")));
        };
        let given = pascal_of(name);
        if self.begun.insert(name.to_owned()) {
            let place = format!("components.schemas.{name}");
            let docs = schema.as_object().map(|map| text(map, "description")).unwrap_or_default();
            let shape = match self.read(schema, &place, &given)? {
                Read::Plain(ty) => Shape::Alias(ty),
                Read::Shape(shape) => shape,
            };
            self.add(&given, docs, shape, &place)?;
        }
        Ok(Ty::Named(given))
    }

    fn read(&mut self, schema: &Value, place: &str, hint: &str) -> Result<Read, Problem> {
        let map = match schema {
            Value::Bool(true) => return Ok(Read::Plain(Ty::Any)),
            Value::Bool(false) => return Err(problem(place, "nothing fits `false`")),
            other => object(other, place)?,
        };
        check_keywords(map, place)?;
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            return self.component(reference, place).map(Read::Plain);
        }
        if let Some(value) = map.get("const") {
            return match value {
                Value::Bool(true) => Ok(Read::Plain(Ty::True)),
                Value::String(text) => Ok(Read::Shape(Shape::Only(text.clone()))),
                other => Err(problem(place, format!("the constant {other} is not supported"))),
            };
        }
        if let Some(values) = map.get("enum") {
            return choice(values, place, self, hint);
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(branches) = map.get(key).and_then(Value::as_array) {
                return self.union(branches, &format!("{place}.{key}"), hint);
            }
        }
        if let Some(parts) = map.get("allOf").and_then(Value::as_array) {
            return match parts.as_slice() {
                [only] => self.read(only, place, hint),
                _ => Err(problem(place, "`allOf` of several schemas is not supported")),
            };
        }
        match map.get("type") {
            Some(Value::Array(names)) => {
                let branch = |name: &Value| {
                    let mut branch = map.clone();
                    branch.insert("type".to_owned(), name.clone());
                    Value::Object(branch)
                };
                let branches: Vec<Value> = names.iter().map(branch).collect();
                self.union(&branches, place, hint)
            }
            Some(Value::String(name)) => self.typed(name, map, place, hint),
            Some(_) => Err(problem(place, "its type is no name")),
            None if map.contains_key("properties") => self.typed("object", map, place, hint),
            None => Ok(Read::Plain(Ty::Any)),
        }
    }

    fn typed(&mut self, name: &str, map: &Object, place: &str, hint: &str) -> Result<Read, Problem> {
        let plain = match name {
            "string" => Ty::Text,
            "boolean" => Ty::Bool,
            "integer" => Ty::Integer,
            "number" => Ty::Number,
            "array" => {
                let items = map.get("items").unwrap_or(&Value::Bool(true));
                Ty::List(Box::new(self.ty(items, &format!("{place}.items"), &format!("{hint}Item"))?))
            }
            "object" => return self.structure(map, place, hint),
            other => return Err(problem(place, format!("the type `{other}` alone is not supported"))),
        };
        Ok(Read::Plain(plain))
    }

    fn structure(&mut self, map: &Object, place: &str, hint: &str) -> Result<Read, Problem> {
        let further = map.get("additionalProperties");
        let properties = map.get("properties").and_then(Value::as_object).filter(|p| !p.is_empty());
        let Some(properties) = properties else {
            return match further {
                Some(Value::Bool(false)) => {
                    Ok(Read::Shape(Shape::Structure { fields: Vec::new(), open: false }))
                }
                further => {
                    let values = further.unwrap_or(&Value::Bool(true));
                    let values = self.ty(values, &format!("{place}.*"), &format!("{hint}Value"))?;
                    Ok(Read::Plain(Ty::Map(Box::new(values))))
                }
            };
        };
        let open = match further {
            None | Some(Value::Bool(false)) => false,
            Some(Value::Bool(true)) => true,
            Some(_) => return Err(problem(place, "typed values beside named properties are not supported")),
        };
        let required: Vec<_> = list(map, "required").filter_map(Value::as_str).collect();
        let mut fields: Vec<Field> = Vec::new();
        for (wire, schema) in properties {
            let place = format!("{place}.{wire}");
            let ty = self.ty(schema, &place, &format!("{hint}{}", pascal(wire)))?;
            let said = schema.as_object();
            fields.push(Field {
                wire: wire.clone(),
                docs: said.map(|map| text(map, "description")).unwrap_or_default().to_owned(),
                ty,
                required: required.contains(&wire.as_str()),
                switch: said.and_then(|map| map.get("x-truthy")).and_then(Value::as_bool) == Some(true),
            });
        }
        Ok(Read::Shape(Shape::Structure { fields, open }))
    }

    fn union(&mut self, branches: &[Value], place: &str, hint: &str) -> Result<Read, Problem> {
        let (nulls, others): (Vec<_>, Vec<_>) =
            branches.iter().partition(|branch| branch.get("type").is_some_and(|name| name == "null"));
        let may_be_null = !nulls.is_empty();
        // The shape below a null needs a name of its own.
        let hint =
            if may_be_null && self.is_component(place) { format!("{hint}Value") } else { hint.to_owned() };
        let texts: Option<Vec<_>> = others.iter().map(|branch| texts(branch)).collect();
        let read = match (texts, others.as_slice()) {
            (_, []) => return Err(problem(place, "only `null` fits")),
            (_, [only]) => self.read(only, place, &hint)?,
            (Some(texts), _) => Read::Shape(Shape::Choice(texts.concat())),
            (None, several) => {
                let mut types: Vec<Ty> = Vec::new();
                for (at, branch) in several.iter().enumerate() {
                    let name = format!("{hint}{}", distinction(branch, at));
                    let ty = self.ty(branch, &format!("{place}.{at}"), &name)?;
                    if !types.contains(&ty) {
                        types.push(ty);
                    }
                }
                match types.as_slice() {
                    [only] => Read::Plain(only.clone()),
                    _ => Read::Shape(Shape::Union(types)),
                }
            }
        };
        match (may_be_null, read) {
            (false, read) => Ok(read),
            (true, Read::Plain(ty)) => Ok(Read::Plain(ty.nullable())),
            (true, Read::Shape(shape)) => {
                self.add(&hint, "", shape, place)?;
                Ok(Read::Plain(Ty::Named(hint).nullable()))
            }
        }
    }

    /// Whether a place is that of a whole component, whose name is taken by itself.
    fn is_component(&self, place: &str) -> bool {
        let name = place.strip_prefix("components.schemas.").unwrap_or_default();
        let name = name.strip_suffix(".anyOf").or_else(|| name.strip_suffix(".oneOf")).unwrap_or(name);
        self.components.is_some_and(|components| components.contains_key(name))
    }
}

/// A component's name in the manner of types; it usually has it already.
fn pascal_of(name: &str) -> String {
    if is_identifier(name) && name.starts_with(|first: char| first.is_ascii_uppercase()) {
        name.to_owned()
    } else {
        pascal(name)
    }
}

fn check_keywords(map: &Map<String, Value>, place: &str) -> Result<(), Problem> {
    let known = |key: &str| REMARKS.contains(&key) || READ.contains(&key) || key.starts_with("x-");
    if let Some(key) = map.keys().find(|key| !known(key)) {
        return Err(problem(place, format!("the keyword `{key}` is not supported")));
    }
    // These say all by themselves; what stands beside them would be lost.
    let whole = |key: &&&str| map.contains_key(**key);
    let deciding: Vec<_> =
        ["$ref", "anyOf", "oneOf", "allOf", "properties", "enum"].iter().filter(whole).collect();
    match deciding.as_slice() {
        [first, second, ..] => Err(problem(place, format!("`{first}` beside `{second}` is not supported"))),
        _ => Ok(()),
    }
}

fn choice(values: &Value, place: &str, types: &mut Types, hint: &str) -> Result<Read, Problem> {
    let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
    let (nulls, others): (Vec<_>, Vec<_>) = values.iter().partition(|value| value.is_null());
    let texts: Option<Vec<_>> =
        others.iter().map(|v| Some((v.as_str()?.to_owned(), String::new()))).collect();
    let shape = match texts {
        Some(texts) if !texts.is_empty() => Shape::Choice(texts),
        _ => return Err(problem(place, "a choice of other things than texts is not supported")),
    };
    if nulls.is_empty() {
        return Ok(Read::Shape(shape));
    }
    let name = if types.is_component(place) { format!("{hint}Value") } else { hint.to_owned() };
    types.add(&name, "", shape, place)?;
    Ok(Read::Plain(Ty::Named(name).nullable()))
}

/// The texts that a branch of a union allows, if it allows nothing else.
fn texts(branch: &Value) -> Option<Vec<(String, String)>> {
    let map = branch.as_object()?;
    let docs = text(map, "description").to_owned();
    if let Some(value) = map.get("const") {
        return Some(vec![(value.as_str()?.to_owned(), docs)]);
    }
    let values = map.get("enum")?.as_array()?;
    values.iter().map(|value| Some((value.as_str()?.to_owned(), String::new()))).collect()
}

/// What tells a branch from the others, as a part of its name.
fn distinction(branch: &Value, at: usize) -> String {
    let title = branch.get("title").and_then(Value::as_str);
    let properties = branch.get("properties").and_then(Value::as_object);
    let tag = properties.into_iter().flatten().find_map(|(_, schema)| schema.get("const")?.as_str());
    // The only property of an externally tagged variant.
    let alone = properties.filter(|p| p.len() == 1).and_then(|p| p.keys().next().map(String::as_str));
    let said = tag.or(title).or(alone).map(pascal).filter(|name| !name.is_empty());
    said.unwrap_or_else(|| (at + 1).to_string())
}
