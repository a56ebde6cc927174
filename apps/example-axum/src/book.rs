//! What people wrote.

use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) author: String,
    pub(crate) text: String,
}

#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Vec<Entry>>>);

impl Book {
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn add(&self, author: &str, text: String) {
        self.with(|entries| entries.push(Entry { author: author.to_owned(), text }));
    }

    /// One line an entry.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.with(|entries| entries.iter().map(|entry| format!("{}: {}", entry.author, entry.text)).collect())
    }
}
