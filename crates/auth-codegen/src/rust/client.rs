//! The client, its groups and their methods.

use super::{Printer, WIDTH, docs, literal, member, ty};
use crate::{
    Problem,
    model::{Group, Operation, Part, Reply},
    names::{pascal, snake},
};

pub(super) fn group_type(tag: &str) -> String {
    format!("{}Api", pascal(tag))
}

impl Printer<'_> {
    pub(super) fn client(&self) -> Result<String, Problem> {
        let mut text = "/// All operations, by plugin.\n#[derive(Clone, Debug)]\npub struct Client {\n    connection: Connection,\n}\n\n".to_owned();
        text += "impl Client {\n    /// Over a connection, which may be shared with other clients.\n    pub fn new(connection: Connection) -> Self {\n        Self { connection }\n    }\n\n";
        text += "    /// The connection, with its credentials.\n    pub fn connection(&self) -> &Connection {\n        &self.connection\n    }\n";
        for group in &self.api.groups {
            let (name, of) = (member(&group.tag), group_type(&group.tag));
            if snake(&group.tag) == "new" || snake(&group.tag) == "connection" {
                return Err(Problem {
                    place: "tags".to_owned(),
                    what: format!("`{}` is a method of every client", group.tag),
                });
            }
            text += &format!("\n{}    pub fn {name}(&self) -> {of}<'_> {{\n", docs(&sentence(group), "    "));
            // Longer than what rustfmt calls `struct_lit_width`.
            text += &format!("        {of} {{\n            connection: &self.connection,\n        }}\n");
            text += "    }\n";
        }
        text += "}\n";
        for group in &self.api.groups {
            text += &group_of(group);
        }
        Ok(text)
    }
}

fn group_of(group: &Group) -> String {
    let of = group_type(&group.tag);
    let mut text = format!("\n{}#[derive(Clone, Copy, Debug)]\n", docs(&sentence(group), ""));
    text += &format!("pub struct {of}<'a> {{\n    connection: &'a Connection,\n}}\n\nimpl {of}<'_> {{\n");
    let methods: Vec<_> = group.operations.iter().map(method).collect();
    text + &methods.join("\n") + "}\n"
}

fn sentence(group: &Group) -> String {
    let docs = if group.docs.is_empty() { &format!("Operations of `{}`", group.tag) } else { &group.docs };
    if docs.ends_with('.') { docs.clone() } else { format!("{docs}.") }
}

fn method(operation: &Operation) -> String {
    let described = format!("{}\n\n`{} {}`", operation.docs, operation.method, operation.path);
    let mut arguments = vec!["&self".to_owned()];
    for part in &operation.parts {
        if let Part::Parameter(name) = part {
            arguments.push(format!("{}: &str", argument(name)));
        }
    }
    if let Some(body) = &operation.body {
        let of = ty(&body.ty);
        arguments.push(if body.required { format!("body: &{of}") } else { format!("body: Option<&{of}>") });
    }
    if let Some(query) = &operation.query {
        arguments.push(format!("query: &{query}"));
    }
    let (success, send) = match &operation.reply {
        Reply::Empty => ("()".to_owned(), "empty"),
        Reply::Json(of) => (ty(of), "json"),
        Reply::Text => ("String".to_owned(), "text"),
        Reply::Bytes => ("Bytes".to_owned(), "bytes"),
        Reply::Redirect => ("Redirect".to_owned(), "redirect"),
        Reply::JsonOrRedirect(of) => (format!("JsonOrRedirect<{}>", ty(of)), "json_or_redirect"),
        Reply::TextOrRedirect => ("TextOrRedirect".to_owned(), "text_or_redirect"),
    };
    let failure = operation.codes.as_deref().unwrap_or("String");
    let mut text = docs(&described, "    ");
    text += &signature(&member(&operation.name), &arguments, &format!("Result<{success}, Error<{failure}>>"));
    text += &statements(operation);
    text + &format!("        self.connection.{send}(call).await\n    }}\n")
}

/// Parameters of paths must not shadow the other arguments.
fn argument(name: &str) -> String {
    let name = member(name);
    if matches!(name.as_str(), "body" | "query" | "call") { format!("{name}_") } else { name }
}

fn signature(name: &str, arguments: &[String], result: &str) -> String {
    let line = format!("    pub async fn {name}({}) -> {result} {{", arguments.join(", "));
    if line.len() <= WIDTH {
        return line + "\n";
    }
    let lines: Vec<_> = arguments.iter().map(|argument| format!("        {argument},\n")).collect();
    format!("    pub async fn {name}(\n{}    ) -> {result} {{\n", lines.concat())
}

/// A statement a piece: chains would have to be broken as rustfmt breaks them.
fn statements(operation: &Operation) -> String {
    let mut lines = Vec::new();
    let mut parts = operation.parts.iter().peekable();
    let first = parts.next_if(|part| matches!(part, Part::Literal(_)));
    let first = if let Some(Part::Literal(first)) = first { first.as_str() } else { "" };
    for part in parts {
        lines.push(match part {
            Part::Literal(text) => format!("        call.literal({});\n", literal(text)),
            Part::Parameter(name) => format!("        call.segment({});\n", argument(name)),
        });
    }
    if let Some(body) = &operation.body {
        lines.push(if body.required {
            "        call.body(body);\n".to_owned()
        } else {
            "        call.optional_body(body);\n".to_owned()
        });
    }
    if operation.query.is_some() {
        lines.push("        call.query(query);\n".to_owned());
    }
    let mutable = if lines.is_empty() { "" } else { "mut " };
    let made = format!("Call::{}({})", operation.method.to_lowercase(), literal(first));
    format!("        let {mutable}call = {made};\n{}", lines.concat())
}
