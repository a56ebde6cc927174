//! `GET /organization/list`: the organizations of the caller.

use auth_core::{
    Cx, Failure, Json, Key, Session,
    endpoint::{Endpoint, get},
};

use crate::{OrganizationPlugin, store, wire::Organization};

pub const LIST: Key<(), Vec<Organization>> = Key::new("listOrganizations");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST, "/organization/list", list).summary("The organizations that the user is a member of")
}

async fn list(cx: Cx<OrganizationPlugin>, session: Session) -> Result<Json<Vec<Organization>>, Failure> {
    let rows = store::organizations::of_user(cx.db(), &session.user.id).await?;
    Ok(Json(rows.into_iter().map(Organization::stored).collect()))
}
