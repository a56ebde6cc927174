//! `POST /organization/remove-team-member`: takes a member out of a team.

use auth_core::{
    Body, Cx, Json, Key, Session,
    endpoint::{Endpoint, post},
};

use super::add_member::TeamMembership;
use crate::{
    OrganizationPlugin,
    endpoints::{Said, chosen},
    standing::standing,
    store,
};

auth_core::errors! {
    pub enum RemoveTeamMemberError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_REMOVE_A_TEAM_MEMBER", "You are not allowed to remove a team member"),
        NotFound => (400, "TEAM_NOT_FOUND", "Team not found"),
        NotInIt => (400, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "User is not a member of the team"),
    }
}

pub const REMOVE_TEAM_MEMBER: Key<TeamMembership, Said> = Key::new("removeTeamMember");

pub(crate) fn endpoint() -> Endpoint {
    post(REMOVE_TEAM_MEMBER, "/organization/remove-team-member", remove)
        .summary("Takes a member out of a team")
}

async fn remove(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<TeamMembership>,
) -> Result<Json<Said>, RemoveTeamMemberError> {
    let id = chosen(input.organization_id, &session).ok_or(RemoveTeamMemberError::NoActive)?;
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(RemoveTeamMemberError::NoMember)?;
    let me = standing(&cx, &tx, &id, &session).await?;
    let me = me.ok_or(RemoveTeamMemberError::NoMember)?;
    if !me.may("member", "delete") {
        return Err(RemoveTeamMemberError::NotAllowed);
    }
    let them = store::members::of_user(&tx, &id, &input.user_id).await?;
    them.ok_or(RemoveTeamMemberError::NoMember)?;
    store::teams::find(&tx, &id, &input.team_id).await?.ok_or(RemoveTeamMemberError::NotFound)?;
    if !store::teams::leave(&tx, &input.team_id, &input.user_id).await? {
        return Err(RemoveTeamMemberError::NotInIt);
    }
    cx.call().commit_with(tx);
    Ok(Json(Said { message: "Team member removed successfully.".to_owned() }))
}
