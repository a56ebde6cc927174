//! `GET /organization/get-active-member-role`: the roles of a member.

use auth_core::{
    Cx, Json, Key, Query, Session,
    endpoint::{Endpoint, get},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints::chosen, standing::standing, store};

auth_core::errors! {
    pub enum ActiveRoleError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
    }
}

pub const ACTIVE_ROLE: Key<(), MemberRole> = Key::new("getActiveMemberRole");

pub(crate) fn endpoint() -> Endpoint {
    get(ACTIVE_ROLE, "/organization/get-active-member-role", active_role).summary("The roles of a member")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The caller where it is left out.
    pub user_id: Option<String>,
    pub organization_id: Option<String>,
    pub organization_slug: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct MemberRole {
    /// A comma list.
    pub role: String,
}

async fn active_role(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<MemberRole>, ActiveRoleError> {
    let id = match which.organization_slug.as_deref().filter(|slug| !slug.is_empty()) {
        Some(slug) => {
            store::organizations::by_slug(cx.db(), slug).await?.ok_or(ActiveRoleError::NotFound)?.id
        }
        None => chosen(which.organization_id, &session).ok_or(ActiveRoleError::NoActive)?,
    };
    let me = standing(&cx, cx.db(), &id, &session).await?.ok_or(ActiveRoleError::NoMember)?;
    let role = match which.user_id.as_deref().filter(|id| !id.is_empty()) {
        None => me.roles(),
        Some(user_id) => {
            let member = store::members::of_user(cx.db(), &id, user_id).await?;
            member.ok_or(ActiveRoleError::NoMember)?.role
        }
    };
    Ok(Json(MemberRole { role }))
}
