//! `GET /organization/list-roles`: the roles that an organization made for itself.

use crate::{
    OrganizationPlugin,
    endpoints::{Which, chosen},
    standing::standing,
    store,
    wire::Role,
};
use auth_core::{
    Cx, Json, Key, Query, Session,
    endpoint::{Endpoint, get},
};

auth_core::errors! {
    pub enum ListRolesError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE", "You are not allowed to list a role"),
    }
}

pub const LIST_ROLES: Key<(), Vec<Role>> = Key::new("listOrgRoles");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_ROLES, "/organization/list-roles", list).summary("The roles of an organization's own")
}

async fn list(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Role>>, ListRolesError> {
    let id = chosen(which.organization_id, &session).ok_or(ListRolesError::NoActive)?;
    let me = standing(&cx, cx.db(), &id, &session).await?.ok_or(ListRolesError::NoMember)?;
    if !me.may("ac", "read") {
        return Err(ListRolesError::NotAllowed);
    }
    let rows = store::roles::of_organization(cx.db(), &id).await?;
    Ok(Json(rows.into_iter().map(Role::from).collect()))
}
