//! Adds somebody without an invitation. For calls in process only.

use auth_core::{
    Body, Cx, Json, Key, ServerOnly, Session,
    endpoint::{Endpoint, internal},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin, endpoints, store,
    wire::{Member, OneOrMore},
};

auth_core::errors! {
    pub enum AddMemberError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoUser => (400, "USER_NOT_FOUND", "User not found"),
        Already => (400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION", "User is already a member of this organization"),
        Full => (403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED", "Organization membership limit reached"),
        NoRole => (400, "ROLE_NOT_FOUND", "Role not found"),
        NoTeam => (400, "TEAM_NOT_FOUND", "Team not found"),
        TeamFull => (403, "TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached"),
    }
}

pub const ADD_MEMBER: Key<AddMember, Member> = Key::new("addMember");

pub(crate) fn endpoint() -> Endpoint {
    internal(ADD_MEMBER, add).summary("Adds a member without an invitation")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddMember {
    pub user_id: String,
    pub role: OneOrMore,
    /// The active one of the session on whose behalf the program calls, where it is left out.
    pub organization_id: Option<String>,
    pub team_id: Option<String>,
}

async fn add(
    cx: Cx<OrganizationPlugin>,
    _: ServerOnly,
    session: Option<Session>,
    Body(input): Body<AddMember>,
) -> Result<Json<Member>, AddMemberError> {
    let config = &cx.plugin().config;
    let named = input.organization_id.filter(|id| !id.is_empty());
    let id = named.or_else(|| session.and_then(|session| endpoints::active(&session)));
    let id = id.ok_or(AddMemberError::NoActive)?;
    let roles = input.role.names();
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(AddMemberError::NotFound)?;
    let user = cx.users().find(&tx, &input.user_id).await?.ok_or(AddMemberError::NoUser)?;
    if roles.is_empty() || !cx.plugin().unknown_roles(&tx, &id, &roles).await?.is_empty() {
        return Err(AddMemberError::NoRole);
    }
    if store::members::of_user(&tx, &id, &user.id).await?.is_some() {
        return Err(AddMemberError::Already);
    }
    if store::members::is_full(&tx, &id, config.membership_limit).await? {
        return Err(AddMemberError::Full);
    }
    let member = store::members::create(&tx, &id, &user.id, roles.join(",")).await?;
    if let Some(team_id) = input.team_id {
        if !config.teams.enabled || store::teams::find(&tx, &id, &team_id).await?.is_none() {
            return Err(AddMemberError::NoTeam);
        }
        let joined = store::teams::join(&tx, &team_id, &user.id, config.teams.maximum_members).await?;
        joined.ok_or(AddMemberError::TeamFull)?;
    }
    crate::tell(&tx, "member.added", &member);
    cx.call().commit_with(tx);
    Ok(Json(member.into()))
}
