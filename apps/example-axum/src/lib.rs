//! A guest book: everybody reads, whoever is signed in writes, and tearing it up needs a sign-in
//! of a short while ago.
//!
//! The API for signing in is on the same port below `/api/auth`, so a Better Auth client in the
//! pages of this application needs no configuration.

use std::sync::{Arc, Mutex, PoisonError};

use auth_axum::{Auth, FreshSession, Session};
use axum::{Router, extract::State, routing::get};

/// What people wrote.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<Vec<String>>>);

impl Book {
    fn with<T>(&self, act: impl FnOnce(&mut Vec<String>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The application's router, with the API merged in.
pub fn app(auth: &Auth) -> Router {
    Router::new()
        .route("/", get(read).post(write).delete(tear_up))
        .with_state(Book::default())
        .layer(auth.layer())
        .merge(auth.router())
}

async fn read(State(book): State<Book>, reader: Option<Session>) -> String {
    let name = reader.map_or_else(|| "stranger".to_owned(), |session| session.user.name.clone());
    let entries = book.with(|entries| entries.join("\n"));
    format!("Welcome, {name}!\n{entries}\n")
}

async fn write(State(book): State<Book>, writer: Session, text: String) {
    book.with(|entries| entries.push(format!("{}: {text}", writer.user.name)));
}

async fn tear_up(State(book): State<Book>, _: FreshSession) {
    book.with(Vec::clear);
}
