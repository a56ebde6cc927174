//! `POST /organization/update-team`: gives a team another name.

use auth_core::{
    Body, Cx, Json, Key, Session,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::{check_texts, chosen},
    standing::standing,
    store,
    wire::Team,
};

auth_core::errors! {
    pub enum UpdateTeamError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_TEAM", "You are not allowed to update this team"),
        NotFound => (400, "TEAM_NOT_FOUND", "Team not found"),
    }
}

pub const UPDATE_TEAM: Key<UpdateTeam, Team> = Key::new("updateTeam");

pub(crate) fn endpoint() -> Endpoint {
    post(UPDATE_TEAM, "/organization/update-team", update).summary("Changes a team")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateTeam {
    pub team_id: String,
    pub data: TeamChanges,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamChanges {
    #[schemars(length(min = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organization of the team, which it stays in; the active one where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

async fn update(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<UpdateTeam>,
) -> Result<Json<Team>, UpdateTeamError> {
    let id = chosen(input.data.organization_id, &session).ok_or(UpdateTeamError::NoActive)?;
    check_texts(input.data.name.as_deref(), None, None)?;
    let tx = cx.begin().await?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(UpdateTeamError::NotAllowed)?;
    if !me.may("team", "update") {
        return Err(UpdateTeamError::NotAllowed);
    }
    let mut row = store::teams::find(&tx, &id, &input.team_id).await?.ok_or(UpdateTeamError::NotFound)?;
    row.name = input.data.name.unwrap_or(row.name);
    row.updated_at = Some(cx.now());
    if !store::teams::rename(&tx, &mut row).await? {
        return Err(UpdateTeamError::NotFound);
    }
    cx.call().commit_with(tx);
    Ok(Json(row.into()))
}
