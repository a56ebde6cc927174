//! `GET /organization/list-invitations`: the invitations of an organization, whatever became of them.

use crate::{
    OrganizationPlugin,
    endpoints::{Which, chosen, organizations::get_full::visible_invitations},
    standing::standing,
    wire::Invitation,
};
use auth_core::{
    Cx, Failure, Json, Key, Query, Session,
    endpoint::{Endpoint, get},
    http::StatusCode,
};

auth_core::errors! {
    pub enum ListInvitationsError {
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS", "You are not allowed to list invitations for this organization"),
    }
}

pub const LIST_INVITATIONS: Key<(), Vec<Invitation>> = Key::new("listInvitations");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_INVITATIONS, "/organization/list-invitations", list)
        .summary("The invitations of an organization")
}

async fn list(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Invitation>>, ListInvitationsError> {
    let id = chosen(which.organization_id, &session)
        .ok_or_else(|| Failure::uncoded(StatusCode::BAD_REQUEST, "Organization ID is required"))?;
    let member = standing(&cx, cx.db(), &id, &session).await?;
    let member = member.ok_or_else(|| {
        Failure::uncoded(StatusCode::FORBIDDEN, "You are not a member of this organization")
    })?;
    let seen = visible_invitations(&cx, &member).await?.ok_or(ListInvitationsError::NotAllowed)?;
    Ok(Json(seen))
}
