//! `POST /organization/delete-role`: deletes a role that no member has.

use auth_core::{
    Body, Cx, Json, Key, Session,
    endpoint::{Endpoint, post},
};

use super::Selection;
use crate::{
    OrganizationPlugin,
    endpoints::{Done, chosen},
    standing::standing,
    store,
};

auth_core::errors! {
    pub enum DeleteRoleError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE", "You are not allowed to delete a role"),
        Static => (400, "CANNOT_DELETE_A_PRE_DEFINED_ROLE", "Cannot delete a pre-defined role"),
        NotFound => (400, "ROLE_NOT_FOUND", "Role not found"),
        InUse => (400, "ROLE_IS_ASSIGNED_TO_MEMBERS", "Cannot delete a role that is assigned to members. Please reassign the members to a different role first"),
    }
}

pub const DELETE_ROLE: Key<Selection, Done> = Key::new("deleteOrgRole");

pub(crate) fn endpoint() -> Endpoint {
    post(DELETE_ROLE, "/organization/delete-role", delete).summary("Deletes a role")
}

async fn delete(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(which): Body<Selection>,
) -> Result<Json<Done>, DeleteRoleError> {
    let plugin = cx.plugin();
    let id = chosen(which.organization(), &session).ok_or(DeleteRoleError::NoActive)?;
    let tx = cx.begin().await?;
    // Nobody is given the role meanwhile.
    store::organizations::lock(&tx, &id).await?.ok_or(DeleteRoleError::NoMember)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(DeleteRoleError::NoMember)?;
    if !me.may("ac", "delete") {
        return Err(DeleteRoleError::NotAllowed);
    }
    if let Selection::Name { role_name, .. } = &which
        && plugin.roles.is_static(role_name)
    {
        return Err(DeleteRoleError::Static);
    }
    let row = which.find(&tx, &id).await?.ok_or(DeleteRoleError::NotFound)?;
    if store::roles::is_in_use(&tx, &id, &row.role).await? {
        return Err(DeleteRoleError::InUse);
    }
    store::roles::delete(&tx, &row).await?;
    cx.call().commit_with(tx);
    Ok(Json(Done { success: true }))
}
