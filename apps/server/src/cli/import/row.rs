//! A row of another system's table. Its columns are found whether they are written `emailVerified`,
//! `email_verified` or `EMAILVERIFIED`, and its values whether they came as JSON or as text.

use std::collections::HashMap;

use auth_core::Timestamp;
use serde_json::{Map, Value};

pub(super) struct Row(HashMap<String, Value>);

impl Row {
    /// Nothing where it is no object.
    pub(super) fn new(value: Value) -> Result<Self, String> {
        match value {
            Value::Object(map) => Ok(Self::of(map)),
            _ => Err("is no JSON object".to_owned()),
        }
    }

    pub(super) fn of(map: Map<String, Value>) -> Self {
        Self(map.into_iter().map(|(name, value)| (fold(&name), value)).collect())
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(&fold(name)).filter(|value| !value.is_null())
    }

    /// Whether there is more than nothing in a column.
    pub(super) fn has(&self, name: &str) -> bool {
        match self.get(name) {
            None => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Object(map)) => !map.is_empty(),
            Some(_) => true,
        }
    }

    /// A text, or a number as one. An empty one is none.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(format!("`{name}` is no text")),
        }
    }

    /// A switch; off where there is none.
    pub(super) fn flag(&self, name: &str) -> Result<bool, String> {
        let wrong = || Err(format!("`{name}` is neither true nor false"));
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(on)) => Ok(*on),
            Some(Value::Number(number)) => match number.as_i64() {
                Some(0) => Ok(false),
                Some(1) => Ok(true),
                _ => wrong(),
            },
            Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
                "" | "f" | "false" | "0" => Ok(false),
                "t" | "true" | "1" => Ok(true),
                _ => wrong(),
            },
            Some(_) => wrong(),
        }
    }

    /// A point in time: RFC 3339, as PostgreSQL prints it, or seconds or milliseconds since 1970.
    pub(super) fn when(&self, name: &str) -> Result<Option<Timestamp>, String> {
        let parsed = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) => match text.parse() {
                Ok(number) => Some(since_1970(number)),
                Err(_) => parse(text),
            },
            Some(Value::Number(number)) => number.as_i64().map(since_1970),
            Some(_) => None,
        };
        parsed.map(Some).ok_or_else(|| format!("`{name}` is no point in time"))
    }

    /// The objects of a list, which may be JSON in a text.
    pub(super) fn list(&self, name: &str) -> Result<Vec<Row>, String> {
        match self.nested(name)? {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => list.into_iter().map(Row::new).collect(),
            Some(_) => Err(format!("`{name}` is no list")),
        }
    }

    /// An object, which may be JSON in a text. An empty one where there is none.
    pub(super) fn object(&self, name: &str) -> Result<Row, String> {
        match self.nested(name)? {
            None => Ok(Row::of(Map::new())),
            Some(value) => Row::new(value).map_err(|_| format!("`{name}` is no object")),
        }
    }

    fn nested(&self, name: &str) -> Result<Option<Value>, String> {
        match self.get(name) {
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => {
                serde_json::from_str(text).map(Some).map_err(|_| format!("`{name}` is no JSON"))
            }
            other => Ok(other.cloned()),
        }
    }

    /// The first text of a list of texts or numbers, which is how some write single values.
    pub(super) fn first(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::Array(list) => list.first()?.as_str().map(str::to_owned),
            Value::String(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// By what a person can be found again in the file.
    pub(super) fn label(&self) -> Option<String> {
        ["email", "id", "username", "userId"].iter().find_map(|name| self.text(name).ok().flatten())
    }
}

fn fold(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Seconds or milliseconds: the former only pass the bound in the year 5138.
fn since_1970(number: i64) -> Timestamp {
    let seconds = number.unsigned_abs() < 100_000_000_000;
    Timestamp::from_unix_millis(if seconds { number.saturating_mul(1000) } else { number })
}

/// `2024-05-01 10:00:00.12+00` and the like. Without a zone it is UTC.
fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (date, time) = text.split_at_checked(10)?;
    if time.is_empty() {
        return Timestamp::parse(&format!("{date}T00:00:00Z"));
    }
    let time = time.strip_prefix(['T', 't', ' '])?.trim_end_matches([' ', 'Z', 'z']);
    let (time, zone) = match time.find(['+', '-']) {
        Some(at) => time.split_at_checked(at)?,
        None => (time, "+00:00"),
    };
    let zone = match zone.len() {
        3 => format!("{zone}:00"),
        5 => {
            let (hours, minutes) = zone.split_at_checked(3)?;
            format!("{hours}:{minutes}")
        }
        _ => zone.to_owned(),
    };
    Timestamp::parse(&format!("{date}T{time}{zone}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn points_in_time_come_in_many_spellings() {
        for (value, expected) in [
            (json!("2024-05-01T10:00:00.123Z"), "2024-05-01T10:00:00.123Z"),
            (json!("2024-05-01 10:00:00.123456+00"), "2024-05-01T10:00:00.123Z"),
            (json!("2024-05-01 12:00:00+0200"), "2024-05-01T10:00:00.000Z"),
            (json!("2024-05-01T12:00:00+02:00"), "2024-05-01T10:00:00.000Z"),
            (json!("2024-05-01 10:00:00"), "2024-05-01T10:00:00.000Z"),
            (json!("2024-05-01"), "2024-05-01T00:00:00.000Z"),
            (json!(1_714_557_600), "2024-05-01T10:00:00.000Z"),
            (json!("1714557600000"), "2024-05-01T10:00:00.000Z"),
            (json!(i64::MIN), "0000-01-01T00:00:00.000Z"),
        ] {
            let row = Row::new(json!({ "created_at": value })).unwrap_or_else(|why| panic!("{why}"));
            assert_eq!(row.when("createdAt").unwrap().unwrap().to_string(), expected, "{value}");
        }
        for value in [
            json!("soon"),
            json!("2024-05-01x"),
            json!("2024-13-01"),
            json!(true),
            json!(1.5),
            json!("ééééé+1"),
        ] {
            let row = Row::new(json!({ "at": value })).unwrap_or_else(|why| panic!("{why}"));
            assert!(row.when("at").is_err(), "{value}");
        }
    }

    #[test]
    fn columns_are_found_in_every_spelling_and_wrong_types_are_told() {
        let row =
            json!({ "EMAIL_verified": "t", "userid": 7, "meta": "{\"a\":1}", "bad": [1], "worse": "{" });
        let row = Row::new(row).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(row.flag("emailVerified"), Ok(true));
        assert_eq!(row.text("user_id"), Ok(Some("7".to_owned())));
        assert_eq!(row.object("meta").map(|meta| meta.has("a")), Ok(true));
        assert!(row.text("bad").is_err() && row.flag("bad").is_err() && row.list("worse").is_err());
        assert!(row.flag("userid").is_err() && row.object("bad").is_err() && row.list("bad").is_err());
        assert_eq!(row.text("none"), Ok(None));
    }

    proptest! {
        #[test]
        fn no_date_panics(text in "\\PC*", like in "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]?[0-9:.+é-]{0,20}") {
            let _ = (parse(&text), parse(&like));
        }
    }
}
