//! Query parameters arrive as texts; this turns them into what the shape asks for.

use serde_json::{Map, Number, Value};

use super::{Field, Node, Shape, compile::MAX_SAFE};

/// How far references are followed to find the type of a parameter.
const MAX_STEPS: usize = 32;

/// Converts the parameters that the shape wants as numbers, and the booleans that it wants by
/// truthiness. What is no number stays as it came, so that the check can name it.
pub fn coerce_query(shape: &Shape, query: &Map<String, Value>) -> Map<String, Value> {
    let mut out = query.clone();
    let mut fields = Vec::new();
    collect_fields(shape, shape.root(), 0, &mut fields);
    for field in fields {
        if let Some(value) = out.get_mut(&field.name) {
            coerce(shape, &field.node, value);
        }
    }
    out
}

fn collect_fields<'s>(shape: &'s Shape, node: &'s Node, steps: usize, out: &mut Vec<&'s Field>) {
    match node {
        _ if steps > MAX_STEPS => {}
        Node::Object { fields, .. } => out.extend(fields),
        Node::All(parts) => {
            for part in parts {
                collect_fields(shape, part, steps + 1, out);
            }
        }
        Node::Nullable { inner } => collect_fields(shape, inner, steps + 1, out),
        Node::Ref(at) => {
            if let Some(target) = shape.nodes.get(*at) {
                collect_fields(shape, target, steps + 1, out);
            }
        }
        _ => {}
    }
}

fn coerce(shape: &Shape, node: &Node, value: &mut Value) {
    let mut node = node;
    for _ in 0..MAX_STEPS {
        node = match node {
            Node::Nullable { inner } => inner,
            Node::Ref(at) => match shape.nodes.get(*at) {
                Some(target) => target,
                None => return,
            },
            Node::Number(_) => {
                if let Some(number) = to_number(js_number(value)) {
                    *value = Value::Number(number);
                }
                return;
            }
            Node::Bool { truthy: true } => {
                *value = Value::Bool(is_truthy(value));
                return;
            }
            _ => return,
        };
    }
}

/// Writes every whole number as an integer, since JSON makes no difference between `1.0` and `1`
/// but integer types read only the latter. To be called before a checked body is deserialized.
pub fn settle_numbers(value: &mut Value) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Number(number) if number.is_f64() => {
                if let Some(settled) = to_number(super::as_f64(number)) {
                    *number = settled;
                }
            }
            Value::Array(items) => open.extend(items),
            Value::Object(map) => open.extend(map.values_mut()),
            _ => {}
        }
    }
}

/// What JavaScript's `Number()` makes of a query parameter.
pub fn js_number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => super::as_f64(number),
        Value::String(text) => parse(text),
        // A list is joined with commas first, so only one of a single element can be a number.
        Value::Array(items) => match items.as_slice() {
            [] => 0.0,
            [only @ Value::String(_)] => js_number(only),
            _ => f64::NAN,
        },
        Value::Null => 0.0,
        Value::Bool(yes) => f64::from(u8::from(*yes)),
        Value::Object(_) => f64::NAN,
    }
}

fn parse(text: &str) -> f64 {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return 0.0;
    }
    if let Some((digits, radix)) = radix_digits(text) {
        let digit = |sum: f64, c: char| Some(sum * f64::from(radix) + f64::from(c.to_digit(radix)?));
        return match digits.chars().try_fold(0.0, digit) {
            Some(number) if !digits.is_empty() => number,
            _ => f64::NAN,
        };
    }
    match text {
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        // Rust reads more spellings than JavaScript: `inf`, `nan`.
        _ if !text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) => f64::NAN,
        _ => text.parse().unwrap_or(f64::NAN),
    }
}

fn radix_digits(text: &str) -> Option<(&str, u32)> {
    let rest = text.strip_prefix('0')?;
    let prefix = rest.chars().next()?;
    let radix = match prefix {
        'x' | 'X' => 16,
        'o' | 'O' => 8,
        'b' | 'B' => 2,
        _ => return None,
    };
    Some((rest.strip_prefix(prefix)?, radix))
}

