//! `POST /organization/has-permission`: whether the caller may do something.

use auth_core::{
    Body, Cx, Failure, Json, Key, Session,
    access::{AccessControl, Permissions, Question},
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
    session::Level,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints::chosen};

auth_core::errors! {
    pub enum HasPermissionError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (401, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
    }
}

pub const HAS_PERMISSION: Key<HasPermission, Answer> = Key::new("hasPermission");

pub(crate) fn endpoint() -> Endpoint {
    post(HAS_PERMISSION, "/organization/has-permission", has_permission)
        .summary("Whether the user may do something")
}

/// Exactly one of `permissions` and `permission`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum HasPermission {
    Permissions(Asked),
    Permission(AskedBefore),
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    pub permissions: Permissions,
    /// Refused beside `permissions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permissions>,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

/// The old name, which is taken and never granted: as upstream has it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AskedBefore {
    pub permission: Permissions,
    pub organization_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// Always `null`.
    pub error: Option<String>,
    pub success: bool,
}

async fn has_permission(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<HasPermission>,
) -> Result<Json<Answer>, HasPermissionError> {
    let (asked, named) = match input {
        HasPermission::Permissions(Asked { permission: Some(_), .. }) => {
            let text = "[body] Invalid input: more than one option matched";
            return Err(Failure::bad_request("VALIDATION_ERROR", text).into());
        }
        HasPermission::Permissions(asked) => (Some(asked.permissions), asked.organization_id),
        HasPermission::Permission(asked) => (None, asked.organization_id),
    };
    let id = chosen(named, &session).ok_or(HasPermissionError::NoActive)?;
    let user = session.user.id.as_str();
    let grants = cx
        .plugin()
        .grants(cx.call().core(), user, &id, Level::Cached)
        .await?
        .ok_or(HasPermissionError::NoMember)?;
    let success = asked.is_some_and(|asked| {
        let ip = cx.call().ip().and_then(|ip| ip.parse().ok());
        let question = Question { scopes: session.scopes.as_deref(), ip, ..Question::new(user, &id, &asked) };
        question.answer(Some(&grants), &cx)
    });
    Ok(Json(Answer { error: None, success }))
}
