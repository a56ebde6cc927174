//! Typed clients from the OpenAPI document that the server prints (`tessera openapi`).
//!
//! One model of operations and types is read from the document, and printed as Rust or as TypeScript. What
//! the document says and the model cannot express is a [`Problem`] that names the place: nothing becomes
//! "any" silently. The output depends on the document and the options alone, and is formatted.
//!
//! ```
//! let document = auth_codegen::example();
//! let options = auth_codegen::Options::default();
//! let rust = auth_codegen::rust(&document, &options)?;
//! assert!(rust.contains("pub async fn sign("));
//! let typescript = auth_codegen::typescript(&document, &options)?;
//! assert!(typescript.contains("export interface GuestBookSign"));
//! # Ok::<(), auth_codegen::Problem>(())
//! ```
//!
//! To add a language: one module beside `rust` and `typescript` that prints `model::Api`.

#![allow(clippy::format_push_string, reason = "files are written once, and `+=` reads as what it does")]

mod model;
mod names;
mod read;
mod rust;
mod typescript;

use std::fmt;

use serde_json::{Value, json};

/// What to print.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the printed Rust finds the runtime: the path of the crate `auth-client`.
    pub runtime: String,
    /// Only operations with these tags, which are ids of plugins. Empty means all.
    pub groups: Vec<String>,
    /// Operations to leave out, by id: those that no client method can stand for, such as event streams.
    pub skip: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { runtime: "auth_client".to_owned(), groups: Vec::new(), skip: Vec::new() }
    }
}

/// What a document says and no client can express.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a path through the document.
    pub place: String,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

impl std::error::Error for Problem {}

/// One Rust module. It needs the crate `auth-client` (or what [`Options::runtime`] names) and nothing else.
pub fn rust(document: &Value, options: &Options) -> Result<String, Problem> {
    rust::print(&read::api(document, options)?, &options.runtime)
}

/// One TypeScript module. It needs `fetch` and nothing else.
pub fn typescript(document: &Value, options: &Options) -> Result<String, Problem> {
    typescript::print(&read::api(document, options)?)
}

/// A small document, for examples and tests.
#[must_use]
pub fn example() -> Value {
    let sign = json!({
        "operationId": "signGuestBook",
        "summary": "Writes a line into the book",
        "tags": ["guest-book"],
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": { "$ref": "#/components/schemas/GuestBookSign" } } },
        },
        "responses": {
            "200": {
                "description": "Success",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/GuestBookLine" } } },
            },
            "403": {
                "description": "`BOOK_CLOSED`: The book is closed",
                "content": { "application/json": { "schema": { "allOf": [
                    { "$ref": "#/components/schemas/Error" },
                    { "properties": { "code": { "enum": ["BOOK_CLOSED"] } } },
                ] } } },
            },
        },
        "security": [{ "sessionCookie": [] }],
    });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Guests", "version": "1.0.0" },
        "tags": [{ "name": "guest-book", "description": "A book that guests sign" }],
        "paths": { "/guest-book/sign": { "post": sign } },
        "components": { "schemas": {
            "GuestBookSign": {
                "type": "object",
                "properties": { "text": { "type": "string" }, "mood": { "type": "string", "enum": ["good", "bad"] } },
                "required": ["text"],
            },
            "GuestBookLine": {
                "type": "object",
                "properties": { "id": { "type": "string" }, "signedBy": { "type": ["string", "null"] } },
                "required": ["id", "signedBy"],
            },
            "Error": { "type": "object", "properties": { "code": { "type": "string" } } },
        } },
    })
}
