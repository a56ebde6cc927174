//! `POST /organization/remove-team`: removes a team; its members stay in the organization.

use auth_core::{
    Body, Cx, Failure, Json, Key, Session,
    endpoint::{Endpoint, post},
    http::StatusCode,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::{Said, active, active_team},
    standing::standing,
    store,
};

auth_core::errors! {
    pub enum RemoveTeamError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotThis => (403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_TEAM", "You are not allowed to delete this team"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_TEAMS_IN_THIS_ORGANIZATION", "You are not allowed to delete teams in this organization"),
        NotFound => (400, "TEAM_NOT_FOUND", "Team not found"),
        Last => (400, "UNABLE_TO_REMOVE_LAST_TEAM", "Unable to remove last team"),
    }
}

pub const REMOVE_TEAM: Key<RemoveTeam, Said> = Key::new("removeTeam");

pub(crate) fn endpoint() -> Endpoint {
    post(REMOVE_TEAM, "/organization/remove-team", remove).summary("Removes a team")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemoveTeam {
    pub team_id: String,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

async fn remove(
    cx: Cx<OrganizationPlugin>,
    session: Option<Session>,
    Body(input): Body<RemoveTeam>,
) -> Result<Json<Said>, RemoveTeamError> {
    let plugin = cx.plugin();
    let named = input.organization_id.filter(|id| !id.is_empty());
    let id = named.or_else(|| session.as_ref().and_then(|session| active(session)));
    let id = id.ok_or(RemoveTeamError::NoActive)?;
    let session = session.ok_or_else(|| Failure::empty(StatusCode::UNAUTHORIZED))?;
    let tx = cx.begin().await?;
    // Of the last two teams, two requests at the same moment leave one.
    store::organizations::lock(&tx, &id).await?.ok_or(RemoveTeamError::NotThis)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(RemoveTeamError::NotThis)?;
    if active_team(&session).as_ref() == Some(&input.team_id) {
        return Err(RemoveTeamError::NotThis);
    }
    if !me.may("team", "delete") {
        return Err(RemoveTeamError::NotAllowed);
    }
    let row = store::teams::find(&tx, &id, &input.team_id).await?.ok_or(RemoveTeamError::NotFound)?;
    if !plugin.config.teams.allow_removing_all && store::teams::count(&tx, &id).await? <= 1 {
        return Err(RemoveTeamError::Last);
    }
    store::teams::delete(&tx, &row).await?;
    cx.call().commit_with(tx);
    Ok(Json(Said { message: "Team removed successfully.".to_owned() }))
}
