//! `POST /organization/set-active-team`: which team the session works in.

use auth_core::{
    Body, Cx, Json, Key, WholeSession,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    endpoints::{active, active_team, organizations::set_active::given, set_active_team},
    store,
    wire::Team,
};

auth_core::errors! {
    pub enum SetActiveTeamError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotFound => (400, "TEAM_NOT_FOUND", "Team not found"),
        NoMember => (403, "USER_IS_NOT_A_MEMBER_OF_THE_TEAM", "User is not a member of the team"),
    }
}

pub const SET_ACTIVE_TEAM: Key<SetActiveTeam, Option<Team>> = Key::new("setActiveTeam");

pub(crate) fn endpoint() -> Endpoint {
    post(SET_ACTIVE_TEAM, "/organization/set-active-team", set).summary("Which team the session works in")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetActiveTeam {
    /// `null` for none.
    #[schemars(with = "Option<String>", extend("x-nullable" = true))]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub team_id: Option<Option<String>>,
}

async fn set(
    cx: Cx<OrganizationPlugin>,
    session: WholeSession,
    Body(input): Body<SetActiveTeam>,
) -> Result<Json<Option<Team>>, SetActiveTeamError> {
    let now = active_team(&session);
    let wanted = match input.team_id {
        Some(None) if now.is_none() => return Ok(Json(None)),
        Some(None) => None,
        named => match named.flatten().filter(|id| !id.is_empty()).or(now) {
            Some(id) => Some(id),
            None => return Ok(Json(None)),
        },
    };
    let tx = cx.begin().await?;
    let row = match &wanted {
        None => None,
        Some(id) => {
            let organization = active(&session).ok_or(SetActiveTeamError::NoActive)?;
            let row =
                store::teams::find(&tx, &organization, id).await?.ok_or(SetActiveTeamError::NotFound)?;
            let mine = store::teams::membership(&tx, id, &session.user.id).await?;
            mine.ok_or(SetActiveTeamError::NoMember)?;
            Some(row)
        }
    };
    let changed = set_active_team(&cx, &tx, &session, wanted).await?;
    cx.call().commit_with(tx);
    cx.call().reissue_session(changed, session.user.as_ref().clone());
    Ok(Json(row.map(Team::from)))
}
