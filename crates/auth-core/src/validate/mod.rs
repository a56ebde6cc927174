//! Validation of JSON bodies and query parameters against the JSON Schema of a Rust type.
//!
//! An endpoint declares a type with `Deserialize` and `JsonSchema`; this module checks the input
//! before it is deserialized and words the problems like zod does, because clients show them.
//! `Option<T>` means "may be left out"; it accepts `null` only with
//! `#[schemars(extend("x-nullable" = true))]`. Further extensions: `"x-truthy"` on a boolean query
//! parameter (any non-empty text is true) and `"x-message"` beside a `pattern`.
//!
//! Of `pattern`, only one repeated character class (`^[a-z0-9_-]+$`) is checked here.

mod check;
mod compile;
mod query;
#[cfg(test)]
mod tests;

use serde_json::{Number, Value};

pub use self::{
    compile::normalize,
    query::{coerce_query, js_number, settle_numbers},
};

/// What an endpoint accepts; compiled once.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The root comes first, then the definitions that it refers to by index.
    nodes: Vec<Node>,
}

/// One problem of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Where, from the root: `body.data.0`.
    pub path: String,
    /// What is wrong, in words.
    pub text: String,
}

impl Shape {
    /// Reads a root schema with its `$defs`. Keywords that are not known accept everything.
    pub fn compile(schema: &Value) -> Self {
        Self { nodes: compile::nodes(schema) }
    }

    /// All problems in the declared order (the first hundred of them, which bounds the answer to
    /// hostile input). `None` is an absent value; `root` is `body` or `query`.
    pub fn check(&self, value: Option<&Value>, root: &str) -> Vec<Issue> {
        check::run(self, value, root)
    }

    /// Whether the whole value may be absent, as for `Option<Body>`.
    pub fn is_optional(&self) -> bool {
        matches!(self.root(), Node::Nullable { .. })
    }

    fn root(&self) -> &Node {
        self.nodes.first().unwrap_or(&Node::Any)
    }
}

/// The text of a validation error: `[body.email] Invalid email address; [body.name] …`.
pub fn message(issues: &[Issue]) -> String {
    let parts: Vec<String> = issues.iter().map(|issue| format!("[{}] {}", issue.path, issue.text)).collect();
    parts.join("; ")
}

#[derive(Clone, Debug)]
enum Node {
    Any,
    Never,
    Null,
    Bool {
        truthy: bool,
    },
    Number(Numeric),
    Text(Text),
    /// `enum` and `const`.
    OneOf(Vec<Value>),
    List {
        items: Box<Node>,
        min: Option<u64>,
        max: Option<u64>,
    },
    Object {
        fields: Vec<Field>,
        rest: Rest,
    },
    Record(Box<Node>),
    Union(Vec<Node>),
    /// All of them must hold; their problems are listed one after the other.
    All(Vec<Node>),
    Nullable {
        inner: Box<Node>,
    },
    Ref(usize),
}

#[derive(Clone, Debug, Default)]
struct Numeric {
    integer: bool,
    min: Option<f64>,
    max: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
    step: Option<f64>,
}

#[derive(Clone, Debug, Default)]
struct Text {
    min: Option<u64>,
    max: Option<u64>,
    format: Option<Format>,
    pattern: Option<Class>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Email,
    Url,
}

/// The repeated character class of a `pattern`, and what to say about other characters.
#[derive(Clone, Debug)]
struct Class {
    ranges: Vec<(char, char)>,
    may_be_empty: bool,
    text: String,
}

#[derive(Clone, Debug)]
struct Field {
    name: String,
    node: Node,
    required: bool,
}

/// What an object says about the properties that it does not name.
#[derive(Clone, Debug)]
enum Rest {
    Ignored,
    Refused,
    Checked(Box<Node>),
}

fn as_f64(number: &Number) -> f64 {
    // Without arbitrary precision every number has a nearest f64.
    number.as_f64().unwrap_or(f64::NAN)
}
