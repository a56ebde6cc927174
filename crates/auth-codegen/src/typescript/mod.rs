//! The model as TypeScript, strict and without dependencies.

use crate::{
    Problem,
    model::{Api, Field, Group, Named, Operation, Part, Reply, Shape, Ty},
    names::{camel, is_identifier},
};

/// What sends requests and reads answers.
const RUNTIME: &str = include_str!("runtime.ts");

/// Names that the module needs for itself, and types of the language that it uses.
const TAKEN: [&str; 21] = [
    "Answer",
    "Array",
    "CallOptions",
    "Client",
    "ClientOptions",
    "Error",
    "Failure",
    "FormData",
    "Headers",
    "JSON",
    "Map",
    "Object",
    "Promise",
    "Record",
    "Redirected",
    "RequestInit",
    "Response",
    "Result",
    "String",
    "URL",
    "Uint8Array",
];

pub(crate) fn print(api: &Api) -> Result<String, Problem> {
    let title = if api.title.is_empty() { "an API" } else { &api.title };
    let mut text =
        format!("// A typed client of {title}. Written by `auth-codegen`; changes here are lost.\n\n");
    text += RUNTIME;
    for named in &api.types {
        if TAKEN.contains(&named.name.as_str()) {
            return Err(Problem {
                place: format!("components.schemas.{}", named.name),
                what: "has a name that the client needs for itself".to_owned(),
            });
        }
        text.push('\n');
        text += &declaration(named);
    }
    text += "\n/** A client. Credentials are cookies, or what `headers` brings. */\n";
    text += "export function createClient(options: ClientOptions) {\n  const send = sender(options);\n  return {\n";
    for group in &api.groups {
        text += &operations(group, api);
    }
    text += "  };\n}\n\nexport type Client = ReturnType<typeof createClient>;\n";
    Ok(text)
}

fn docs(text: &str, indent: &str) -> String {
    let text = text.trim().replace("*/", "*\\/");
    if text.is_empty() {
        return String::new();
    }
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    match lines.as_slice() {
        [line] => format!("{indent}/** {line} */\n"),
        lines => {
            let lines: Vec<_> =
                lines.iter().map(|line| format!("{}\n", format!("{indent} * {line}").trim_end())).collect();
            format!("{indent}/**\n{}{indent} */\n", lines.concat())
        }
    }
}

