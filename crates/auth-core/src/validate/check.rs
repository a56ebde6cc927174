//! Walks a value along its shape and collects the problems.

use serde_json::{Map, Value};

use super::{
    Class, Field, Format, Issue, Node, Numeric, Rest, Shape, Text, as_f64, compile::MAX_SAFE, js_number,
};
use crate::email;

/// More problems than a person reads, few enough to answer with.
const MAX_ISSUES: usize = 100;

/// Far above what the depth limit of the JSON parser leads to; stops shapes that refer to
/// themselves without getting deeper into the value.
const MAX_DEPTH: usize = 512;

struct Found {
    issue: Issue,
    /// The value has the right type and only breaks a rule on it. Unions then report the rule
    /// instead of a mere "invalid input".
    soft: bool,
}

/// Where the walk is; rendered only when there is something to report.
#[derive(Clone, Copy)]
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    fn to(&'a self, step: Step<'a>) -> Self {
        Self { parent: Some(self), step }
    }

    fn render(&self) -> String {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(path) = at {
            steps.push(match path.step {
                Step::Name(name) => name.to_owned(),
                Step::Index(index) => index.to_string(),
            });
            at = path.parent;
        }
        steps.reverse();
        steps.join(".")
    }
}

pub(super) fn run(shape: &Shape, value: Option<&Value>, root: &str) -> Vec<Issue> {
    let mut walk = Walk { shape, query: root == "query", found: Vec::new() };
    if value.is_none() && shape.is_optional() {
        return Vec::new();
    }
    let node = match shape.root() {
        Node::Nullable { inner } => inner,
        node => node,
    };
    let path = Path { parent: None, step: Step::Name(root) };
    walk.node(node, value, &path, 0);
    walk.found.into_iter().map(|found| found.issue).collect()
}

struct Walk<'s> {
    shape: &'s Shape,
    /// Query parameters are texts; the wording shows what became of them as numbers.
    query: bool,
    found: Vec<Found>,
}

impl<'s> Walk<'s> {
    fn report(&mut self, path: &Path, soft: bool, text: impl Into<String>) {
        if self.found.len() < MAX_ISSUES {
            self.found.push(Found { issue: Issue { path: path.render(), text: text.into() }, soft });
        }
    }

    fn wrong_type(&mut self, path: &Path, expected: &str, value: Option<&Value>) {
        let received = type_name(value);
        self.report(path, false, expectation(expected, received));
    }

    fn node(&mut self, node: &'s Node, value: Option<&Value>, path: &Path, depth: usize) {
        if depth >= MAX_DEPTH {
            self.report(path, false, "Invalid input");
            return;
        }
        match (node, value) {
            (Node::Any, None) => self.wrong_type(path, "nonoptional", value),
            (Node::Any, Some(_))
            | (Node::Null | Node::Nullable { .. }, Some(Value::Null))
            | (Node::Bool { .. }, Some(Value::Bool(_))) => {}
            (Node::Never, _) => self.wrong_type(path, "never", value),
            (Node::Null, _) => self.wrong_type(path, "null", value),
            (Node::Bool { .. }, _) => self.wrong_type(path, "boolean", value),
            (Node::Number(rules), _) => self.number(rules, value, path),
            (Node::Text(rules), Some(Value::String(text))) => self.text(rules, text, path),
            (Node::Text(_), _) => self.wrong_type(path, "string", value),
            (Node::OneOf(values), _) => self.one_of(values, value, path),
            (Node::List { items, min, max }, Some(Value::Array(list))) => {
                for (index, item) in list.iter().enumerate() {
                    self.node(items, Some(item), &path.to(Step::Index(index)), depth + 1);
                }
                let size = u64::try_from(list.len()).unwrap_or(u64::MAX);
                self.size("array", "items", size, *min, *max, path);
            }
            (Node::List { .. }, _) => self.wrong_type(path, "array", value),
            (Node::Object { fields, rest }, Some(Value::Object(map))) => {
                self.object(fields, rest, map, path, depth);
            }
            (Node::Object { rest, .. }, _) => {
                self.wrong_type(path, "object", value);
                // Such a type is an object and a record at the same time, and fails as both.
                if let Rest::Checked(_) = rest {
                    self.wrong_type(path, "record", value);
                }
            }
            (Node::Record(values), Some(Value::Object(map))) => {
                for (name, value) in map {
                    self.node(values, Some(value), &path.to(Step::Name(name)), depth + 1);
                }
            }
            (Node::Record(_), _) => self.wrong_type(path, "record", value),
            (Node::Union(branches), _) => self.union(branches, value, path, depth),
            (Node::All(parts), _) => {
                for part in parts {
                    self.node(part, value, path, depth + 1);
                }
            }
            (Node::Nullable { inner }, _) => self.node(inner, value, path, depth + 1),
            (Node::Ref(at), _) => match self.shape.nodes.get(*at) {
                Some(target) => self.node(target, value, path, depth + 1),
                None => self.report(path, false, "Invalid input"),
            },
        }
    }

