//! `POST /organization/update-member-role`: gives a member other roles.

use auth_core::{
    Body, Cx, Failure, Json, Key, Session,
    endpoint::{Endpoint, post},
    http::StatusCode,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::chosen,
    standing::standing,
    store,
    wire::{Member, OneOrMore},
};

auth_core::errors! {
    pub enum UpdateRoleError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotFound => (400, "MEMBER_NOT_FOUND", "Member not found"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "You are not allowed to update this member"),
        LastOwner => (400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER", "You cannot leave the organization without an owner"),
        NoRole => (400, "ROLE_NOT_FOUND", "Role not found"),
    }
}

pub const UPDATE_ROLE: Key<UpdateRole, Member> = Key::new("updateMemberRole");

pub(crate) fn endpoint() -> Endpoint {
    post(UPDATE_ROLE, "/organization/update-member-role", update_role).summary("Gives a member other roles")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRole {
    pub role: OneOrMore,
    pub member_id: String,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

async fn update_role(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<UpdateRole>,
) -> Result<Json<Member>, UpdateRoleError> {
    let plugin = cx.plugin();
    let none = || Failure::empty(StatusCode::BAD_REQUEST);
    if matches!(&input.role, OneOrMore::One(role) if role.is_empty()) {
        return Err(none().into());
    }
    let id = chosen(input.organization_id, &session).ok_or(UpdateRoleError::NoActive)?;
    let roles = input.role.names();
    if roles.is_empty() {
        return Err(none().into());
    }
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(UpdateRoleError::NotFound)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(UpdateRoleError::NotFound)?;
    let mut row = match store::members::find(&tx, &id, &input.member_id).await? {
        Some(row) => row,
        // A member of another organization is nobody's business here; that there is one, the wire tells.
        None if store::members::exists(&tx, &input.member_id).await? => {
            return Err(UpdateRoleError::NotAllowed);
        }
        None => return Err(UpdateRoleError::NotFound),
    };
    let wanted = roles.join(",");
    let (was_owner, is_owner) = (plugin.roles.is_creator(&row.role), plugin.roles.is_creator(&wanted));
    let by_owner = me.owns();
    if (was_owner || is_owner) && !by_owner {
        return Err(UpdateRoleError::NotAllowed);
    }
    if was_owner && !is_owner && !store::members::another_creator(&tx, &plugin.roles, &row).await? {
        return Err(UpdateRoleError::LastOwner);
    }
    if !by_owner && !me.may("member", "update") {
        return Err(UpdateRoleError::NotAllowed);
    }
    let unknown = plugin.unknown_roles(&tx, &id, &roles).await?;
    if !unknown.is_empty() {
        let text = format!("ROLE_NOT_FOUND: {}", unknown.join(", "));
        return Err(Failure::bad_request("ROLE_NOT_FOUND", text).into());
    }
    store::members::set_role(&tx, &id, &row.id, &wanted).await?;
    row.role = wanted;
    crate::tell(&tx, "member.role_changed", &row);
    cx.call().commit_with(tx);
    Ok(Json(row.into()))
}
