//! What one plugin answers, as an OpenAPI document in a file beside its code.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

use crate::Builder;

/// Set to write the file instead of comparing with it.
const UPDATE: &str = "UPDATE_GOLDEN";
const REF: &str = "#/components/schemas/";

impl Builder {
    /// Holds a plugin to the OpenAPI document in a file, so that a change of its interface is seen where it is
    /// reviewed. `UPDATE_GOLDEN=1 cargo test` writes the file.
    ///
    /// Panics where they differ.
    pub fn assert_openapi(self, plugin: &str, file: impl AsRef<Path>) {
        let file = file.as_ref();
        let plan = self.sound_plan();
        let summary = plan.plugins().iter().find(|line| line.manifest.id == plugin);
        let summary = summary.map_or_else(|| panic!("no plugin {plugin}"), |line| line.manifest.summary);
        let text = format!("{:#}\n", part(&auth_host::document(&plan), plugin, summary));
        if std::env::var_os(UPDATE).is_some() {
            fs::write(file, text)
                .unwrap_or_else(|error| panic!("{} was not written: {error}", file.display()));
            return;
        }
        let kept = fs::read_to_string(file).unwrap_or_default();
        if let Some(number) = differs(&kept, &text) {
            let line = |text: &str| text.lines().nth(number).unwrap_or("(the end)").trim().to_owned();
            panic!(
                "{} is not what {plugin} answers, from line {} on:\n  kept: {}\n  now:  {}\n\
                 If that is meant: {UPDATE}=1 cargo test",
                file.display(),
                number + 1,
                line(&kept),
                line(&text),
            );
        }
    }
}

/// The first line that differs.
fn differs(kept: &str, now: &str) -> Option<usize> {
    if kept == now {
        return None;
    }
    let same = kept.lines().zip(now.lines()).take_while(|(kept, now)| kept == now).count();
    Some(same)
}

/// The plugin's own paths, and the schemas that they lead to, in the order in which they do.
fn part(document: &Value, plugin: &str, summary: &str) -> Value {
    let own =
        |operation: &Value| operation["tags"].as_array().is_some_and(|tags| tags.contains(&plugin.into()));
    let mut paths = Map::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let mut item = item.as_object().cloned().unwrap_or_default();
        item.retain(|_, operation| own(operation));
        if !item.is_empty() {
            paths.insert(path.clone(), item.into());
        }
    }
    let all = &document["components"]["schemas"];
    let mut names = Vec::new();
    references(&paths.clone().into(), all, &mut names);
    let schemas: Map<_, _> = names.into_iter().map(|name| (name.clone(), all[&name].clone())).collect();
    let security = &document["components"]["securitySchemes"];
    json!({
        "openapi": document["openapi"],
        "info": { "title": plugin, "description": summary, "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": security },
    })
}

fn references(value: &Value, all: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.values().for_each(|value| references(value, all, found)),
        Value::Array(values) => values.iter().for_each(|value| references(value, all, found)),
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(REF).filter(|name| !found.iter().any(|known| known == name))
            {
                found.push(name.to_owned());
                references(&all[name], all, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_the_plugins_paths_and_what_they_lead_to() {
        let operation = |tag: &str, schema: &str| json!({ "tags": [tag], "schema": { "$ref": format!("{REF}{schema}") } });
        let document = json!({
            "openapi": "3.1.0",
            "paths": {
                "/a": { "get": operation("a", "Outer"), "post": operation("b", "Other") },
                "/b": { "get": operation("b", "Other") },
            },
            "components": {
                "schemas": { "Inner": {}, "Other": {}, "Outer": { "items": { "$ref": format!("{REF}Inner") } } },
                "securitySchemes": {},
            },
        });
        let part = part(&document, "a", "About a");
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&part["paths"]), ["/a"]);
        assert_eq!(keys(&part["paths"]["/a"]), ["get"]);
        assert_eq!(keys(&part["components"]["schemas"]), ["Outer", "Inner"]);
    }

    #[test]
    fn the_first_line_that_differs_is_told() {
        assert_eq!(differs("a\nb\n", "a\nb\n"), None);
        assert_eq!(differs("a\nb\n", "a\nc\n"), Some(1));
        assert_eq!(differs("", "a\n"), Some(0));
    }
}
