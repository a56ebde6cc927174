//! `POST /organization/accept-invitation`: the invited user joins.

use auth_core::{
    Body, Cx, Json, Key, WholeSession,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::{answer_refused, current};
use crate::{
    OrganizationPlugin,
    access::names,
    endpoints::{refresh, set_active, set_active_team},
    schema::invitation,
    store,
    wire::{Invitation, Member},
};

auth_core::errors! {
    pub enum AcceptError {
        NotFound => (400, "INVITATION_NOT_FOUND", "Invitation not found"),
        Recipient => (403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", "You are not the recipient of the invitation"),
        Unverified => (403, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION", "Email verification required before accepting or rejecting invitation"),
        Full => (403, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED", "Organization membership limit reached"),
        Already => (400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION", "User is already a member of this organization"),
        NoRole => (400, "ROLE_NOT_FOUND", "Role not found"),
        NoTeam => (400, "TEAM_NOT_FOUND", "Team not found"),
        TeamFull => (403, "TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached"),
    }
}

pub const ACCEPT: Key<Accept, Accepted> = Key::new("acceptInvitation");

pub(crate) fn endpoint() -> Endpoint {
    post(ACCEPT, "/organization/accept-invitation", accept).summary("Joins by an invitation")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Accept {
    pub invitation_id: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    pub invitation: Invitation,
    pub member: Member,
}

async fn accept(
    cx: Cx<OrganizationPlugin>,
    session: WholeSession,
    Body(input): Body<Accept>,
) -> Result<Json<Accepted>, AcceptError> {
    let plugin = cx.plugin();
    let config = &plugin.config;
    let user = current(&cx, &session).await?;
    let found =
        store::invitations::find(cx.db(), &input.invitation_id).await?.ok_or(AcceptError::NotFound)?;
    let tx = cx.begin().await?;
    let id = found.organization_id.as_str();
    store::organizations::lock(&tx, id).await?.ok_or(AcceptError::NotFound)?;
    // Again: it may have been canceled or accepted before the lock was ours.
    let row = store::invitations::find(&tx, &found.id).await?.ok_or(AcceptError::NotFound)?;
    if row.status != store::invitations::PENDING || row.expires_at <= cx.now() {
        return Err(AcceptError::NotFound);
    }
    plugin.check_recipient(&user, &row).map_err(|why| answer_refused(&why))?;
    if store::members::of_user(&tx, id, &user.id).await?.is_some() {
        return Err(AcceptError::Already);
    }
    if store::members::is_full(&tx, id, config.membership_limit).await? {
        return Err(AcceptError::Full);
    }
    // A role that has gone must not come back to life for its old guests when there is another of its name.
    let role = row.role.clone().unwrap_or_else(|| "member".to_owned());
    let roles: Vec<String> = names(&role).map(str::to_owned).collect();
    if !plugin.unknown_roles(&tx, id, &roles).await?.is_empty() {
        return Err(AcceptError::NoRole);
    }
    if !store::invitations::settle(&tx, &row.id, store::invitations::ACCEPTED).await? {
        return Err(AcceptError::NotFound);
    }
    // The session's row before the user's, which the new member refers to: as when a user is deleted.
    let mut changed = set_active(&cx, &tx, &session, Some(id.to_owned())).await?;
    let member = store::members::create(&tx, id, &user.id, role).await?;
    let teams: Vec<&str> = match &row.team_id {
        Some(list) if config.teams.enabled => names(list).collect(),
        _ => Vec::new(),
    };
    for team in &teams {
        store::teams::find(&tx, id, team).await?.ok_or(AcceptError::NoTeam)?;
        let joined = store::teams::join(&tx, team, &user.id, config.teams.maximum_members).await?;
        joined.ok_or(AcceptError::TeamFull)?;
    }
    if let [team] = teams.as_slice() {
        changed = set_active_team(&cx, &tx, &session, Some((*team).to_owned())).await?;
        cx.call().reissue_session(changed, user.clone());
    } else {
        refresh(&cx, &session, changed);
    }
    crate::tell(&tx, "member.added", &member);
    cx.call().commit_with(tx);
    let invitation = invitation::Model { status: store::invitations::ACCEPTED.to_owned(), ..row };
    Ok(Json(Accepted { invitation: plugin.shown(invitation), member: member.into() }))
}
