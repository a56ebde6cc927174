//! `GET /organization/list-user-teams`: the teams of the caller, or of another member for who may change
//! members.

use auth_core::{
    Cx, Json, Key, Query, Session,
    endpoint::{Endpoint, get},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, endpoints::chosen, standing::standing, store, wire::Team};

auth_core::errors! {
    pub enum ListUserTeamsError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "You are not allowed to update this member"),
        NotThem => (400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
    }
}

pub const LIST_USER_TEAMS: Key<(), Vec<Team>> = Key::new("listUserTeams");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_USER_TEAMS, "/organization/list-user-teams", list).summary("The teams of a user")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Which {
    /// The caller where it is left out.
    pub user_id: Option<String>,
    /// Teams of this organization only. For another user, the active one where it is left out.
    pub organization_id: Option<String>,
}

async fn list(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Team>>, ListUserTeamsError> {
    let me = session.user.id.as_str();
    let named = which.organization_id.filter(|id| !id.is_empty());
    let other = which.user_id.filter(|id| !id.is_empty() && id != me);
    let (user_id, organization) = match other {
        Some(other) => {
            let id = chosen(named, &session).ok_or(ListUserTeamsError::NoActive)?;
            let mine = standing(&cx, cx.db(), &id, &session).await?.ok_or(ListUserTeamsError::NoMember)?;
            if !mine.may("member", "update") {
                return Err(ListUserTeamsError::NotAllowed);
            }
            let them = store::members::of_user(cx.db(), &id, &other).await?;
            them.ok_or(ListUserTeamsError::NotThem)?;
            (other, Some(id))
        }
        None => {
            if let Some(id) = &named {
                let mine = standing(&cx, cx.db(), id, &session).await?;
                mine.ok_or(ListUserTeamsError::NoMember)?;
            }
            (me.to_owned(), named)
        }
    };
    let rows = store::teams::of_user(cx.db(), &user_id, organization.as_deref()).await?;
    Ok(Json(rows.into_iter().map(Team::from).collect()))
}
