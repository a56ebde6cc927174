//! `POST /organization/leave`: the caller leaves an organization.

use auth_core::{
    Body, Cx, Json, Key, WholeSession,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::{active, refresh, set_active},
    store,
    wire::{Member, MemberUser},
};

auth_core::errors! {
    pub enum LeaveError {
        NotFound => (400, "MEMBER_NOT_FOUND", "Member not found"),
        LastOwner => (400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER", "You cannot leave the organization as the only owner"),
    }
}

pub const LEAVE: Key<Leave, Member> = Key::new("leaveOrganization");

pub(crate) fn endpoint() -> Endpoint {
    post(LEAVE, "/organization/leave", leave).summary("Leaves an organization")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Leave {
    pub organization_id: String,
}

async fn leave(
    cx: Cx<OrganizationPlugin>,
    session: WholeSession,
    Body(input): Body<Leave>,
) -> Result<Json<Member>, LeaveError> {
    let plugin = cx.plugin();
    let id = input.organization_id;
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(LeaveError::NotFound)?;
    let row = store::members::of_user(&tx, &id, &session.user.id).await?.ok_or(LeaveError::NotFound)?;
    if plugin.roles.is_creator(&row.role)
        && !store::members::another_creator(&tx, &plugin.roles, &row).await?
    {
        return Err(LeaveError::LastOwner);
    }
    store::members::delete(&tx, &row, plugin.config.teams.enabled).await?;
    if active(&session).as_ref() == Some(&id) {
        let changed = set_active(&cx, &tx, &session, None).await?;
        refresh(&cx, &session, changed);
    }
    crate::tell(&tx, "member.removed", &row);
    cx.call().commit_with(tx);
    Ok(Json(Member::with(row, MemberUser::from(session.user.as_ref()))))
}