fn literal(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn key(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { literal(name) }
}

fn declaration(named: &Named) -> String {
    let (name, comment) = (&named.name, docs(&named.docs, ""));
    let text = match &named.shape {
        Shape::Structure { fields, open } => structure(name, fields, *open),
        // The last keeps values that this client does not know, and the completion of those it does.
        Shape::Choice(values) => {
            let lines: Vec<_> = values
                .iter()
                .map(|(value, described)| format!("{}  | {}\n", docs(described, "  "), literal(value)))
                .collect();
            format!("export type {name} =\n{}  | (string & {{}});\n", lines.concat())
        }
        Shape::Only(value) => format!("export type {name} = {};\n", literal(value)),
        Shape::Union(types) => {
            let types: Vec<_> = types.iter().map(ty).collect();
            format!("export type {name} = {};\n", types.join(" | "))
        }
        Shape::Alias(inner) => format!("export type {name} = {};\n", ty(inner)),
    };
    comment + &text
}

fn structure(name: &str, fields: &[Field], open: bool) -> String {
    if fields.is_empty() && !open {
        return format!("export type {name} = Record<string, never>;\n");
    }
    let mut text = format!("export interface {name} {{\n");
    for field in fields {
        text += &docs(&field.docs, "  ");
        let mark = if field.required { "" } else { "?" };
        let shown = if field.switch { "true".to_owned() } else { ty(&field.ty) };
        text += &format!("  {}{mark}: {shown};\n", key(&field.wire));
    }
    if open {
        text += "  [further: string]: unknown;\n";
    }
    text + "}\n"
}

fn ty(of: &Ty) -> String {
    match of {
        Ty::Any => "unknown".to_owned(),
        Ty::Bool => "boolean".to_owned(),
        Ty::True => "true".to_owned(),
        Ty::Integer | Ty::Number => "number".to_owned(),
        Ty::Text => "string".to_owned(),
        Ty::List(items) => format!("Array<{}>", ty(items)),
        Ty::Map(values) => format!("Record<string, {}>", ty(values)),
        Ty::Named(name) => name.clone(),
        Ty::Nullable(inner) => format!("{} | null", ty(inner)),
    }
}

fn operations(group: &Group, api: &Api) -> String {
    let operations: Vec<_> = group.operations.iter().map(|operation| method(operation, api)).collect();
    let name = key(&camel(&group.tag));
    format!("{}    {name}: {{\n{}    }},\n", docs(&group.docs, "    "), operations.concat())
}

fn method(operation: &Operation, api: &Api) -> String {
    let docs = docs(&format!("{}\n\n`{} {}`", operation.docs, operation.method, operation.path), "      ");
    let mut path = String::new();
    let mut arguments = Vec::new();
    for part in &operation.parts {
        match part {
            Part::Literal(text) => {
                path += &text.replace('\\', "\\\\").replace('`', "\\`").replace("${", "\\${");
            }
            Part::Parameter(name) => {
                let name = argument(name);
                path += &format!("${{encodeURIComponent({name})}}");
                arguments.push(Argument { name, ty: "string".to_owned(), may_be_left_out: false });
            }
        }
    }
    if let Some(body) = &operation.body {
        let empty = !body.required || is_optional(&body.ty, api);
        arguments.push(Argument { name: "body".to_owned(), ty: ty(&body.ty), may_be_left_out: empty });
    }
    if let Some(query) = &operation.query {
        let empty = is_optional(&Ty::Named(query.clone()), api);
        arguments.push(Argument { name: "query".to_owned(), ty: query.clone(), may_be_left_out: empty });
    }
    // What stands before a needed argument cannot be left out.
    let last_needed = arguments.iter().rposition(|argument| !argument.may_be_left_out);
    let mut list: Vec<_> = arguments
        .iter()
        .enumerate()
        .map(|(at, argument)| {
            let must = last_needed.is_some_and(|last| at <= last);
            match (argument.may_be_left_out, must) {
                (false, _) => format!("{}: {}", argument.name, argument.ty),
                (true, true) => format!("{}: {} | undefined", argument.name, argument.ty),
                (true, false) => format!("{}?: {}", argument.name, argument.ty),
            }
        })
        .collect();
    list.push("options?: CallOptions".to_owned());
    let (success, kind) = match &operation.reply {
        Reply::Empty => ("null".to_owned(), "empty"),
        Reply::Json(of) => (ty(of), "json"),
        Reply::Text => ("string".to_owned(), "text"),
        Reply::Bytes => ("Uint8Array".to_owned(), "bytes"),
        Reply::Redirect => ("Redirected".to_owned(), "redirect"),
        Reply::JsonOrRedirect(of) => (format!("{} | Redirected", ty(of)), "json"),
        Reply::TextOrRedirect => ("string | Redirected".to_owned(), "text"),
    };
    let codes = operation.codes.as_deref().unwrap_or("string");
    let mut request = vec![format!("method: {}", literal(&operation.method)), format!("path: `{path}`")];
    request.push(format!("kind: {}", literal(kind)));
    if let Some(body) = &operation.body {
        // A server that wants a body gets one.
        request.push(
            if body.required && is_optional(&body.ty, api) { "body: body ?? {}" } else { "body" }.to_owned(),
        );
    }
    request.extend(operation.query.is_some().then(|| "query".to_owned()));
    let name = key(&camel(&operation.name));
    format!(
        "{docs}      {name}: ({}): Answer<{success}, {codes}> =>\n        send({{ {} }}, options),\n",
        list.join(", "),
        request.join(", ")
    )
}

struct Argument {
    name: String,
    ty: String,
    may_be_left_out: bool,
}

/// Names of arguments must not be words of the language.
fn argument(name: &str) -> String {
    let name = camel(name);
    match name.as_str() {
        "body" | "query" | "options" | "send" | "default" | "delete" | "new" | "class" | "function"
        | "in" | "return" | "this" | "typeof" | "var" | "void" | "with" | "case" | "enum" | "export"
        | "import" => {
            format!("{name}_")
        }
        _ => name,
    }
}

/// Whether nothing has to be said.
fn is_optional(ty: &Ty, api: &Api) -> bool {
    let Ty::Named(name) = ty else { return false };
    let named = api.types.iter().find(|named| named.name == *name);
    match named.map(|named| &named.shape) {
        Some(Shape::Structure { fields, .. }) => fields.iter().all(|field| !field.required),
        _ => false,
    }
}
