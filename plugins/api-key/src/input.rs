//! What creating and updating have in common: the values that only the program may set, and rules.

use auth_core::{Failure, access::Permissions};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::config::{Config, Expiration};

/// A value that was sent, be it null; without it there is none.
#[allow(clippy::option_option, reason = "null and nothing are two different wishes")]
pub(crate) fn sent<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// A whole number that every database holds.
pub(crate) fn whole(name: &str, number: Option<f64>) -> Result<Option<i32>, Failure> {
    let Some(number) = number else { return Ok(None) };
    if number.fract() != 0.0 || !(0.0..=f64::from(i32::MAX)).contains(&number) {
        let text = format!("[body.{name}] Invalid input: expected a whole number from 0 to {}", i32::MAX);
        return Err(Failure::bad_request("VALIDATION_ERROR", text));
    }
    // Exact: the text of a whole number has neither fraction nor exponent.
    Ok(format!("{number:.0}").parse().ok())
}

/// How a life that was asked for is wrong.
pub(crate) enum WrongLife {
    NotAllowed,
    TooShort,
    TooLong,
}

const DAY: f64 = 86_400.0;

/// Checks a life in seconds, and gives it in milliseconds.
pub(crate) fn life(rules: &Expiration, seconds: f64) -> Result<std::time::Duration, WrongLife> {
    if !rules.custom {
        return Err(WrongLife::NotAllowed);
    }
    if seconds < f64::from(rules.min_days) * DAY {
        return Err(WrongLife::TooShort);
    }
    if seconds > f64::from(rules.max_days) * DAY {
        return Err(WrongLife::TooLong);
    }
    std::time::Duration::try_from_secs_f64(seconds).map_err(|_| WrongLife::TooLong)
}

/// How metadata is wrong.
pub(crate) enum WrongMetadata {
    NoObject,
    TooLong,
}

/// The text that is stored. Lists count as objects, as JavaScript has it.
pub(crate) fn metadata(config: &Config, value: &Value) -> Result<String, WrongMetadata> {
    if !value.is_object() && !value.is_array() {
        return Err(WrongMetadata::NoObject);
    }
    let text = value.to_string();
    if text.len() > config.metadata_limit { Err(WrongMetadata::TooLong) } else { Ok(text) }
}

/// What counts as nothing in JavaScript.
pub(crate) fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// Permissions as they are stored.
pub(crate) fn stored(permissions: &Permissions) -> Result<String, Failure> {
    serde_json::to_string(permissions).map_err(Failure::internal)
}
