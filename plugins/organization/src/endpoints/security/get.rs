//! `GET /organization/security`: what members' sessions have to put up with.

use auth_core::{
    Cx, Json, Key, Query, Session,
    access::AccessControl,
    endpoint::{Endpoint, get as get_endpoint},
    schemars::JsonSchema,
    session::Level,
};
use serde::{Deserialize, Serialize};

use super::{Security, view};
use crate::{OrganizationPlugin, endpoints::chosen};

auth_core::errors! {
    pub enum SecurityError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
    }
}

pub const SECURITY: Key<(), Security> = Key::new("getOrganizationSecurity");

pub(crate) fn endpoint() -> Endpoint {
    get_endpoint(SECURITY, "/organization/security", security)
        .summary("What an organization asks of sessions")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

/// Who is bound by it may see it.
async fn security(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Security>, SecurityError> {
    let id = chosen(which.organization_id, &session).ok_or(SecurityError::NoActive)?;
    let grants = cx.plugin().grants(cx.call().core(), &session.user.id, &id, Level::Cached).await?;
    grants.ok_or(SecurityError::NoMember)?;
    Ok(Json(view(cx.plugin(), cx.db(), id).await?))
}
