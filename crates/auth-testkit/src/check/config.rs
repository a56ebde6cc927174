//! The plugin's section of the configuration.

use std::collections::BTreeSet;

use auth_core::{Plugin, PluginConfig, Preset, schemars::SchemaGenerator};
use serde_json::{Map, Value};

use super::Findings;

pub(super) fn check<P: Plugin>(found: &mut Findings) {
    let place = format!("plugins.{}", P::MANIFEST.id);
    let schema = Value::from(SchemaGenerator::default().into_root_schema_for::<P::Config>());
    let defs = schema.get("$defs").and_then(Value::as_object).cloned().unwrap_or_default();
    Walk { defs: &defs, seen: BTreeSet::new(), found }.section(&schema, &place);
    for preset in [Preset::Tessera, Preset::BetterAuth] {
        defaults::<P>(preset, &place, found);
    }
}

/// The figures of a preset are good ones, and stay the same when they are written and read.
fn defaults<P: Plugin>(preset: Preset, place: &str, found: &mut Findings) {
    let name = format!("the defaults of the preset {preset:?}");
    let config = P::Config::preset(preset);
    for (key, what) in config.validate() {
        found.add(format!("{place}.{key}"), format!("{name} do not pass `validate`: {what}"));
    }
    let written = match serde_json::to_value(&config) {
        Ok(written) => written,
        Err(error) => return found.add(place, format!("{name} cannot be written as JSON: {error}")),
    };
    match serde_json::from_value::<P::Config>(written.clone()) {
        Err(error) => found.add(place, format!("{name} cannot be read again: {error}")),
        Ok(read) => {
            if serde_json::to_value(&read).ok().as_ref() != Some(&written) {
                found.add(place, format!("{name} are others when they were written and read once"));
            }
        }
    }
    if let Err(problems) = P::new(config) {
        found.0.extend(problems);
    }
    let mut unknown = written;
    if let Some(keys) = unknown.as_object_mut() {
        keys.insert("no_such_key".to_owned(), Value::Bool(true));
        if preset == Preset::Tessera && serde_json::from_value::<P::Config>(unknown).is_ok() {
            found.add(place, "takes keys that it does not know: add `#[serde(deny_unknown_fields)]`");
        }
    }
}

/// Goes through a schema.
struct Walk<'w> {
    defs: &'w Map<String, Value>,
    /// Definitions that were looked at.
    seen: BTreeSet<String>,
    found: &'w mut Findings,
}

impl Walk<'_> {
    fn section(&mut self, schema: &Value, place: &str) {
        if let Some(name) = reference(schema) {
            if self.seen.insert(name.to_owned())
                && let Some(target) = self.defs.get(name)
            {
                self.section(&target.clone(), place);
            }
            return;
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
            // The root is tried out.
            if !closed && place.split('.').count() > 2 {
                let what =
                    "takes keys that it does not know: add `#[serde(deny_unknown_fields)]` to its type";
                self.found.add(place, what);
            }
            for (key, property) in properties {
                let place = format!("{place}.{key}");
                if !self.described(property) {
                    self.found.add(&place, "has no description: write a doc comment on the field");
                }
                self.section(property, &place);
            }
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            for part in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.section(part, place);
            }
        }
        if let Some(items) = schema.get("items") {
            self.section(items, &format!("{place}[]"));
        }
        if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
            self.section(values, &format!("{place}.*"));
        }
    }

    fn described(&self, schema: &Value) -> bool {
        let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        let target = || reference(schema).and_then(|name| self.defs.get(name));
        // The tag of an alternative says itself what it is.
        schema.get("const").is_some()
            || !text.trim().is_empty()
            || target().is_some_and(|target| self.described(target))
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.rsplit('/').next()
}
