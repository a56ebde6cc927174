//! `GET /organization/list-teams`: the teams of an organization.

use crate::{
    OrganizationPlugin,
    endpoints::{Which, chosen},
    standing::standing,
    store,
    wire::Team,
};
use auth_core::{
    Cx, Json, Key, Query, Session,
    endpoint::{Endpoint, get},
};

auth_core::errors! {
    pub enum ListTeamsError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_ALLOWED_TO_ACCESS_THIS_ORGANIZATION", "You are not allowed to access this organization as an owner"),
    }
}

pub const LIST_TEAMS: Key<(), Vec<Team>> = Key::new("listOrganizationTeams");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_TEAMS, "/organization/list-teams", list).summary("The teams of an organization")
}

async fn list(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Team>>, ListTeamsError> {
    let id = chosen(which.organization_id, &session).ok_or(ListTeamsError::NoActive)?;
    if standing(&cx, cx.db(), &id, &session).await?.is_none() {
        return Err(ListTeamsError::NoMember);
    }
    let rows = store::teams::of_organization(cx.db(), &id).await?;
    Ok(Json(rows.into_iter().map(Team::from).collect()))
}
