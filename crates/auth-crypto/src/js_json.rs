//! JSON text exactly as JavaScript's `JSON.stringify` writes it after parsing.
//!
//! Some wire signatures cover re-serialised JSON. A JavaScript reader of what
//! we sign must arrive at the same bytes, which `serde_json` alone does not
//! promise: it writes `1.0` where JavaScript writes `1`, and it leaves
//! integer-like keys in place where JavaScript moves them to the front.

use serde_json::{Map, Number, Value};

/// Largest magnitude up to which every integer is a JavaScript number.
const MAX_SAFE: u64 = 1 << 53;

/// The text of an object.
pub(crate) fn object(map: &Map<String, Value>) -> String {
    let mut out = String::new();
    write_object(map, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => write_object(map, out),
    }
}

fn write_object(map: &Map<String, Value>, out: &mut String) {
    let mut indexed: Vec<(u32, &str, &Value)> =
        map.iter().filter_map(|(key, value)| Some((array_index(key)?, key.as_str(), value))).collect();
    indexed.sort_unstable_by_key(|(index, ..)| *index);
    let named =
        map.iter().filter(|(key, _)| array_index(key).is_none()).map(|(key, value)| (key.as_str(), value));
    let entries = indexed.into_iter().map(|(_, key, value)| (key, value)).chain(named);

    out.push('{');
    for (position, (key, value)) in entries.enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// `serde_json` escapes strings the way JavaScript does.
fn write_text(text: &str, out: &mut String) {
    // Serialising a text cannot fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// The number a key stands for if JavaScript treats it as an array index.
fn array_index(key: &str) -> Option<u32> {
    let canonical = key == "0"
        || (!key.is_empty() && !key.starts_with('0') && key.bytes().all(|byte| byte.is_ascii_digit()));
    canonical.then(|| key.parse().ok()).flatten().filter(|index| *index != u32::MAX)
}

fn number_text(number: &Number) -> String {
    let exact = match (number.as_i64(), number.as_u64()) {
        (Some(n), _) => n.unsigned_abs() <= MAX_SAFE,
        (None, Some(n)) => n <= MAX_SAFE,
        (None, None) => false,
    };
    match number.as_f64() {
        Some(float) if !exact => float_text(float),
        _ => number.to_string(),
    }
}

/// ECMAScript's `Number::toString` in base ten.
fn float_text(float: f64) -> String {
    if float == 0.0 {
        return "0".to_owned();
    }
    // Rust's exponent form has the same shortest digits: `-1.25e-7`.
    let shortest = format!("{:e}", float.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if float < 0.0 { "-" } else { "" };

    // How many digits stand before the decimal point.
    let point = exponent + 1;
    let zeros = |count: usize| "0".repeat(count);
    let unsigned = match usize::try_from(point) {
        Ok(before) if (1..=21).contains(&before) => match digits.split_at_checked(before) {
            Some((whole, "")) => whole.to_owned(),
            Some((whole, fraction)) => format!("{whole}.{fraction}"),
            None => format!("{digits}{}", zeros(before - digits.len())),
        },
        _ if (-5..=0).contains(&point) => {
            let gap = usize::try_from(-point).unwrap_or_default();
            format!("0.{}{digits}", zeros(gap))
        }
        _ => format!("{mantissa}e{exponent:+}"),
    };
    format!("{sign}{unsigned}")
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::float_cmp,
        reason = "tests"
    )]
    use proptest::prelude::*;

    use super::*;

    fn restringify(json: &str) -> String {
        object(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn numbers_like_javascript() {
        for (json, expected) in [
            ("1", "1"),
            ("-7", "-7"),
            ("1.0", "1"),
            ("-0.0", "0"),
            ("0.1", "0.1"),
            ("-1.5", "-1.5"),
            ("123.456", "123.456"),
            ("100.0", "100"),
            ("1e20", "100000000000000000000"),
            ("1e21", "1e+21"),
            ("1.25e21", "1.25e+21"),
            ("123456789012345680000", "123456789012345680000"),
            ("0.000001", "0.000001"),
            ("0.00000123", "0.00000123"),
            ("1e-7", "1e-7"),
            ("-1.25e-7", "-1.25e-7"),
            ("1700000000000", "1700000000000"),
            ("9007199254740992", "9007199254740992"),
            ("9007199254740993", "9007199254740992"),
            ("12345678901234567890", "12345678901234567000"),
            ("-9223372036854775808", "-9223372036854776000"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("5e-324", "5e-324"),
        ] {
            let text = restringify(&format!("{{\"n\":{json}}}"));
            assert_eq!(text, format!("{{\"n\":{expected}}}"));
        }
    }

    #[test]
    fn texts_like_javascript() {
        let json = r#"{"s":"\u0000\b\t\n\f\r\"\\\/\u001f\u007f\u2028é😀"}"#;
        let expected = "{\"s\":\"\\u0000\\b\\t\\n\\f\\r\\\"\\\\/\\u001f\u{7f}\u{2028}é😀\"}";
        assert_eq!(restringify(json), expected);
    }

    #[test]
    fn keys_like_javascript() {
        let json =
            r#"{"b":[1,{"10":0,"9":null}],"2":true,"a":{},"01":1,"0":false,"4294967295":1,"4294967294":[]}"#;
        let expected =
            r#"{"0":false,"2":true,"4294967294":[],"b":[1,{"9":null,"10":0}],"a":{},"01":1,"4294967295":1}"#;
        assert_eq!(restringify(json), expected);
    }

    proptest! {
        #[test]
        fn every_float_reads_back(float in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
            let text = float_text(float);
            prop_assert_eq!(text.parse::<f64>().unwrap(), float);
            // What was written once does not change when written again.
            let once = restringify(&format!("{{\"n\":{text}}}"));
            prop_assert_eq!(&once, &format!("{{\"n\":{text}}}"));
        }
    }
}
