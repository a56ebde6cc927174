//! `GET /organization/get-full-organization`: an organization with members, invitations and teams.

use auth_core::{
    Cx, Json, Key, Query, Session,
    endpoint::{Endpoint, get},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::get::find;
use crate::{
    OrganizationPlugin,
    endpoints::members::list::{Page, read},
    standing::Standing,
    store,
    wire::{Invitation, Member, Organization, Team},
};

auth_core::errors! {
    pub enum GetFullError {
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
    }
}

pub const GET_FULL: Key<(), Option<Full>> = Key::new("getFullOrganization");

pub(crate) fn endpoint() -> Endpoint {
    get(GET_FULL, "/organization/get-full-organization", get_full)
        .summary("An organization with what is in it")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The active one where neither is there.
    pub organization_id: Option<String>,
    pub organization_slug: Option<String>,
    /// How many members are part of the answer.
    pub members_limit: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Full {
    #[serde(flatten)]
    pub organization: Organization,
    pub invitations: Vec<Invitation>,
    pub members: Vec<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teams: Option<Vec<Team>>,
}

async fn get_full(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Option<Full>>, GetFullError> {
    let plugin = cx.plugin();
    let found = find(&cx, &session, which.organization_id, which.organization_slug).await?;
    let Some((row, member)) = found else { return Ok(Json(None)) };
    let page = Page::first(plugin.config.membership_limit, which.members_limit.as_deref());
    let members = read(&cx, &row.id, &page).await?;
    let invitations = visible_invitations(&cx, &member).await?.unwrap_or_default();
    let teams = if plugin.config.teams.enabled {
        let teams = store::teams::of_organization(cx.db(), &row.id).await?;
        let counted =
            |row: crate::schema::team::Model| Team { member_count: Some(row.member_count), ..row.into() };
        Some(teams.into_iter().map(counted).collect())
    } else {
        None
    };
    Ok(Json(Some(Full { organization: Organization::stored(row), invitations, members, teams })))
}

/// The invitations that a member may see; `None` for somebody who may not invite. Those that make owners
/// are the owners' business.
pub(crate) async fn visible_invitations(
    cx: &Cx<OrganizationPlugin>,
    member: &Standing<'_>,
) -> Result<Option<Vec<Invitation>>, auth_core::Failure> {
    let plugin = cx.plugin();
    if !member.sees("invitation", "create") {
        return Ok(None);
    }
    let owner = member.owns();
    let rows = store::invitations::of_organization(cx.db(), member.organization_id()).await?;
    let seen = rows
        .into_iter()
        .filter(|row| owner || !plugin.roles.is_creator(row.role.as_deref().unwrap_or_default()));
    Ok(Some(seen.map(|row| plugin.shown(row)).collect()))
}
