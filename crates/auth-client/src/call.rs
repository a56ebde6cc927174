//! One request, as written clients put it together.

use std::fmt::Write;

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::Value;

use crate::BoxError;

/// What may stand in a part of a path or a query as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request below the base address. What cannot be sent is told when it is sent.
#[derive(Debug)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) problem: Option<BoxError>,
}

macro_rules! methods {
    ($($name:ident $method:ident),*) => {
        $(pub fn $name(path: &str) -> Self {
            Self { method: Method::$method, path: path.to_owned(), body: None, problem: None }
        })*
    };
}

impl Call {
    methods!(get GET, post POST, put PUT, patch PATCH, delete DELETE, head HEAD, options OPTIONS);

    /// Goes on with the path as it is.
    pub fn literal(&mut self, text: &str) {
        self.path.push_str(text);
    }

    /// Goes on with one part of the path, whatever is in it.
    pub fn segment(&mut self, value: &str) {
        if matches!(value, "" | "." | "..") {
            // These would lead to another endpoint.
            self.problem = Some(format!("`{value}` cannot be a part of a path").into());
        }
        self.path.extend(utf8_percent_encode(value, PLAIN));
    }

    pub fn body<T: Serialize>(&mut self, body: &T) {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body = Some(bytes),
            Err(error) => self.problem = Some(error.into()),
        }
    }

    pub fn optional_body<T: Serialize>(&mut self, body: Option<&T>) {
        if let Some(body) = body {
            self.body(body);
        }
    }

    /// The fields of a structure; lists are said several times, and nothing is said of what is absent.
    pub fn query<T: Serialize>(&mut self, query: &T) {
        let fields = match serde_json::to_value(query) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return self.problem = Some("a query is a structure".into()),
            Err(error) => return self.problem = Some(error.into()),
        };
        for (name, value) in &fields {
            match value {
                Value::Array(values) => values.iter().for_each(|value| self.pair(name, value)),
                value => self.pair(name, value),
            }
        }
    }

    fn pair(&mut self, name: &str, value: &Value) {
        let text = match value {
            Value::Null => return,
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => {
                self.problem = Some(format!("`{name}` does not fit into a query").into());
                return;
            }
        };
        let sign = if self.path.contains('?') { '&' } else { '?' };
        let (name, text) = (utf8_percent_encode(name, PLAIN), utf8_percent_encode(&text, PLAIN));
        // Writing to a text does not fail.
        let _ = write!(self.path, "{sign}{name}={text}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_and_queries_are_escaped() {
        let mut call = Call::get("/reset/");
        call.segment("a/b ?");
        call.literal("/end");
        call.query(&json!({ "a": "x&y=z", "b": [1, true], "c": null }));
        assert_eq!(call.path, "/reset/a%2Fb%20%3F/end?a=x%26y%3Dz&b=1&b=true");
        assert!(call.problem.is_none());
    }

    #[test]
    fn a_value_cannot_lead_to_another_endpoint() {
        for value in ["", ".", ".."] {
            let mut call = Call::get("/reset/");
            call.segment(value);
            assert!(call.problem.is_some(), "{value:?}");
        }
    }

    #[test]
    fn objects_do_not_fit_into_a_query() {
        let mut call = Call::get("/");
        call.query(&json!({ "a": { "b": 1 } }));
        assert!(call.problem.is_some());
    }
}
