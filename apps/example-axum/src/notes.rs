//! What is on the boards. A database would do it in the same way: each query names the organization.

use std::sync::{Arc, Mutex, PoisonError};

use schemars::JsonSchema;
use serde::Serialize;

use crate::refusal::Refusal;

#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Note {
    pub(crate) id: String,
    pub(crate) organization_id: String,
    pub(crate) author_id: String,
    pub(crate) text: String,
}

#[derive(Default)]
struct Table {
    last_id: u64,
    rows: Vec<Note>,
}

#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Table>>);

impl Notes {
    fn table<T>(&self, act: impl FnOnce(&mut Table) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn list(&self, organization_id: &str) -> Vec<Note> {
        let is_theirs = |note: &&Note| note.organization_id == organization_id;
        self.table(|table| table.rows.iter().filter(is_theirs).cloned().collect())
    }

    pub(crate) fn add(&self, organization_id: &str, author_id: &str, text: String) -> Note {
        self.table(|table| {
            table.last_id += 1;
            let (organization_id, author_id) = (organization_id.to_owned(), author_id.to_owned());
            let note = Note { id: table.last_id.to_string(), organization_id, author_id, text };
            table.rows.push(note.clone());
            note
        })
    }

    /// Looks at a note or changes it. Another organization's is not there.
    pub(crate) fn with<T>(
        &self,
        organization_id: &str,
        id: &str,
        act: impl FnOnce(&mut Note) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.table(|table| {
            let mut theirs = table.rows.iter_mut().filter(|note| note.organization_id == organization_id);
            act(theirs.find(|note| note.id == id).ok_or(Refusal::NoNote)?)
        })
    }

    pub(crate) fn remove(&self, organization_id: &str, id: &str) {
        let is_it = |note: &Note| note.organization_id == organization_id && note.id == id;
        self.table(|table| table.rows.retain(|note| !is_it(note)));
    }
}
