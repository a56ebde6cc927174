//! `GET /organization/get-role`: a role that an organization made for itself.

use auth_core::{
    Cx, Json, Key, Query, Session,
    endpoint::{Endpoint, get as get_endpoint},
};

use super::Selection;
use crate::{OrganizationPlugin, endpoints::chosen, standing::standing, wire::Role};

auth_core::errors! {
    pub enum GetRoleError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE", "You are not allowed to read a role"),
        NotFound => (400, "ROLE_NOT_FOUND", "Role not found"),
    }
}

pub const GET_ROLE: Key<(), Role> = Key::new("getOrgRole");

pub(crate) fn endpoint() -> Endpoint {
    get_endpoint(GET_ROLE, "/organization/get-role", get).summary("A role of an organization's own")
}

async fn get(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Selection>,
) -> Result<Json<Role>, GetRoleError> {
    let id = chosen(which.organization(), &session).ok_or(GetRoleError::NoActive)?;
    let me = standing(&cx, cx.db(), &id, &session).await?.ok_or(GetRoleError::NoMember)?;
    if !me.may("ac", "read") {
        return Err(GetRoleError::NotAllowed);
    }
    let row = which.find(cx.db(), &id).await?.ok_or(GetRoleError::NotFound)?;
    Ok(Json(row.into()))
}
