//! For services, with a signed token that says who they are and what it is good for.

use aide::axum::{ApiRouter, routing::get};
use auth_axum::{Claims, Scope, Scoped};
use axum::{Json, extract::State};
use serde::Deserialize;

use crate::book::Book;

pub(crate) struct Read;

impl Scope for Read {
    const NAME: &'static str = "entries:read";
}

pub(crate) struct Write;

impl Scope for Write {
    const NAME: &'static str = "entries:write";
}

/// What a token has to say of whom it lets write.
#[derive(Deserialize)]
pub(crate) struct Author {
    name: String,
}

pub(crate) fn routes() -> ApiRouter<Book> {
    ApiRouter::new().api_route("/api/entries", get(list).post(add))
}

async fn list(State(book): State<Book>, _: Scoped<Read>) -> Json<Vec<String>> {
    Json(book.lines())
}

async fn add(State(book): State<Book>, _: Scoped<Write>, Claims(author): Claims<Author>, text: String) {
    book.add(&author.name, text);
}
