//! `GET /{{id}}/list`: the caller's notes, oldest first.

use auth_core::{
    Cx, Failure, Json, Key, Session,
    endpoint::{Endpoint, get},
    sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder},
};

use super::Note;
use crate::{{{Type}}, schema::note};

pub const LIST: Key<(), Vec<Note>> = Key::new("{{camel}}List");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST, "/{{id}}/list", list).summary("Lists the caller's notes")
}

async fn list(cx: Cx<{{Type}}>, session: Session) -> Result<Json<Vec<Note>>, Failure> {
    let notes = note::Entity::find()
        .filter(note::Column::UserId.eq(session.user.id.as_str()))
        .order_by_asc(note::Column::CreatedAt)
        .order_by_asc(note::Column::Id)
        .all(cx.db())
        .await?;
    Ok(Json(notes.into_iter().map(Note::from).collect()))
}
