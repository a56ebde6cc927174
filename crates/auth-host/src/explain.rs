//! Which layer gave a value of the configuration, and what it beat.

use std::collections::BTreeSet;

use auth_core::{
    MergeStrategy, Preset, Problem,
    plugin::Descriptor,
    serde_json::{Map, Value, json},
};

use crate::{
    config::{Said, Sources, nearest},
    order::order,
    plan::{Builder, Plan},
};

/// Where one value comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    pub key: String,
    /// What the key is for.
    pub about: Option<String>,
    /// What counts; `null` where nothing says anything.
    pub value: Value,
    /// What the layers say, the weakest first, and whether it is in the value that counts.
    pub said: Vec<(Said, bool)>,
}

/// What the program says of its own sections: its defaults, and their schemas.
pub struct Sections {
    pub defaults: Map<String, Value>,
    pub schemas: Map<String, Value>,
}

impl Builder {
    /// Explains a key, or each key below a section. Works where the configuration has problems, too.
    pub fn explain(&self, key: &str, sections: Sections) -> Result<Vec<Explained>, Problem> {
        let layers = Layers::of(self, sections.defaults);
        let schema = Plan::config_schema(&self.descriptors, sections.schemas);
        let node = look_up(&schema, key).map_err(|what| Problem::new(layers.sources.place(key), what))?;
        let mut keys = BTreeSet::new();
        for said in layers.all(key) {
            leaves(key, &said.value, &mut keys);
        }
        if keys.is_empty() {
            keys.insert(key.to_owned());
        }
        // A section that one layer has as an empty table is explained by its keys.
        let inner: Vec<_> = keys
            .iter()
            .filter(|k| keys.iter().any(|other| other.starts_with(&format!("{k}."))))
            .cloned()
            .collect();
        keys.retain(|k| !inner.contains(k));
        let about = |k: &str| {
            let node = if k == key { node.clone() } else { look_up(&schema, k).ok()? };
            node.get("description").and_then(Value::as_str).map(str::to_owned)
        };
        Ok(keys.into_iter().map(|k| layers.explained(about(&k), k)).collect())
    }
}

/// Every layer, with what plugins add to others' defaults.
struct Layers<'a> {
    defaults: (String, Value),
    extensions: Vec<(Said, String, MergeStrategy)>,
    sources: &'a Sources,
}

