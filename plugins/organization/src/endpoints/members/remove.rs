//! `POST /organization/remove-member`: takes somebody out of an organization.

use auth_core::{
    Body, Cx, Json, Key, Session,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::{active, chosen, refresh, set_active},
    standing::standing,
    store,
    wire::{Member, MemberUser},
};

auth_core::errors! {
    pub enum RemoveError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotFound => (400, "MEMBER_NOT_FOUND", "Member not found"),
        LastOwner => (400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER", "You cannot leave the organization as the only owner"),
        NotAllowed => (401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER", "You are not allowed to delete this member"),
    }
}

pub const REMOVE: Key<Remove, Removed> = Key::new("removeMember");

pub(crate) fn endpoint() -> Endpoint {
    post(REMOVE, "/organization/remove-member", remove).summary("Takes somebody out of an organization")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Remove {
    pub member_id_or_email: String,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    pub member: Member,
}

async fn remove(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<Remove>,
) -> Result<Json<Removed>, RemoveError> {
    let plugin = cx.plugin();
    let id = chosen(input.organization_id, &session).ok_or(RemoveError::NoActive)?;
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(RemoveError::NotFound)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(RemoveError::NotFound)?;
    let who = &input.member_id_or_email;
    let (row, user) = if who.contains('@') {
        let found = store::members::by_email(&cx, &tx, &id, who).await?.ok_or(RemoveError::NotFound)?;
        (found.0, Some(MemberUser::from(&found.1)))
    } else {
        (store::members::find(&tx, &id, who).await?.ok_or(RemoveError::NotFound)?, None)
    };
    if plugin.roles.is_creator(&row.role) {
        let owner = me.owns();
        if !owner || !store::members::another_creator(&tx, &plugin.roles, &row).await? {
            return Err(RemoveError::LastOwner);
        }
    }
    if !me.may("member", "delete") {
        return Err(RemoveError::NotAllowed);
    }
    store::members::delete(&tx, &row, plugin.config.teams.enabled).await?;
    if row.user_id == session.user.id && active(&session).as_ref() == Some(&id) {
        let changed = set_active(&cx, &tx, &session, None).await?;
        refresh(&cx, &session, changed);
    }
    crate::tell(&tx, "member.removed", &row);
    cx.call().commit_with(tx);
    Ok(Json(Removed { member: Member { user, ..row.into() } }))
}
