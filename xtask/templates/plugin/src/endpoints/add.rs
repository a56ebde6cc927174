//! `POST /{{id}}/add`: keeps a note of the caller.

use auth_core::{
    Body, Cx, Json, Key, StrictSession,
    endpoint::{Endpoint, post},
    model::{FieldValue, UserPatch},
    schemars::JsonSchema,
    sea_orm::ActiveModelTrait,
    serde::{Deserialize, Serialize},
};

use super::Note;
use crate::{
    {{Type}},
    schema::{Written, note},
};

pub const ADD: Key<Input, Note> = Key::new("{{camel}}Add");

pub(crate) fn endpoint() -> Endpoint {
    post(ADD, "/{{id}}/add", add).summary("Keeps a note")
}

auth_core::errors! {
    pub(crate) enum AddError {
        Empty => (400, "NOTE_IS_EMPTY", "A note needs text"),
        TooMany => (403, "TOO_MANY_NOTES", "There are too many notes"),
        Gone => (404, "USER_NOT_FOUND", "User not found"),
    }
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(crate = "auth_core::serde")]
#[schemars(crate = "auth_core::schemars", rename = "{{Type}}Input")]
pub struct Input {
    /// What to keep.
    pub text: String,
}

async fn add(
    cx: Cx<{{Type}}>,
    session: StrictSession,
    Body(input): Body<Input>,
) -> Result<Json<Note>, AddError> {
    if input.text.trim().is_empty() {
        return Err(AddError::Empty);
    }
    let tx = cx.begin().await?;
    let user = cx.users().find(&tx, &session.user.id).await?.ok_or(AddError::Gone)?;
    // Two notes of the same moment may both pass: this limit is a courtesy, not a guarantee.
    let Written { count } = user.ext();
    if count >= i64::from(cx.plugin().config.limit) {
        return Err(AddError::TooMany);
    }
    let row = note::Model::draft(&cx, &user.id, input.text);
    note::ActiveModel::from(row.clone()).insert(&tx).await?;
    let counted = ("{{camel}}Count".to_owned(), FieldValue::from(count + 1));
    cx.users().update(&tx, &user.id, UserPatch { extra: vec![counted], ..UserPatch::default() }).await?;
    cx.call().commit_with(tx);
    Ok(Json(row.into()))
}
