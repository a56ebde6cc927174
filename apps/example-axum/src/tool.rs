//! For the command line, with the token of a session: `Authorization: Bearer`.

use aide::axum::{ApiRouter, routing::get};
use auth_axum::{Session, StrictSession};
use axum::{Json, extract::State};

use crate::book::Book;

pub(crate) fn routes() -> ApiRouter<Book> {
    ApiRouter::new().api_route("/cli/mine", get(list).delete(take_back))
}

async fn list(State(book): State<Book>, owner: Session) -> Json<Vec<String>> {
    let is_mine = |entry: &&crate::book::Entry| entry.author == owner.user.name;
    Json(book.with(|entries| entries.iter().filter(is_mine).map(|entry| entry.text.clone()).collect()))
}

/// A token that was revoked a moment ago must not do this, so the database is asked.
async fn take_back(State(book): State<Book>, owner: StrictSession) {
    book.with(|entries| entries.retain(|entry| entry.author != owner.user.name));
}
