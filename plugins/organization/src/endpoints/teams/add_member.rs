//! `POST /organization/add-team-member`: puts a member of the organization into a team.

use auth_core::{
    Body, Cx, Json, Key, Session,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints::chosen, standing::standing, store, wire::TeamMember};

auth_core::errors! {
    pub enum AddTeamMemberError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_TEAM_MEMBER", "You are not allowed to create a new member"),
        NotFound => (400, "TEAM_NOT_FOUND", "Team not found"),
        Full => (403, "TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached"),
    }
}

pub const ADD_TEAM_MEMBER: Key<TeamMembership, TeamMember> = Key::new("addTeamMember");

pub(crate) fn endpoint() -> Endpoint {
    post(ADD_TEAM_MEMBER, "/organization/add-team-member", add).summary("Puts a member into a team")
}

/// Who, and which team.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamMembership {
    pub team_id: String,
    pub user_id: String,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

async fn add(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<TeamMembership>,
) -> Result<Json<TeamMember>, AddTeamMemberError> {
    let plugin = cx.plugin();
    let id = chosen(input.organization_id, &session).ok_or(AddTeamMemberError::NoActive)?;
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(AddTeamMemberError::NoMember)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(AddTeamMemberError::NoMember)?;
    if !me.may("member", "update") {
        return Err(AddTeamMemberError::NotAllowed);
    }
    let them = store::members::of_user(&tx, &id, &input.user_id).await?;
    them.ok_or(AddTeamMemberError::NoMember)?;
    store::teams::find(&tx, &id, &input.team_id).await?.ok_or(AddTeamMemberError::NotFound)?;
    let limit = plugin.config.teams.maximum_members;
    let row = store::teams::join(&tx, &input.team_id, &input.user_id, limit).await?;
    let row = row.ok_or(AddTeamMemberError::Full)?;
    cx.call().commit_with(tx);
    Ok(Json(row.into()))
}
