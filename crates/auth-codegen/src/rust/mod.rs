//! The model as Rust, as rustfmt would write it.

mod client;
mod types;

use std::collections::BTreeSet;

use crate::{
    Problem,
    model::{Api, Named, Shape, Ty},
    names::snake,
};

/// Columns of a line.
const WIDTH: usize = 100;

/// Names that the module needs for itself.
const TAKEN: [&str; 22] = [
    "Bytes",
    "Call",
    "Client",
    "Clone",
    "Connection",
    "Debug",
    "Default",
    "Deserialize",
    "Error",
    "Json",
    "JsonOrRedirect",
    "Map",
    "Option",
    "PartialEq",
    "Redirect",
    "Result",
    "Self",
    "Serialize",
    "Some",
    "String",
    "TextOrRedirect",
    "Vec",
];

const KEYWORDS: [&str; 39] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "pub", "ref", "return", "static", "struct", "trait", "true",
    "try", "type",
];

const MORE_KEYWORDS: [&str; 9] =
    ["typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "union"];

pub(crate) fn print(api: &Api, runtime: &str) -> Result<String, Problem> {
    let printer = Printer { api, runtime };
    for named in &api.types {
        if TAKEN.contains(&named.name.as_str())
            || named.name.ends_with("Api") && printer.is_group(&named.name)
        {
            return Err(Problem {
                place: format!("components.schemas.{}", named.name),
                what: "has a name that the client needs for itself".to_owned(),
            });
        }
    }
    let mut body = printer.client()?;
    for named in &api.types {
        body.push('\n');
        body += &printer.named(named)?;
    }
    let title = if api.title.is_empty() { "an API" } else { &api.title };
    Ok(format!(
        "// A typed client of {title}. Written by `auth-codegen`; changes here are lost.\n\n{}\n{body}",
        printer.imports(&body)
    ))
}

struct Printer<'a> {
    api: &'a Api,
    runtime: &'a str,
}

impl Printer<'_> {
    fn imports(&self, body: &str) -> String {
        let names: Vec<_> = [
            "Bytes",
            "Call",
            "Connection",
            "Error",
            "Json",
            "JsonOrRedirect",
            "Map",
            "Redirect",
            "TextOrRedirect",
        ]
        .into_iter()
        .filter(|name| mentions(body, name))
        .collect();
        let mut list = names.join(", ");
        let serde =
            ["Deserialize", "Serialize"].into_iter().filter(|name| mentions(body, name)).collect::<Vec<_>>();
        if !serde.is_empty() {
            list += &format!(", serde::{{{}}}", serde.join(", "));
        }
        let line = format!("use {}::{{{list}}};\n", self.runtime);
        // rustfmt fills the lines of an import that holds no nested one, and gives each name its own otherwise.
        if line.trim_end().len() <= WIDTH && serde.is_empty() {
            return line;
        }
        let mut lines: Vec<String> = vec![filled(&names)];
        if !serde.is_empty() {
            lines.push(format!("    serde::{{{}}},\n", serde.join(", ")));
        }
        format!("use {}::{{\n{}}};\n", self.runtime, lines.concat())
    }

    fn named_type(&self, name: &str) -> Option<&Named> {
        self.api.types.iter().find(|named| named.name == name)
    }

    fn is_group(&self, name: &str) -> bool {
        self.api.groups.iter().any(|group| client::group_type(&group.tag) == name)
    }

    /// Whether a value can be made of nothing.
    fn has_default(&self, ty: &Ty, seen: &mut BTreeSet<String>) -> bool {
        let Ty::Named(name) = ty else { return true };
        match self.named_type(name).map(|named| &named.shape) {
            Some(Shape::Structure { fields, .. }) => {
                seen.insert(name.clone())
                    && fields.iter().all(|f| !f.required || self.has_default(&f.ty, seen))
            }
            Some(Shape::Alias(inner)) => self.has_default(inner, seen),
            Some(Shape::Only(_)) => true,
            _ => false,
        }
    }
}

/// Names in lines that are filled, as rustfmt does.
fn filled(names: &[&str]) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for name in names {
        let more = if line.is_empty() { format!("    {name},") } else { format!(" {name},") };
        if line.len() + more.len() > WIDTH {
            lines += &format!("{line}\n");
            line = format!("    {name},");
        } else {
            line += &more;
        }
    }
    if line.is_empty() { lines } else { format!("{lines}{line}\n") }
}

fn mentions(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
}

/// A type in its place.
fn ty(ty: &Ty) -> String {
    match ty {
        Ty::Any => "Json".to_owned(),
        Ty::Bool | Ty::True => "bool".to_owned(),
        Ty::Integer => "i64".to_owned(),
        Ty::Number => "f64".to_owned(),
        Ty::Text => "String".to_owned(),
        Ty::List(items) => format!("Vec<{}>", self::ty(items)),
        Ty::Map(values) => format!("Map<{}>", self::ty(values)),
        Ty::Named(name) => name.clone(),
        Ty::Nullable(inner) => format!("Option<{}>", self::ty(inner)),
    }
}

/// The name of a field, a method or an argument.
fn member(name: &str) -> String {
    let name = snake(name);
    match name.as_str() {
        "self" | "super" | "crate" => format!("{name}_"),
        keyword if KEYWORDS.contains(&keyword) || MORE_KEYWORDS.contains(&keyword) && keyword != "union" => {
            format!("r#{name}")
        }
        _ => name,
    }
}

/// A comment for rustdoc, which reads brackets as links and angles as tags.
fn docs(text: &str, indent: &str) -> String {
    let mut comment = String::new();
    for line in text.trim().lines() {
        let mut shown = String::new();
        let mut is_code = false;
        for letter in line.trim_end().chars() {
            is_code ^= letter == '`';
            if !is_code && matches!(letter, '[' | ']' | '<' | '>') {
                shown.push('\\');
            }
            shown.push(letter);
        }
        let shown: Vec<_> = shown
            .split(' ')
            .map(|word| {
                if word.starts_with("http://") || word.starts_with("https://") {
                    format!("<{word}>")
                } else {
                    word.to_owned()
                }
            })
            .collect();
        comment += format!("{indent}/// {}", shown.join(" ")).trim_end();
        comment.push('\n');
    }
    comment
}

/// A text as a literal.
fn literal(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}

/// `#[serde(…)]` with one argument, which rustfmt never breaks.
fn serde(argument: &str, indent: &str) -> String {
    format!("{indent}#[serde({argument})]\n")
}