    fn number(&mut self, rules: &Numeric, value: Option<&Value>, path: &Path) {
        let number = match value {
            Some(Value::Number(number)) => as_f64(number),
            Some(value @ (Value::String(_) | Value::Array(_))) if self.query => {
                let text = expectation("number", &show_number(js_number(value)));
                return self.report(path, false, text);
            }
            _ => return self.wrong_type(path, "number", value),
        };
        if rules.integer {
            if number.fract() != 0.0 {
                return self.wrong_type(path, "int", value);
            }
            if number > MAX_SAFE {
                self.report(path, true, format!("Too big: expected int to be <={MAX_SAFE}"));
            }
            if number < -MAX_SAFE {
                self.report(path, true, format!("Too small: expected int to be >=-{MAX_SAFE}"));
            }
        }
        let limits = [
            (rules.min.filter(|limit| number < *limit), "small", ">="),
            (rules.above.filter(|limit| number <= *limit), "small", ">"),
            (rules.max.filter(|limit| number > *limit), "big", "<="),
            (rules.below.filter(|limit| number >= *limit), "big", "<"),
        ];
        for (broken, size, sign) in limits {
            if let Some(limit) = broken {
                let limit = show_number(limit);
                let text = format!("Too {size}: expected number to be {sign}{limit}");
                self.report(path, true, text);
            }
        }
        if let Some(step) = rules.step.filter(|step| number % step != 0.0) {
            let step = show_number(step);
            self.report(path, true, format!("Invalid number: must be a multiple of {step}"));
        }
    }

    fn text(&mut self, rules: &Text, text: &str, path: &Path) {
        match rules.format {
            Some(Format::Email) if !email::is_valid(text) => {
                self.report(path, true, "Invalid email address");
            }
            Some(Format::Url) if url::Url::parse(text).is_err() => {
                self.report(path, true, "Invalid URL");
            }
            _ => {}
        }
        // Every length of this API is one of UTF-16 units.
        let units = u64::try_from(text.encode_utf16().count()).unwrap_or(u64::MAX);
        self.size("string", "characters", units, rules.min, rules.max, path);
        if let Some(class) = rules.pattern.as_ref().filter(|class| !class.fits(text)) {
            self.report(path, true, class.text.clone());
        }
    }

    fn size(&mut self, what: &str, unit: &str, size: u64, min: Option<u64>, max: Option<u64>, path: &Path) {
        if let Some(min) = min.filter(|min| size < *min) {
            let text = format!("Too small: expected {what} to have >={min} {unit}");
            self.report(path, true, text);
        }
        if let Some(max) = max.filter(|max| size > *max) {
            let text = format!("Too big: expected {what} to have <={max} {unit}");
            self.report(path, true, text);
        }
    }

    fn one_of(&mut self, values: &[Value], value: Option<&Value>, path: &Path) {
        if value.is_some_and(|value| values.iter().any(|known| same(known, value))) {
            return;
        }
        let shown: Vec<String> = values
            .iter()
            .map(|value| match value {
                Value::String(text) => format!("\"{text}\""),
                other => other.to_string(),
            })
            .collect();
        let text = match shown.as_slice() {
            [only] => format!("Invalid input: expected {only}"),
            _ => format!("Invalid option: expected one of {}", shown.join("|")),
        };
        self.report(path, false, text);
    }

    fn object(
        &mut self,
        fields: &'s [Field],
        rest: &'s Rest,
        map: &Map<String, Value>,
        path: &Path,
        depth: usize,
    ) {
        for field in fields {
            let value = map.get(&field.name);
            if value.is_some() || field.required {
                let path = path.to(Step::Name(&field.name));
                self.node(&field.node, value, &path, depth + 1);
            }
        }
        let unknown = map.iter().filter(|(name, _)| !fields.iter().any(|field| field.name == **name));
        match rest {
            Rest::Ignored => {}
            Rest::Checked(node) => {
                for (name, value) in unknown {
                    self.node(node, Some(value), &path.to(Step::Name(name)), depth + 1);
                }
            }
            Rest::Refused => {
                let names: Vec<String> = unknown.map(|(name, _)| format!("\"{name}\"")).collect();
                if !names.is_empty() {
                    let plural = if names.len() == 1 { "" } else { "s" };
                    let text = format!("Unrecognized key{plural}: {}", names.join(", "));
                    self.report(path, true, text);
                }
            }
        }
    }

    /// The first branch without problems wins. If none is, but exactly one has the right type,
    /// its problems are the ones worth telling.
    fn union(&mut self, branches: &'s [Node], value: Option<&Value>, path: &Path, depth: usize) {
        let outer = std::mem::take(&mut self.found);
        let mut close = Vec::new();
        let mut fits = false;
        for branch in branches {
            self.node(branch, value, path, depth + 1);
            let found = std::mem::take(&mut self.found);
            if found.is_empty() {
                fits = true;
                break;
            }
            if found.iter().all(|found| found.soft) {
                close.push(found);
            }
        }
        self.found = outer;
        if fits {
            return;
        }
        match (close.pop(), close.is_empty()) {
            (Some(only), true) => {
                let room = MAX_ISSUES.saturating_sub(self.found.len());
                self.found.extend(only.into_iter().take(room));
            }
            _ => self.report(path, false, "Invalid input"),
        }
    }
}

impl Class {
    fn fits(&self, text: &str) -> bool {
        (self.may_be_empty || !text.is_empty())
            && text.chars().all(|c| self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)))
    }
}

fn expectation(expected: &str, received: &str) -> String {
    format!("Invalid input: expected {expected}, received {received}")
}

fn type_name(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

/// `1` and `1.0` are the same JSON number.
fn same(known: &Value, value: &Value) -> bool {
    match (known, value) {
        (Value::Number(a), Value::Number(b)) => as_f64(a).total_cmp(&as_f64(b)).is_eq(),
        _ => known == value,
    }
}

fn show_number(number: f64) -> String {
    if number.is_infinite() {
        let sign = if number < 0.0 { "-" } else { "" };
        return format!("{sign}Infinity");
    }
    number.to_string()
}
