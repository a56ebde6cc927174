//! A JSON Schema as a flat list: each field by its path, with its types and whether it has to be there.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    fmt,
    str::FromStr,
};

use serde_json::Value;

const REQUIRED: &str = "required ";
const OR: &str = " | ";

/// What is known of one field. Written as `required string | null`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(from = "String", into = "String")]
pub(super) struct Field {
    /// Whether it is there wherever its parent is.
    pub(super) required: bool,
    /// Names of types, formats in brackets, and single values as JSON.
    pub(super) types: BTreeSet<String>,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types: Vec<_> = self.types.iter().map(String::as_str).collect();
        write!(f, "{}{}", if self.required { REQUIRED } else { "" }, types.join(OR))
    }
}

impl FromStr for Field {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let (required, types) = match text.strip_prefix(REQUIRED) {
            Some(types) => (true, types),
            None => (false, text),
        };
        Ok(Self { required, types: types.split(OR).map(str::to_owned).collect() })
    }
}

impl From<String> for Field {
    fn from(text: String) -> Self {
        let Ok(field) = text.parse();
        field
    }
}

impl From<Field> for String {
    fn from(field: Field) -> Self {
        field.to_string()
    }
}

/// The types at a schema's root, and the fields below it: `.name`, `[]` for elements, `.*` for any name.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) types: BTreeSet<String>,
    pub(super) fields: BTreeMap<String, Field>,
}

impl Shape {
    fn put(&mut self, path: &str, child: Self, required: bool) {
        let below = child.fields.into_iter().map(|(name, field)| (format!("{path}{name}"), field));
        self.fields.extend(below);
        self.fields.insert(path.to_owned(), Field { required, types: child.types });
    }

    /// Both hold.
    fn and(&mut self, other: Self) {
        if self.types.is_empty() || self.types.contains("any") {
            self.types = other.types;
        }
        for (path, field) in other.fields {
            let known = self.fields.remove(&path);
            let required = field.required || known.is_some_and(|known| known.required);
            self.fields.insert(path, Field { required, ..field });
        }
    }

    /// One of the two holds. A branch without fields, such as `null`, takes none away from the other.
    fn or(mut self, other: Self) -> Self {
        if !self.fields.is_empty() && !other.fields.is_empty() {
            for (path, field) in &mut self.fields {
                field.required &= other.fields.get(path).is_some_and(|same| same.required);
            }
        }
        let alone = self.fields.is_empty();
        self.types.extend(other.types);
        for (path, field) in other.fields {
            match self.fields.get_mut(&path) {
                Some(known) => known.types.extend(field.types),
                None => drop(self.fields.insert(path, Field { required: field.required && alone, ..field })),
            }
        }
        self
    }
}

/// Reads schemas of one document.
pub(super) struct Reader<'d> {
    document: &'d Value,
    /// The references that are being read, so that a schema may contain itself.
    open: Vec<String>,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Value) -> Self {
        Self { document, open: Vec::new() }
    }

    pub(super) fn shape(&mut self, schema: &Value) -> Shape {
        let mut shape = Shape { types: own_types(schema), ..Shape::default() };
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            shape.and(self.referenced(reference));
        }
        let required: Vec<_> = items(schema, "required").filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let child = self.shape(property);
            shape.put(&format!(".{name}"), child, required.contains(&name.as_str()));
        }
        for (member, path, always) in [("items", "[]", true), ("additionalProperties", ".*", false)] {
            if let Some(inner) = schema.get(member).filter(|inner| inner.is_object()) {
                let child = self.shape(inner);
                shape.put(path, child, always);
            }
        }
        for branch in items(schema, "allOf") {
            let branch = self.shape(branch);
            shape.and(branch);
        }
        for choice in ["anyOf", "oneOf"] {
            let branches: Vec<_> = items(schema, choice).map(|branch| self.shape(branch)).collect();
            if let Some(union) = branches.into_iter().reduce(Shape::or) {
                shape.and(union);
            }
        }
        if shape.types.is_empty() {
            shape.types.insert(if shape.fields.is_empty() { "any" } else { "object" }.to_owned());
        }
        if schema.get("x-nullable").and_then(Value::as_bool) == Some(true) {
            shape.types.insert("null".to_owned());
        }
        shape
    }

    fn referenced(&mut self, reference: &str) -> Shape {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        let target = reference.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer));
        match target {
            Some(target) if !self.open.iter().any(|open| open == reference) => {
                self.open.push(reference.to_owned());
                let shape = self.shape(target);
                self.open.pop();
                shape
            }
            // Itself once more, or a schema of another document: its name has to do.
            _ => Shape { types: BTreeSet::from([name.to_owned()]), ..Shape::default() },
        }
    }
}

pub(super) fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn own_types(schema: &Value) -> BTreeSet<String> {
    let single = schema.get("const").into_iter().chain(items(schema, "enum"));
    // A bar would end the value where the snapshot is read again.
    let values: BTreeSet<_> = single.map(|value| value.to_string().replace('|', "\\u007c")).collect();
    if !values.is_empty() {
        return values;
    }
    let kind = schema.get("type");
    let names = kind
        .and_then(Value::as_str)
        .into_iter()
        .chain(kind.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str));
    let format = schema.get("format").and_then(Value::as_str);
    names
        .map(|name| match format {
            Some(format) if name == "string" => format!("string({format})"),
            _ => name.to_owned(),
        })
        .collect()
}

/// Whether everything of the one set is also in the other.
pub(super) fn covers(wide: &BTreeSet<String>, narrow: &BTreeSet<String>) -> bool {
    narrow.iter().all(|one| {
        wide.contains("any")
            || wide.contains(one)
            || (wide.contains("string") && (one.starts_with('"') || one.starts_with("string(")))
            || (wide.contains("number") && one == "integer")
            || (["integer", "number"].iter().any(|name| wide.contains(*name)) && one.parse::<i64>().is_ok())
            || (wide.contains("boolean") && (one == "true" || one == "false"))
    })
}
