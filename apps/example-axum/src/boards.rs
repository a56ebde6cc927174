//! Notice boards of organizations: members read and write, and nobody sees another organization's.

use aide::axum::{
    ApiRouter,
    routing::{get, put},
};
use auth_axum::{Member, Permission, Require, Scope, Scoped};
use axum::{
    Json,
    extract::{Path, State},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    notes::{Note, Notes},
    refusal::Refusal,
};

/// What a role has to grant to put up a note. API keys need the scope `note:create` too.
pub(crate) struct CreateNote;

impl Permission for CreateNote {
    const RESOURCE: &'static str = "note";
    const ACTION: &'static str = "create";
}

/// Every member may read. A credential that is good for a part only has to be good for this.
pub(crate) struct ReadNotes;

impl Scope for ReadNotes {
    const NAME: &'static str = "note:read";
}

/// The rest of the path. Which organization it is, [`Member`] says.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Which {
    note: String,
}

pub(crate) fn routes<S>() -> ApiRouter<S> {
    ApiRouter::new()
        .api_route("/organizations/{organization}/notes", get(list).post(create))
        .api_route("/organizations/{organization}/notes/{note}", put(update).delete(remove))
        .with_state(Notes::default())
}

async fn list(State(notes): State<Notes>, member: Member, _: Scoped<ReadNotes>) -> Json<Vec<Note>> {
    Json(notes.list(member.organization_id()))
}

async fn create(
    State(notes): State<Notes>,
    member: Require<CreateNote>,
    text: String,
) -> Result<Json<Note>, Refusal> {
    let text = checked(&text)?;
    Ok(Json(notes.add(member.organization_id(), member.user_id(), text)))
}

/// Whether they may depends on whose note it is, so the handler asks.
async fn update(
    State(notes): State<Notes>,
    member: Member,
    Path(which): Path<Which>,
    text: String,
) -> Result<Json<Note>, Refusal> {
    let text = checked(&text)?;
    notes.with(member.organization_id(), &which.note, |note| {
        member.demand("note", "update", Some(&note.author_id))?;
        note.text = text;
        Ok(Json(note.clone()))
    })
}

async fn remove(State(notes): State<Notes>, member: Member, Path(which): Path<Which>) -> Result<(), Refusal> {
    let organization = member.organization_id();
    notes.with(organization, &which.note, |note| {
        Ok(member.demand("note", "delete", Some(&note.author_id))?)
    })?;
    notes.remove(organization, &which.note);
    Ok(())
}

fn checked(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if (1..=500).contains(&text.chars().count()) { Ok(text.to_owned()) } else { Err(Refusal::BadText) }
}
