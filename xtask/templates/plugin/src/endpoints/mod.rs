//! One endpoint a file, in the order errors, input, output, handler.

pub(crate) mod add;
pub(crate) mod list;

use auth_core::{
    Timestamp,
    schemars::JsonSchema,
    serde::{Deserialize, Serialize},
};

use crate::schema::note;

/// A note as clients see it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde", rename_all = "camelCase")]
#[schemars(crate = "auth_core::schemars", rename = "{{Type}}Note")]
pub struct Note {
    pub id: String,
    pub text: String,
    pub created_at: Timestamp,
}

impl From<note::Model> for Note {
    fn from(row: note::Model) -> Self {
        Self { id: row.id, text: row.text, created_at: row.created_at }
    }
}
