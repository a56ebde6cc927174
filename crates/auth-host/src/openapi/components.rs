//! The schemas that the document names.
//!
//! A name is the plugin's and the type's (`OrganizationMember`), whatever else is enabled, so that code
//! which is generated from the document keeps its names. A type that is read otherwise than it is written
//! has two schemas; what is read then ends in `Input`.

use std::collections::{BTreeMap, BTreeSet};

use auth_core::{
    User,
    access::Permissions,
    endpoint::{Endpoint, Facts, Schemas},
    model::Session,
    serde_json::{Map, Value},
    validate,
};

use crate::builtin::OWNER;

const PLACE: &str = "/components/schemas";

/// From the names that schemars gave to those of the document.
pub(crate) type Names = BTreeMap<String, String>;

/// Describes the types of all endpoints, and knows whose they are.
pub(crate) struct Components {
    schemas: Schemas,
    inputs: Owners,
    replies: Owners,
}

/// The plugin that named a type first. Types of the core have none.
type Owners = BTreeMap<String, &'static str>;

/// The schemas of a document, and how it calls those of each side.
pub(crate) struct Named {
    pub(crate) schemas: Map<String, Value>,
    pub(crate) inputs: Names,
    pub(crate) replies: Names,
}

impl Components {
    pub(crate) fn new() -> Self {
        let mut schemas = Schemas::at(PLACE);
        for generator in [&mut schemas.inputs, &mut schemas.replies] {
            generator.subschema_for::<User>();
            generator.subschema_for::<Session>();
            generator.subschema_for::<Permissions>();
        }
        let mut new = Self { schemas, inputs: Owners::new(), replies: Owners::new() };
        new.claim("");
        new
    }

    /// What an endpoint of a plugin says of itself.
    pub(crate) fn describe(&mut self, plugin: &'static str, endpoint: &Endpoint) -> Facts {
        let doc = endpoint.document(std::mem::take(&mut self.schemas));
        self.schemas = doc.schemas;
        self.claim(if plugin == OWNER { "" } else { plugin });
        doc.facts
    }

    fn claim(&mut self, plugin: &'static str) {
        for (owners, generator) in
            [(&mut self.inputs, &self.schemas.inputs), (&mut self.replies, &self.schemas.replies)]
        {
            for name in generator.definitions().keys() {
                owners.entry(name.clone()).or_insert(plugin);
            }
        }
    }

    /// `columns` adds to a schema of the core what plugins keep on its rows.
    pub(crate) fn named(&self, columns: impl Fn(&str, &mut Value)) -> Named {
        let mut read = self.schemas.inputs.definitions().clone();
        read.values_mut().for_each(validate::normalize);
        let mut written = self.schemas.replies.definitions().clone();
        for (name, schema) in &mut written {
            columns(name, schema);
        }
        let replies = unique(&written, &self.replies);
        let mut inputs = unique(&read, &self.inputs);
        for name in differing(&read, &inputs, &written, &replies) {
            if let Some(named) = inputs.get_mut(&name) {
                named.push_str("Input");
            }
        }
        let mut schemas = BTreeMap::new();
        for (definitions, names) in [(written, &replies), (read, &inputs)] {
            for (name, mut schema) in definitions {
                rename(&mut schema, names);
                schemas.insert(names.get(&name).cloned().unwrap_or(name), schema);
            }
        }
        Named { schemas: schemas.into_iter().collect(), inputs, replies }
    }
}

/// A name of its own for each definition.
fn unique(definitions: &Map<String, Value>, owners: &Owners) -> Names {
    let mut taken = BTreeSet::new();
    let mut names = Names::new();
    for name in definitions.keys() {
        let owner = owners.get(name).copied().unwrap_or_default();
        // schemars counts types of one name; the owner tells them apart better.
        let base = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let base = if definitions.contains_key(base) { base } else { name };
        let wanted = qualified(owner, base);
        let mut given = wanted.clone();
        let mut count = 1;
        while !taken.insert(given.clone()) {
            count += 1;
            given = format!("{wanted}{count}");
        }
        names.insert(name.clone(), given);
    }
    names
}

/// `Member` of `organization` is `OrganizationMember`; `ApiKeyView` of `api-key` says it already.
fn qualified(owner: &str, name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    let owner: String = owner.split('-').map(capital).collect();
    if name.contains(&owner) { name.to_owned() } else { owner + name }
}

/// What is read and has the name of something that is written, and is not the same.
fn differing(
    read: &Map<String, Value>,
    inputs: &Names,
    written: &Map<String, Value>,
    replies: &Names,
) -> BTreeSet<String> {
    let twin = |name: &String| {
        let given = inputs.get(name)?;
        let (twin, _) = replies.iter().find(|(_, other)| *other == given)?;
        written.get(twin)
    };
    let mut different: BTreeSet<String> = read
        .iter()
        .filter(|(name, schema)| twin(name).is_some_and(|twin| twin != *schema))
        .map(|(name, _)| name.clone())
        .collect();
    // Whoever has one of them inside is different, too.
    loop {
        let further: Vec<_> = read
            .iter()
            .filter(|(name, schema)| {
                let mut inside = BTreeSet::new();
                references(schema, &mut inside);
                !different.contains(*name) && twin(name).is_some() && !inside.is_disjoint(&different)
            })
            .map(|(name, _)| name.clone())
            .collect();
        if further.is_empty() {
            return different;
        }
        different.extend(further);
    }
}

fn target(reference: &str) -> Option<&str> {
    reference.strip_prefix('#')?.strip_prefix(PLACE)?.strip_prefix('/')
}

/// The definitions that a value refers to.
fn references(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            let named = map.get("$ref").and_then(Value::as_str).and_then(target);
            into.extend(named.map(str::to_owned));
            map.values().for_each(|value| references(value, into));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, into)),
        _ => {}
    }
}

/// Gives every reference the name that the document has for it.
pub(crate) fn rename(value: &mut Value, names: &Names) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let named = value.as_str().filter(|_| key == "$ref").and_then(target);
                match named.and_then(|name| names.get(name)) {
                    Some(name) => *value = format!("#{PLACE}/{name}").into(),
                    None => rename(value, names),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, names)),
        _ => {}
    }
}

/// Drops what nothing refers to: the types of functions that only the program can call.
pub(crate) fn prune(schemas: &mut Map<String, Value>, paths: &Value) {
    let mut needed = BTreeSet::new();
    references(paths, &mut needed);
    let mut open: Vec<String> = needed.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let mut inside = BTreeSet::new();
        schemas.get(&name).into_iter().for_each(|schema| references(schema, &mut inside));
        open.extend(inside.into_iter().filter(|name| needed.insert(name.clone())));
    }
    schemas.retain(|name, _| needed.contains(name));
}
