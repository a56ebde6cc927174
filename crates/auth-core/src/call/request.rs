use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value};

use crate::Failure;

/// A request, routed and with its body parsed, but not validated.
#[derive(Clone, Debug)]
pub struct Request {
    /// `POST` of a call in process, unless it says otherwise.
    pub method: Method,
    /// Below the base path, as it was sent.
    pub path: String,
    /// What the `:name` parts of the endpoint's path stand for.
    pub params: Vec<(&'static str, String)>,
    /// The query string, each value a text or a list of texts; [`Query`](crate::Query) gives them their types.
    pub query: Map<String, Value>,
    /// As they were sent. Read with [`Call::header`](crate::Call::header), which refuses what is there twice.
    pub headers: HeaderMap,
    /// The body as JSON; forms have become objects. `None` where there was none.
    pub body: Option<Value>,
    /// What the answer's `x-trace-id` and the log lines of this request say.
    pub trace_id: String,
    /// The address at the other end of the connection.
    pub peer: Option<IpAddr>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            method: Method::POST,
            path: String::new(),
            params: Vec::new(),
            query: Map::new(),
            headers: HeaderMap::new(),
            body: None,
            trace_id: String::new(),
            peer: None,
        }
    }
}

impl Request {
    /// A call in process with a body.
    pub fn with_body(body: &impl serde::Serialize) -> Result<Self, Failure> {
        Ok(Self { body: Some(serde_json::to_value(body).map_err(Failure::internal)?), ..Self::default() })
    }

    /// Adds a header, such as the cookie of the user on whose behalf the program calls.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// What a `:name` part of the path stands for.
    #[must_use]
    pub fn param(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.push((name, value.into()));
        self
    }
}

/// A cookie to be set or, without a value, to be expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// The full name.
    pub name: String,
    /// As it goes on the wire: encoded, signed.
    pub value: Option<String>,
    /// Seconds; none for a cookie that ends with the browser.
    pub max_age: Option<u64>,
    /// Scripts of the page cannot read it. On, unless a client's own code needs the value.
    pub http_only: bool,
}

impl SetCookie {
    /// A cookie with these bytes as its value: sign and encode them first ([`Core::signer`](crate::Core::signer)).
    /// Scripts cannot read it.
    pub fn new(name: impl Into<String>, value: impl Into<String>, max_age: Option<u64>) -> Self {
        Self { name: name.into(), value: Some(value.into()), max_age, http_only: true }
    }

    /// Takes a cookie away from the browser.
    pub fn expire(name: impl Into<String>) -> Self {
        Self { name: name.into(), value: None, max_age: Some(0), http_only: true }
    }
}
