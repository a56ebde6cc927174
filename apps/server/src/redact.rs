//! Secrets out of what is printed.

use auth_core::serde_json::{Map, Value};

const SHOWN: &str = "[secret]";

/// Replaces the values of keys that name secrets, at any depth.
pub(crate) fn secrets(map: &mut Map<String, Value>) {
    for (key, value) in map.iter_mut() {
        match value {
            Value::Object(inner) => secrets(inner),
            Value::Array(items) if key == "secrets" => {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    item.insert("value".to_owned(), SHOWN.into());
                }
            }
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(secrets),
            Value::String(text) if is_secret(key) && !text.is_empty() => SHOWN.clone_into(text),
            Value::String(text) if key == "url" || key.ends_with("_url") => {
                *text = auth_store::redact_url(text);
            }
            _ => {}
        }
    }
}

fn is_secret(key: &str) -> bool {
    ["secret", "password", "private_key", "token", "credential"].iter().any(|word| key.ends_with(word))
}

/// TOML has no null, and leaving a key out says the same.
pub(crate) fn without_nulls(map: &mut Map<String, Value>) {
    map.retain(|_, value| !value.is_null());
    for value in map.values_mut() {
        match value {
            Value::Object(inner) => without_nulls(inner),
            Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(without_nulls),
            _ => {}
        }
    }
}
