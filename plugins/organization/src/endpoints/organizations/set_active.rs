//! `POST /organization/set-active`: which organization the session works in.

use auth_core::{
    Body, Cx, Json, Key, WholeSession,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::{active, set_active as write, unset_active},
    standing::standing,
    store,
    wire::Organization,
};

auth_core::errors! {
    pub enum SetActiveError {
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
    }
}

pub const SET_ACTIVE: Key<SetActive, Option<Organization>> = Key::new("setActiveOrganization");

pub(crate) fn endpoint() -> Endpoint {
    post(SET_ACTIVE, "/organization/set-active", set_active)
        .summary("Which organization the session works in")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetActive {
    /// `null` for none.
    #[schemars(with = "Option<String>", extend("x-nullable" = true))]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<Option<String>>,
    pub organization_slug: Option<String>,
}

/// Tells `null` from nothing.
pub(crate) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

async fn set_active(
    cx: Cx<OrganizationPlugin>,
    session: WholeSession,
    Body(input): Body<SetActive>,
) -> Result<Json<Option<Organization>>, SetActiveError> {
    let now = active(&session);
    if input.organization_id == Some(None) {
        if now.is_some() {
            let tx = cx.begin().await?;
            let changed = write(&cx, &tx, &session, None).await?;
            cx.call().commit_with(tx);
            cx.call().reissue_session(changed, session.user.as_ref().clone());
        }
        return Ok(Json(None));
    }
    let id = input.organization_id.flatten().filter(|id| !id.is_empty());
    let slug = input.organization_slug.filter(|slug| !slug.is_empty());
    let row = match (id, slug) {
        (None, Some(slug)) => {
            Some(store::organizations::by_slug(cx.db(), &slug).await?.ok_or(SetActiveError::NotFound)?)
        }
        (id, _) => match id.or(now) {
            Some(id) => store::organizations::find(cx.db(), &id).await?,
            None => return Ok(Json(None)),
        },
    };
    let member = match &row {
        Some(row) => standing(&cx, cx.db(), &row.id, &session).await?,
        None => None,
    };
    let (Some(row), Some(_)) = (row, member) else {
        unset_active(&cx, &session).await?;
        return Err(SetActiveError::NoMember);
    };
    let tx = cx.begin().await?;
    let changed = write(&cx, &tx, &session, Some(row.id.clone())).await?;
    cx.call().commit_with(tx);
    cx.call().reissue_session(changed, session.user.as_ref().clone());
    Ok(Json(Some(Organization::stored(row))))
}