/// As a JSON number, an integer where it is one, so that integer types can be read from it.
fn to_number(number: f64) -> Option<Number> {
    if number.fract() == 0.0 && number.abs() <= MAX_SAFE {
        // Exact: the text of a safe integer has neither fraction nor exponent.
        return format!("{number:.0}").parse::<i64>().ok().map(Number::from);
    }
    Number::from_f64(number)
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => {
            let number = super::as_f64(number);
            number != 0.0 && !number.is_nan()
        }
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]

    use proptest::prelude::*;
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::validate::message;

    #[derive(Deserialize, JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Page {
        limit: Option<u32>,
        ratio: Option<f64>,
        #[schemars(extend("x-truthy" = true))]
        fresh: Option<bool>,
        plain: Option<bool>,
        text: Option<String>,
    }

    fn page_shape() -> Shape {
        Shape::compile(schemars::schema_for!(Page).as_value())
    }

    #[test]
    fn query_parameters() {
        let page = page_shape();
        let ask = |query: Value| {
            let query = coerce_query(&page, query.as_object().unwrap());
            let issues = page.check(Some(&Value::Object(query.clone())), "query");
            (Value::Object(query), message(&issues))
        };
        let (query, text) = ask(json!({"limit": " 5 ", "ratio": "1e-1", "fresh": "false", "text": "7"}));
        assert_eq!(query, json!({"limit": 5, "ratio": 0.1, "fresh": true, "text": "7"}));
        assert_eq!(text, "");
        serde_json::from_value::<Page>(query).unwrap();
        assert_eq!(ask(json!({"fresh": ""})).0, json!({"fresh": false}));
        assert_eq!(ask(json!({"fresh": ["", ""]})).0, json!({"fresh": true}));
        assert_eq!(ask(json!({"limit": ""})).0, json!({"limit": 0}));
        for (query, text) in [
            (json!({"limit": "x"}), "[query.limit] Invalid input: expected number, received NaN"),
            (json!({"limit": ["5", "6"]}), "[query.limit] Invalid input: expected number, received NaN"),
            (
                json!({"limit": "-Infinity"}),
                "[query.limit] Invalid input: expected number, received -Infinity",
            ),
            (json!({"limit": "5.5"}), "[query.limit] Invalid input: expected int, received number"),
            (json!({"limit": "-1"}), "[query.limit] Too small: expected number to be >=0"),
            (json!({"plain": "true"}), "[query.plain] Invalid input: expected boolean, received string"),
            (json!({"text": ["a", "b"]}), "[query.text] Invalid input: expected string, received array"),
        ] {
            assert_eq!(ask(query).1, text);
        }
    }

    #[test]
    fn numbers_as_in_javascript() {
        for (text, number) in
            [("0x10", 16.0), ("0b11", 3.0), (".5", 0.5), ("5.", 5.0), ("+5", 5.0), ("-0", 0.0)]
        {
            assert!((js_number(&json!(text)) - number).abs() < 1e-9, "{text}");
        }
        for text in ["1_0", "-0x10", "0x", "inf", "nan", "1e", "--1", "5 6"] {
            assert!(js_number(&json!(text)).is_nan(), "{text}");
        }
        assert!(js_number(&json!("1e400")).is_infinite());
    }

    #[test]
    fn whole_numbers_become_integers() {
        let mut value = json!([1.0, {"a": -0.0}, 1.5, 1e300, 7]);
        settle_numbers(&mut value);
        assert_eq!(value, json!([1, {"a": 0}, 1.5, 1e300, 7]));
    }

    proptest! {
        #[test]
        fn checked_numbers_can_be_read(limit in any::<f64>(), whole in any::<i64>(), small in -3.0..3.0_f64) {
            for limit in [limit, limit.round(), small, small.round()].map(Value::from).into_iter().chain([whole.into()]) {
                let mut page = json!({ "limit": limit });
                if page_shape().check(Some(&page), "body").is_empty() {
                    settle_numbers(&mut page);
                    prop_assert!(serde_json::from_value::<Page>(page).is_ok());
                }
            }
        }

    }
}
