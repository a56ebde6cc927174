//! `GET /organization/get-organization`: an organization of the caller.

use auth_core::{
    Cx, Failure, Json, Key, Query, Session,
    endpoint::{Endpoint, get as get_endpoint},
    schemars::JsonSchema,
    session::Identity,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::{chosen, unset_active},
    schema::organization,
    standing::{Standing, standing},
    store,
    wire::Organization,
};

auth_core::errors! {
    pub enum GetError {
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
    }
}

pub const GET: Key<(), Option<Organization>> = Key::new("getOrganization");

pub(crate) fn endpoint() -> Endpoint {
    get_endpoint(GET, "/organization/get-organization", get).summary("An organization")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The active one where neither is there.
    pub organization_id: Option<String>,
    pub organization_slug: Option<String>,
}

/// The organization that is named by slug or id, or the active one, with what the caller may do there.
pub(super) async fn find<'c>(
    cx: &'c Cx<OrganizationPlugin>,
    session: &'c Identity,
    id: Option<String>,
    slug: Option<String>,
) -> Result<Option<(organization::Model, Standing<'c>)>, GetError> {
    let row = match slug.filter(|slug| !slug.is_empty()) {
        Some(slug) => store::organizations::by_slug(cx.db(), &slug).await?,
        None => match chosen(id, session) {
            Some(id) => store::organizations::find(cx.db(), &id).await?,
            None => return Ok(None),
        },
    };
    let row = row.ok_or(GetError::NotFound)?;
    let Some(member) = standing(cx, cx.db(), &row.id, session).await? else {
        unset_active(cx, session).await?;
        return Err(GetError::NoMember);
    };
    Ok(Some((row, member)))
}

async fn get(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Option<Organization>>, GetError> {
    let found = find(&cx, &session, which.organization_id, which.organization_slug).await?;
    Ok(Json(found.map(|(row, _)| Organization::stored(row))))
}

impl From<GetError> for super::get_full::GetFullError {
    fn from(error: GetError) -> Self {
        Self::Other(Failure::from(error))
    }
}
