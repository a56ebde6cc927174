//! Pages from the OpenAPI document and the list of plugins.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub(super) const GENERATED: &str = "<!-- Written by `cargo xtask codegen`; changes here are lost. -->\n";

/// A cell of a table: one line, and nothing that ends it.
pub(super) fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

pub(super) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list(value: &Value, key: &str) -> String {
    let items = value.get(key).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// `(path, method, operation)` of everything in the document.
fn operations(openapi: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = openapi.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn session(operation: &Value) -> &'static str {
    let security = operation.get("security").and_then(Value::as_array).map(Vec::as_slice);
    match security.unwrap_or_default() {
        [] => "",
        many if many.iter().any(|way| way.as_object().is_some_and(Map::is_empty)) => "optional",
        _ => "needed",
    }
}

pub(super) fn endpoints(openapi: &Value) -> String {
    let mut page =
        format!("{GENERATED}\n# Endpoints\n\nPaths are below the base path, `/api/auth` by default. ");
    page += "Bodies, replies and errors of each are in [openapi.json](openapi.json).\n";
    let mut by_plugin: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, method, operation) in operations(openapi) {
        let line = format!(
            "| `{} {path}` | {} | {} |\n",
            method.to_uppercase(),
            cell(text(operation, "summary")),
            session(operation)
        );
        by_plugin.entry(list(operation, "tags")).or_default().push(line);
    }
    for (plugin, lines) in by_plugin {
        let title = if plugin.is_empty() { "host" } else { &plugin };
        page += &format!("\n## {title}\n\n| Endpoint | Does | Session |\n|---|---|---|\n{}", lines.concat());
    }
    page
}

pub(super) fn errors(openapi: &Value) -> String {
    let mut codes: BTreeMap<(String, String), (String, Vec<String>)> = BTreeMap::new();
    for (path, method, operation) in operations(openapi) {
        let responses = operation.get("responses").and_then(Value::as_object);
        for (status, response) in responses.into_iter().flatten() {
            for (code, message) in text(response, "description").lines().filter_map(code_and_message) {
                let entry = codes.entry((code, status.clone())).or_insert_with(|| (message, Vec::new()));
                entry.1.push(format!("`{} {path}`", method.to_uppercase()));
            }
        }
    }
    let mut page = format!("{GENERATED}\n# Errors\n\nA refusal is `{{\"code\": …, \"message\": …}}`. ");
    page += "The code is for programs and does not change; the message is for people.\n\n";
    page += "| Code | Status | Message | From |\n|---|---|---|---|\n";
    for ((code, status), (message, places)) in codes {
        let from = match places.as_slice() {
            few @ ([] | [_] | [_, _] | [_, _, _]) => few.join(", "),
            many => format!("{} endpoints", many.len()),
        };
        page += &format!("| `{code}` | {status} | {} | {from} |\n", cell(&message));
    }
    page
}

/// A line of a response's description: `` `CODE`: message ``.
fn code_and_message(line: &str) -> Option<(String, String)> {
    let (code, message) = line.strip_prefix('`')?.split_once("`: ")?;
    Some((code.to_owned(), message.to_owned()))
}

pub(super) fn plugins(listed: &Value) -> String {
    let mut page = format!("{GENERATED}\n# Plugins\n\nIn the order in which they are registered.\n\n");
    page += "| Plugin | Version | Enabled | Does | Why here |\n|---|---|---|---|---|\n";
    let all = listed.as_array().or_else(|| listed.get("plugins").and_then(Value::as_array));
    for plugin in all.into_iter().flatten() {
        let enabled = if plugin.get("enabled").and_then(Value::as_bool) == Some(true) { "yes" } else { "no" };
        page += &format!(
            "| `{}` | {} | {enabled} | {} | {} |\n",
            text(plugin, "id"),
            text(plugin, "version"),
            cell(text(plugin, "summary")),
            cell(text(plugin, "reason"))
        );
    }
    let hooks = listed.get("hooks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !hooks.is_empty() {
        page += "\n## Hooks\n\nIn the order in which they run.\n\n| Phase | Plugin | Hook | On |\n|---|---|---|---|\n";
        for hook in hooks {
            page += &format!(
                "| {} | `{}` | `{}` | {} |\n",
                text(hook, "phase"),
                text(hook, "plugin"),
                text(hook, "name"),
                cell(text(hook, "matches"))
            );
        }
    }
    page
}

pub(super) fn metrics(listed: &Value) -> String {
    let mut page =
        format!("{GENERATED}\n# Metrics\n\nWhat [`/metrics`](../how-to/observe.md#metrics) shows, ");
    page += "and who counts it: the server, its host, or a plugin.\n\n";
    page += "| Metric | Kind | Labels | Owner | Meaning |\n|---|---|---|---|---|\n";
    let all = listed.get("metrics").and_then(Value::as_array);
    for metric in all.into_iter().flatten() {
        page += &format!(
            "| `{}` | {} | {} | {} | {} |\n",
            text(metric, "name"),
            text(metric, "kind"),
            list(metric, "labels"),
            text(metric, "owner"),
            cell(text(metric, "help"))
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_collected_from_descriptions() {
        let answer = json!({ "description": "`A_CODE`: One | two\n\nwithout a code" });
        let openapi = json!({ "paths": { "/x": { "post": { "responses": { "400": answer } } } } });
        let page = errors(&openapi);
        assert!(page.contains("| `A_CODE` | 400 | One \\| two | `POST /x` |\n"), "{page}");
        assert!(!page.contains("without"), "{page}");
    }

    #[test]
    fn endpoints_stand_below_their_plugin() {
        let needed = json!([{ "session": [] }]);
        let optional = json!([{}, { "session": [] }]);
        let openapi = json!({ "paths": {
            "/a": { "get": { "tags": ["one"], "summary": "Reads", "security": needed } },
            "/b": { "post": { "tags": ["one"], "security": optional } },
        } });
        let page = endpoints(&openapi);
        assert!(page.contains("## one\n"), "{page}");
        assert!(page.contains("| `GET /a` | Reads | needed |\n| `POST /b` |  | optional |\n"), "{page}");
    }
}
