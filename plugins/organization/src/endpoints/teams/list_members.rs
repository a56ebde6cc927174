//! `GET /organization/list-team-members`: who is in a team, for who is in it.

use auth_core::{
    Cx, Json, Key, Query, Session,
    endpoint::{Endpoint, get},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints::active_team, standing::standing, store, wire::TeamMember};

auth_core::errors! {
    pub enum ListTeamMembersError {
        NoActive => (400, "YOU_DO_NOT_HAVE_AN_ACTIVE_TEAM", "You do not have an active team"),
        NotFound => (400, "TEAM_NOT_FOUND", "Team not found"),
        NoMember => (400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "User is not a member of the team"),
    }
}

pub const LIST_TEAM_MEMBERS: Key<(), Vec<TeamMember>> = Key::new("listTeamMembers");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_TEAM_MEMBERS, "/organization/list-team-members", list).summary("The members of a team")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The active one where it is left out.
    pub team_id: Option<String>,
}

async fn list(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Vec<TeamMember>>, ListTeamMembersError> {
    let named = which.team_id.filter(|id| !id.is_empty());
    let id = named.or_else(|| active_team(&session)).ok_or(ListTeamMembersError::NoActive)?;
    let team = store::teams::anywhere(cx.db(), &id).await?.ok_or(ListTeamMembersError::NotFound)?;
    let user = session.user.id.as_str();
    let member = standing(&cx, cx.db(), &team.organization_id, &session).await?;
    member.ok_or(ListTeamMembersError::NoMember)?;
    store::teams::membership(cx.db(), &id, user).await?.ok_or(ListTeamMembersError::NoMember)?;
    let rows = store::teams::members(cx.db(), &id).await?;
    Ok(Json(rows.into_iter().map(TeamMember::from).collect()))
}
