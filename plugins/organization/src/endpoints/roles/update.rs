//! `POST /organization/update-role`: changes a role that an organization made for itself.

use auth_core::{
    Body, Cx, Failure, Json, Key, Session,
    access::Permissions,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::{NotThese, Selection, lacking, name};
use crate::{OrganizationPlugin, endpoints::chosen, standing::standing, store, wire::Role};

auth_core::errors! {
    pub enum UpdateRoleError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE", "You are not allowed to update a role"),
        NotFound => (400, "ROLE_NOT_FOUND", "Role not found"),
        NoResource => (400, "INVALID_RESOURCE", "The provided permission includes an invalid resource"),
        Taken => (400, "ROLE_NAME_IS_ALREADY_TAKEN", "That role name is already taken"),
    }
}

pub const UPDATE_ORG_ROLE: Key<UpdateOrgRole, UpdatedRole> = Key::new("updateOrgRole");

pub(crate) fn endpoint() -> Endpoint {
    post(UPDATE_ORG_ROLE, "/organization/update-role", update).summary("Changes a role")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct UpdateOrgRole {
    #[serde(flatten)]
    pub which: Selection,
    pub data: RoleChanges,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permissions>,
    /// Members keep the role under its new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_name: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdatedRole {
    pub success: bool,
    pub role_data: Role,
}

async fn update(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<UpdateOrgRole>,
) -> Result<Json<UpdatedRole>, UpdateRoleError> {
    let plugin = cx.plugin();
    let id = chosen(input.which.organization(), &session).ok_or(UpdateRoleError::NoActive)?;
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(UpdateRoleError::NoMember)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(UpdateRoleError::NoMember)?;
    if !me.may("ac", "update") {
        return Err(UpdateRoleError::NotAllowed);
    }
    let mut row = input.which.find(&tx, &id).await?.ok_or(UpdateRoleError::NotFound)?;
    if let Some(permission) = &input.data.permission {
        match plugin.check_grant(&me, permission) {
            Some(NotThese::Unknown) => return Err(UpdateRoleError::NoResource),
            Some(NotThese::Lacking(pairs)) => return Err(lacking(UpdateRoleError::NotAllowed, pairs).into()),
            None => {}
        }
        row.permission = serde_json::to_string(permission).map_err(Failure::internal)?;
    }
    if let Some(wanted) = input.data.role_name.filter(|wanted| !wanted.is_empty()) {
        let wanted = name(&wanted, "data.roleName")?;
        if plugin.roles.is_static(&wanted) || store::roles::is_taken(&tx, &id, &wanted).await? {
            return Err(UpdateRoleError::Taken);
        }
        store::roles::rename(&tx, &id, &row.role, &wanted).await?;
        row.role = wanted;
    }
    let before = row.updated_at.replace(cx.now());
    let row = store::roles::save(&tx, row).await?;
    cx.call().commit_with(tx);
    // The wire has the time of the change before this one.
    let role_data = Role { updated_at: before, ..row.into() };
    Ok(Json(UpdatedRole { success: true, role_data }))
}
