//! `POST /organization/has-permissions`: many questions of `has-permission` at once. Not part of Better
//! Auth: pages ask for all their buttons in one request.

use std::collections::BTreeMap;

use auth_core::{
    Body, Cx, Json, Key, Session,
    access::Permissions,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints::chosen, store};

auth_core::errors! {
    pub enum HasPermissionsError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
    }
}

pub const HAS_PERMISSIONS: Key<HasPermissions, Answers> = Key::new("hasPermissions");

pub(crate) fn endpoint() -> Endpoint {
    post(HAS_PERMISSIONS, "/organization/has-permissions", has_permissions)
        .summary("Whether the user may do each of several things")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct HasPermissions {
    #[schemars(length(max = 100))]
    pub requests: Vec<Question>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    pub permissions: Permissions,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Answers {
    /// In the order of the requests. In an organization that the user is not in, nothing is allowed.
    pub answers: Vec<bool>,
}

async fn has_permissions(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<HasPermissions>,
) -> Result<Json<Answers>, HasPermissionsError> {
    // What the user's roles grant is read once an organization.
    let mut granted: BTreeMap<String, Vec<Permissions>> = BTreeMap::new();
    let mut answers = Vec::with_capacity(input.requests.len());
    for question in input.requests {
        let id = chosen(question.organization_id, &session).ok_or(HasPermissionsError::NoActive)?;
        let roles = match granted.get(&id) {
            Some(roles) => roles,
            None => {
                let member = store::members::of_user(cx.db(), &id, &session.user.id).await?;
                let roles = match member {
                    Some(member) => cx.plugin().granted(cx.db(), &id, &member.role).await?,
                    None => Vec::new(),
                };
                granted.entry(id).or_insert(roles)
            }
        };
        answers.push(roles.iter().any(|role| role.authorize(&question.permissions)));
    }
    Ok(Json(Answers { answers }))
}