impl<'a> Layers<'a> {
    fn of(builder: &'a Builder, own: Map<String, Value>) -> Self {
        let preset = builder.sources.section("preset", &Preset::default()).unwrap_or_default();
        let mut defaults = Plan::defaults(preset).unwrap_or_default();
        let mut plugins = Map::new();
        for descriptor in &builder.descriptors {
            let id = descriptor.manifest.id;
            let mut section = (descriptor.defaults)(preset).unwrap_or_default();
            if let Some(section) = section.as_object_mut() {
                section.insert("enabled".to_owned(), builder.on_by_default.contains(&id).into());
            }
            plugins.insert(id.to_owned(), section);
        }
        if let Some(all) = defaults.as_object_mut() {
            all.extend(own);
            all.insert("plugins".to_owned(), Value::Object(plugins));
        }
        let enabled = |d: &&&'static Descriptor| {
            let key = format!("plugins.{}.enabled", d.manifest.id);
            builder.sources.section(&key, &builder.on_by_default.contains(&d.manifest.id)).unwrap_or_default()
        };
        let mut on: Vec<_> = builder.descriptors.iter().filter(enabled).copied().collect();
        let manifests: Vec<_> = on.iter().map(|d| d.manifest).collect();
        if let Ok(placed) = order(&manifests) {
            on.sort_by_key(|d| placed.iter().position(|place| place.id == d.manifest.id));
        }
        let extending = on.iter().filter_map(|d| Some((d, d.manifest.extends?, (d.overlay)(preset)?)));
        let extensions = extending.flat_map(|(d, extended, overlay)| {
            let one = |(key, value, strategy): (&String, &Value, MergeStrategy)| {
                let layer = format!("plugin {}, which extends {extended} ({strategy})", d.manifest.id);
                (Said { layer, value: value.clone() }, format!("plugins.{extended}.{key}"), strategy)
            };
            overlay.parts().map(one).collect::<Vec<_>>()
        });
        let name = json!(preset).as_str().unwrap_or_default().to_owned();
        Self {
            defaults: (format!("default of preset {name}"), defaults),
            extensions: extensions.collect(),
            sources: &builder.sources,
        }
    }

    fn by_default(&self, key: &str) -> Option<Said> {
        let (layer, values) = &self.defaults;
        Some(Said { layer: layer.clone(), value: inside(values, key)?.clone() })
    }

    fn by_plugins(&self, key: &str) -> impl Iterator<Item = (Said, MergeStrategy)> {
        self.extensions.iter().filter_map(move |(said, place, strategy)| {
            let nested =
                place.split('.').rev().fold(said.value.clone(), |value, name| json!({ name: value }));
            let value = inside(&nested, key)?.clone();
            Some((Said { layer: said.layer.clone(), value }, *strategy))
        })
    }

    fn all(&self, key: &str) -> Vec<Said> {
        let plugins = self.by_plugins(key).map(|(said, _)| said);
        self.by_default(key).into_iter().chain(plugins).chain(self.sources.said(key)).collect()
    }

    /// Merges as [`Builder::plan`] does, and keeps book of it.
    fn explained(&self, about: Option<String>, key: String) -> Explained {
        let mut said: Vec<(Said, bool)> =
            self.by_default(&key).map(|said| (said, true)).into_iter().collect();
        let mut value = said.first().map_or(Value::Null, |(said, _)| said.value.clone());
        let mut wins = |new: Said, joins: bool, value: &mut Value| {
            if !joins {
                for (_, counts) in &mut said {
                    *counts = false;
                }
            }
            match (joins, &mut *value, &new.value) {
                (true, Value::Array(there), Value::Array(more)) => there.extend(more.iter().cloned()),
                (_, value, new) => value.clone_from(new),
            }
            said.push((new, true));
        };
        let mut beaten = Vec::new();
        for (new, strategy) in self.by_plugins(&key) {
            match strategy {
                MergeStrategy::BaseWins if !value.is_null() => beaten.push(new),
                MergeStrategy::BaseWins | MergeStrategy::CustomWins => wins(new, false, &mut value),
                MergeStrategy::Merge => {
                    let joins = value.is_array() && new.value.is_array();
                    wins(new, joins, &mut value);
                }
            }
        }
        for new in self.sources.said(&key) {
            wins(new, false, &mut value);
        }
        let beaten = beaten.into_iter().map(|said| (said, false));
        Explained { said: beaten.chain(said).collect(), key, about, value }
    }
}

fn inside<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    key.split('.').try_fold(value, |value, name| value.get(name))
}

/// The key paths below a value that are no tables, or empty ones.
fn leaves(key: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value.as_object() {
        Some(table) if !table.is_empty() => {
            table.iter().for_each(|(name, value)| leaves(&format!("{key}.{name}"), value, found));
        }
        _ => drop(found.insert(key.to_owned())),
    }
}

/// The schema of a key. What is wrong with the key otherwise.
fn look_up(schema: &Value, key: &str) -> Result<Value, String> {
    let resolve = |node: &Value| -> Value {
        let mut node = node.clone();
        // Comments beside a reference are the key's, those behind it the type's.
        for _ in 0..8 {
            let inner = match (node.get("$ref").and_then(Value::as_str), node.get("anyOf")) {
                (Some(place), _) => {
                    place.strip_prefix("#/").and_then(|place| inside(schema, &place.replace('/', ".")))
                }
                (None, Some(Value::Array(choices))) => {
                    choices.iter().find(|choice| choice.get("type") != Some(&json!("null")))
                }
                _ => None,
            };
            let Some(mut inner) = inner.cloned() else { break };
            if let (Some(about), Some(map)) = (node.get("description"), inner.as_object_mut()) {
                map.insert("description".to_owned(), about.clone());
            }
            node = inner;
        }
        node
    };
    let mut node = resolve(schema);
    for name in key.split('.') {
        let properties = node.get("properties").and_then(Value::as_object);
        let more = node.get("additionalProperties").filter(|more| more.is_object());
        let Some(next) = properties.and_then(|properties| properties.get(name)).or(more) else {
            // The host's own key of every plugin.
            if name == "enabled" {
                return Ok(json!({ "type": "boolean", "description": "Whether the plugin runs." }));
            }
            let known: Vec<_> = properties.map(|p| p.keys().cloned().collect()).unwrap_or_default();
            return Err(format!("no such key{}", nearest(name, &known)));
        };
        node = resolve(next);
    }
    Ok(node)
}
