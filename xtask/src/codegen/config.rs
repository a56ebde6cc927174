//! The configuration's reference, from its JSON Schema.

use serde_json::{Map, Value};

use super::markdown::{GENERATED, cell, text};

/// The configuration as it is where nothing is said but the preset.
pub(super) struct Defaults {
    pub(super) ours: Value,
    pub(super) upstream: Value,
}

impl Defaults {
    /// A key's default, and that of the other preset where it differs.
    fn of(&self, path: &str) -> String {
        let get = |config: &Value| {
            let found = path.split('.').try_fold(config, |value, key| value.get(key));
            found.filter(|value| !value.is_null()).map(|value| format!("`{value}`"))
        };
        match (get(&self.ours), get(&self.upstream)) {
            (ours, upstream) if ours == upstream => ours.unwrap_or_default(),
            (ours, upstream) => {
                let none = || "none".to_owned();
                format!("{}; better-auth: {}", ours.unwrap_or_else(none), upstream.unwrap_or_else(none))
            }
        }
    }
}

pub(super) fn page(schema: &Value, defaults: &Defaults) -> String {
    let mut page = format!("{GENERATED}\n# Configuration\n\n");
    page += "Later layers win: defaults of the preset, the file (`tessera.toml`), the environment, the command line.\n";
    page +=
        "In the environment a key is `TESSERA_` and its path in capitals, with `__` for each step down:\n";
    page += "`TESSERA_BASE_URL`, `TESSERA_COOKIES__PREFIX`, `TESSERA_PLUGINS__SESSION__EXPIRES_IN`. ";
    page += "Unknown keys are refused.\n";
    Pages { schema, defaults, page: &mut page }.section("", schema);
    page
}

struct Pages<'a> {
    schema: &'a Value,
    defaults: &'a Defaults,
    page: &'a mut String,
}

impl Pages<'_> {
    /// The keys of one table, then the tables below it.
    fn section(&mut self, path: &str, schema: &Value) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        let (tables, keys): (Map<_, _>, Map<_, _>) = properties
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .partition(|(_, value)| self.resolve(value).get("properties").is_some());
        if !path.is_empty() {
            *self.page += &format!("\n## `[{path}]`\n");
            let about = text(schema, "description");
            if !about.is_empty() {
                *self.page += &format!("\n{}\n", about.trim());
            }
        }
        if !keys.is_empty() {
            *self.page += "\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
        }
        for (name, value) in &keys {
            let resolved = self.resolve(value);
            let about = Some(text(value, "description")).filter(|t| !t.is_empty());
            let about = about.unwrap_or_else(|| text(resolved, "description"));
            let full = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let default = self.defaults.of(&full);
            *self.page += &format!(
                "| `{name}` | {} | {} | {} |\n",
                cell(&self.kind(value)),
                cell(&default),
                cell(about)
            );
        }
        for (name, value) in &tables {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let mut table = self.resolve(value).clone();
            if let (Some(about), Some(table)) = (value.get("description"), table.as_object_mut()) {
                table.insert("description".to_owned(), about.clone());
            }
            self.section(&below, &table);
        }
    }

    /// Follows `$ref`, alone or as the one part of an `allOf`.
    fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        let inner = match value.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
            Some([one]) => one,
            _ => value,
        };
        let pointer = inner.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        pointer.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(inner)
    }

    fn kind(&self, value: &Value) -> String {
        let resolved = self.resolve(value);
        for key in ["anyOf", "oneOf"] {
            if let Some(kinds) = resolved.get(key).and_then(Value::as_array) {
                let kinds: Vec<_> = kinds.iter().map(|k| self.kind(k)).filter(|k| k != "null").collect();
                return kinds.join(" or ");
            }
        }
        if let Some(fixed) = resolved.get("const") {
            return format!("`{fixed}`");
        }
        if let Some(values) = resolved.get("enum").and_then(Value::as_array) {
            return values.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(" or ");
        }
        match resolved.get("type") {
            Some(Value::String(kind)) if kind == "array" => {
                let of = resolved.get("items").map(|items| self.kind(items)).unwrap_or_default();
                if of.is_empty() { "list".to_owned() } else { format!("list of {of}") }
            }
            Some(Value::String(kind)) if kind == "object" => "table".to_owned(),
            Some(Value::String(kind)) => kind.clone(),
            Some(Value::Array(kinds)) => {
                let kinds: Vec<_> = kinds.iter().filter_map(Value::as_str).filter(|k| *k != "null").collect();
                kinds.join(" or ")
            }
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_follow_the_keys_of_the_table_above() {
        let schema = json!({
            "properties": {
                "cookies": { "$ref": "#/$defs/Cookies", "description": "About cookies." },
                "name": { "type": ["string", "null"], "description": "A\nname." },
            },
            "$defs": { "Cookies": { "type": "object", "properties": {
                "kinds": { "type": "array", "items": { "enum": ["a", "b"] } },
            } } },
        });
        let ours = json!({ "name": "x", "cookies": { "kinds": ["a"] } });
        let upstream = json!({ "name": "x", "cookies": {} });
        let page = page(&schema, &Defaults { ours, upstream });
        assert!(page.contains("| `name` | string | `\"x\"` | A name. |\n"), "{page}");
        assert!(page.contains("## `[cookies]`\n\nAbout cookies.\n"), "{page}");
        assert!(
            page.contains("| `kinds` | list of `\"a\"` or `\"b\"` | `[\"a\"]`; better-auth: none |  |\n"),
            "{page}"
        );
    }
}
