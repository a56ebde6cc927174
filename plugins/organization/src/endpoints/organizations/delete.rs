//! `POST /organization/delete`: deletes an organization with everything in it.

use auth_core::{
    Body, Cx, Event, Failure, Json, Key, Session,
    endpoint::{Endpoint, post},
    http::StatusCode,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    OrganizationPlugin,
    endpoints::{active, refresh, set_active},
    standing::standing,
    store,
    wire::Organization,
};

auth_core::errors! {
    pub enum DeleteError {
        Disabled => (404, "ORGANIZATION_DELETION_DISABLED", "Organization deletion is disabled"),
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION", "You are not allowed to delete this organization"),
    }
}

pub const DELETE: Key<Delete, Organization> = Key::new("deleteOrganization");

pub(crate) fn endpoint() -> Endpoint {
    post(DELETE, "/organization/delete", delete).summary("Deletes an organization")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delete {
    pub organization_id: String,
}

async fn delete(
    cx: Cx<OrganizationPlugin>,
    session: Option<Session>,
    Body(input): Body<Delete>,
) -> Result<Json<Organization>, DeleteError> {
    let config = &cx.plugin().config;
    if config.disable_deletion {
        return Err(DeleteError::Disabled);
    }
    let session = session.ok_or_else(|| Failure::empty(StatusCode::UNAUTHORIZED))?;
    let id = input.organization_id;
    if id.is_empty() {
        return Err(DeleteError::NotFound);
    }
    let tx = cx.begin().await?;
    let row = store::organizations::lock(&tx, &id).await?.ok_or(DeleteError::NoMember)?;
    let member = standing(&cx, &tx, &id, &session).await?.ok_or(DeleteError::NoMember)?;
    if !member.may("organization", "delete") {
        return Err(DeleteError::NotAllowed);
    }
    if active(&session).as_ref() == Some(&id) {
        let changed = set_active(&cx, &tx, &session, None).await?;
        refresh(&cx, &session, changed);
    }
    store::organizations::delete(&tx, &id, config).await?;
    let data = json!({ "organizationId": id, "userId": session.user.id });
    tx.tell(Event::Plugin { plugin: "organization", name: "organization.deleted", data });
    cx.call().commit_with(tx);
    Ok(Json(Organization::stored(row)))
}
