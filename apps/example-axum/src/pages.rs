//! For browsers, with a cookie.

use aide::axum::{ApiRouter, routing::get};
use auth_axum::{FreshSession, Identity, Session};
use axum::extract::State;

use crate::book::Book;

pub(crate) fn routes() -> ApiRouter<Book> {
    ApiRouter::new().api_route("/", get(read).post(write).delete(tear_up))
}

async fn read(State(book): State<Book>, reader: Option<Identity>) -> String {
    let name = reader.as_ref().and_then(Identity::user).map_or("stranger", |user| &user.name);
    format!("Welcome, {name}!\n{}\n", book.lines().join("\n"))
}

async fn write(State(book): State<Book>, writer: Session, text: String) {
    book.add(&writer.user.name, text);
}

async fn tear_up(State(book): State<Book>, _: FreshSession) {
    book.with(Vec::clear);
}
