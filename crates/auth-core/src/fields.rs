//! Further fields of users and sessions that the configuration declares, and what clients send
//! for them.

use std::collections::BTreeMap;

use http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Failure,
    model::FieldValue,
    ports::utf16_len,
    schema::{Column, ColumnType},
};

/// A declared field.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldConfig {
    /// `string`, `number`, `boolean`, `date` or `json`.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// It has to be given at sign-up.
    #[serde(default)]
    pub required: bool,
    /// Users may set it themselves.
    #[serde(default = "yes")]
    pub input: bool,
    /// It is part of answers.
    #[serde(default = "yes")]
    pub returned: bool,
    /// The value where none is given.
    #[serde(default)]
    pub default: Option<Value>,
}

const fn yes() -> bool {
    true
}

impl FieldConfig {
    /// The column of this field, or what is wrong with its default.
    pub fn column(&self, name: &str) -> Result<Column, String> {
        let mut column = Column::new(name.to_owned(), self.ty);
        column.input = self.input;
        column.required = self.required;
        column.returned = self.returned;
        if let Some(default) = &self.default {
            column.default = FieldValue::accept(default, &column)
                .ok_or_else(|| format!("{default} is no {:?}", self.ty).to_lowercase())?;
        }
        Ok(column)
    }
}

/// Declared fields by name.
pub type FieldsConfig = BTreeMap<String, FieldConfig>;

/// Whether a row is made or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Required fields have to be there, and defaults are filled in.
    Create,
    /// What is not sent stays as it is.
    Update,
}

/// Takes what a client sent for declared fields. Fields that nobody declared are left out; fields
/// that clients must not set are refused, not ignored.
pub fn accept(
    columns: &[Column],
    body: &Map<String, Value>,
    input: Input,
) -> Result<Vec<(String, FieldValue)>, Failure> {
    let mut accepted = Vec::new();
    for column in columns {
        let name = column.name.as_ref();
        match body.get(name) {
            None if column.required && input == Input::Create && column.default == FieldValue::Null => {
                return Err(Failure::bad_request("MISSING_FIELD", format!("{name} is required")));
            }
            None => {}
            // A new row has the default of a field that is not the client's, whatever was sent.
            Some(_) if !column.input && input == Input::Create && column.default != FieldValue::Null => {}
            Some(_) if !column.input => {
                return Err(Failure::bad_request(
                    "FIELD_NOT_ALLOWED",
                    format!("{name} is not allowed to be set"),
                ));
            }
            Some(value) => {
                let value = FieldValue::accept(value, column).ok_or_else(|| wrong_type(column, value))?;
                accepted.push((name.to_owned(), value));
            }
        }
    }
    Ok(accepted)
}

fn wrong_type(column: &Column, value: &Value) -> Failure {
    let expected = match column.ty {
        ColumnType::Text => "string",
        ColumnType::Integer | ColumnType::BigInteger => "number",
        ColumnType::Bool => "boolean",
        ColumnType::Date => "date",
        ColumnType::Json => "json",
    };
    let received = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let message = format!("[body.{}] Invalid input: expected {expected}, received {received}", column.name);
    Failure::new(StatusCode::BAD_REQUEST, "VALIDATION_ERROR", message)
}

/// Longest name and image address. Real ones are far below; a megabyte is an attack.
const MAX_NAME: usize = 1024;
const MAX_IMAGE: usize = 64 * 1024;

/// Refuses names and images that no person has.
pub fn check_profile(name: Option<&str>, image: Option<&str>) -> Result<(), Failure> {
    for (value, field, max) in [(name, "name", MAX_NAME), (image, "image", MAX_IMAGE)] {
        let Some(value) = value else { continue };
        let wrong = if utf16_len(value) > max {
            format!("[body.{field}] Too big: expected string to have <={max} characters")
        } else if value.contains('\0') {
            format!("[body.{field}] Invalid input: contains a null character")
        } else {
            continue;
        };
        return Err(Failure::bad_request("VALIDATION_ERROR", wrong));
    }
    let scheme = image.map(|image| image.trim_start().to_ascii_lowercase());
    if scheme.is_some_and(|image| ["javascript:", "vbscript:"].iter().any(|bad| image.starts_with(bad))) {
        return Err(Failure::bad_request(
            "VALIDATION_ERROR",
            "[body.image] Invalid input: not an address of an image",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn columns() -> Vec<Column> {
        let config: FieldsConfig = serde_json::from_value(json!({
            "age": { "type": "number" },
            "plan": { "type": "string", "input": false, "default": "free" },
            "terms": { "type": "boolean", "required": true },
        }))
        .unwrap();
        config.iter().map(|(name, field)| field.column(name).unwrap()).collect()
    }

    fn body(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn takes_declared_fields_only() {
        let taken =
            accept(&columns(), &body(json!({"age": 3, "terms": true, "role": "admin"})), Input::Create)
                .unwrap();
        assert_eq!(
            taken,
            [("age".to_owned(), FieldValue::Integer(3)), ("terms".to_owned(), FieldValue::Bool(true))]
        );
    }

    #[test]
    fn refuses_what_clients_must_not_set() {
        let code =
            |value, input| accept(&columns(), &body(value), input).unwrap_err().code().unwrap().to_owned();
        assert_eq!(code(json!({"plan": "gold", "terms": true}), Input::Update), "FIELD_NOT_ALLOWED");
        assert_eq!(code(json!({"age": 3}), Input::Create), "MISSING_FIELD");
        assert_eq!(code(json!({"age": "3"}), Input::Update), "VALIDATION_ERROR");
        assert_eq!(code(json!({"age": 1e300}), Input::Update), "VALIDATION_ERROR");
    }

    #[test]
    fn defaults_have_the_type_of_their_field() {
        let field: FieldConfig = serde_json::from_value(json!({"type": "number", "default": "x"})).unwrap();
        assert!(field.column("age").is_err());
    }
}
