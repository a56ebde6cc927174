//! `POST /organization/has-permissions`: many questions of `has-permission` at once. Not part of Better
//! Auth: pages ask for all their buttons in one request.

use auth_core::{
    Body, Cx, Json, Key, Session,
    access::{AccessControl, Permissions, Question},
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
    session::Level,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints::chosen};

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
    pub requests: Vec<PermissionRequest>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionRequest {
    pub permissions: Permissions,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
    /// Whose row it is about: some roles may change rows of their own only.
    pub owner_id: Option<String>,
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
    let (core, user) = (cx.call().core(), session.user.id.as_str());
    let ip = cx.call().ip().and_then(|ip| ip.parse().ok());
    let mut answers = Vec::with_capacity(input.requests.len());
    for asked in input.requests {
        let id = chosen(asked.organization_id, &session).ok_or(HasPermissionsError::NoActive)?;
        let grants = cx.plugin().grants(core, user, &id, Level::Cached).await?;
        let question = Question {
            scopes: session.scopes.as_deref(),
            owner_id: asked.owner_id.as_deref(),
            ip,
            ..Question::new(user, &id, &asked.permissions)
        };
        answers.push(question.answer(grants.as_deref(), core));
    }
    Ok(Json(Answers { answers }))
}
