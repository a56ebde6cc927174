//! `POST /organization/create-team`: makes a team.

use auth_core::{
    Body, Cx, Failure, Json, Key, Session,
    endpoint::{Endpoint, post},
    http::StatusCode,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    config::reached,
    endpoints::{check_texts, chosen},
    schema::team,
    standing::standing,
    store,
    wire::Team,
};

auth_core::errors! {
    pub enum CreateTeamError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NoMember => (403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION", "You are not allowed to invite users to this organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_TEAMS_IN_THIS_ORGANIZATION", "You are not allowed to create teams in this organization"),
        Limit => (400, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_TEAMS", "You have reached the maximum number of teams"),
    }
}

pub const CREATE_TEAM: Key<CreateTeam, Team> = Key::new("createTeam");

pub(crate) fn endpoint() -> Endpoint {
    post(CREATE_TEAM, "/organization/create-team", create).summary("Makes a team")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateTeam {
    pub name: String,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

async fn create(
    cx: Cx<OrganizationPlugin>,
    session: Option<Session>,
    Body(input): Body<CreateTeam>,
) -> Result<Json<Team>, CreateTeamError> {
    let plugin = cx.plugin();
    let session = session.ok_or_else(|| Failure::empty(StatusCode::UNAUTHORIZED))?;
    let id = chosen(input.organization_id, &session).ok_or(CreateTeamError::NoActive)?;
    check_texts(Some(&input.name), None, None)?;
    let tx = cx.begin().await?;
    // Teams are counted while nobody else makes one.
    store::organizations::lock(&tx, &id).await?.ok_or(CreateTeamError::NoMember)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(CreateTeamError::NoMember)?;
    if !me.may("team", "create") {
        return Err(CreateTeamError::NotAllowed);
    }
    if reached(plugin.config.teams.maximum, store::teams::count(&tx, &id).await?) {
        return Err(CreateTeamError::Limit);
    }
    let row = team::Model {
        id: cx.new_id(),
        name: input.name,
        member_count: 0,
        organization_id: id,
        created_at: cx.now(),
        updated_at: Some(cx.now()),
    };
    let row = store::teams::create(&tx, row).await?;
    cx.call().commit_with(tx);
    Ok(Json(row.into()))
}
