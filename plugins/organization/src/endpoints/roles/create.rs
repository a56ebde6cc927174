//! `POST /organization/create-role`: an organization makes a role of its own.

use auth_core::{
    Body, Cx, Failure, Json, Key, Session,
    access::Permissions,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::{NotThese, lacking, name};
use crate::{
    OrganizationPlugin, config::reached, endpoints::chosen, schema::organization_role, standing::standing,
    store, wire::Role,
};

auth_core::errors! {
    pub enum CreateRoleError {
        NoActive => (400, "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE", "You must be in an organization to create a role"),
        Taken => (400, "ROLE_NAME_IS_ALREADY_TAKEN", "That role name is already taken"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE", "You are not allowed to create a role"),
        Limit => (400, "TOO_MANY_ROLES", "This organization has too many roles"),
        NoResource => (400, "INVALID_RESOURCE", "The provided permission includes an invalid resource"),
    }
}

pub const CREATE_ROLE: Key<CreateRole, CreatedRole> = Key::new("createOrgRole");

pub(crate) fn endpoint() -> Endpoint {
    post(CREATE_ROLE, "/organization/create-role", create).summary("Makes a role")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRole {
    /// The active one where it is left out.
    pub organization_id: Option<String>,
    /// The name, which is stored in lower case.
    pub role: String,
    pub permission: Permissions,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedRole {
    pub success: bool,
    pub role_data: Role,
    pub statements: Permissions,
}

async fn create(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<CreateRole>,
) -> Result<Json<CreatedRole>, CreateRoleError> {
    let plugin = cx.plugin();
    let id = chosen(input.organization_id, &session).ok_or(CreateRoleError::NoActive)?;
    let role = name(&input.role, "role")?;
    if plugin.roles.is_static(&role) {
        return Err(CreateRoleError::Taken);
    }
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(CreateRoleError::NoMember)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(CreateRoleError::NoMember)?;
    if !me.may("ac", "create") {
        return Err(CreateRoleError::NotAllowed);
    }
    if reached(plugin.config.dynamic_roles.maximum, store::roles::count(&tx, &id).await?) {
        return Err(CreateRoleError::Limit);
    }
    match plugin.check_grant(&me, &input.permission) {
        Some(NotThese::Unknown) => return Err(CreateRoleError::NoResource),
        Some(NotThese::Lacking(pairs)) => return Err(lacking(CreateRoleError::NotAllowed, pairs).into()),
        None => {}
    }
    if store::roles::is_taken(&tx, &id, &role).await? {
        return Err(CreateRoleError::Taken);
    }
    let row = organization_role::Model {
        id: cx.new_id(),
        organization_id: id,
        role,
        permission: serde_json::to_string(&input.permission).map_err(Failure::internal)?,
        created_at: cx.now(),
        updated_at: None,
    };
    let row = store::roles::create(&tx, row).await?;
    cx.call().commit_with(tx);
    Ok(Json(CreatedRole { success: true, role_data: row.into(), statements: input.permission }))
}
