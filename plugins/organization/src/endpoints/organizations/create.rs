//! `POST /organization/create`: makes an organization; its maker owns it.

use auth_core::{
    Body, Caller, Cx, Event, Failure, Json, Key, User, WholeSession,
    endpoint::{Endpoint, post},
    http::{Method, StatusCode},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    OrganizationPlugin,
    config::reached,
    endpoints::{check_slug, check_texts, refresh, set_active, set_active_team},
    schema::{organization, team},
    store,
    wire::{Member, Organization},
};

auth_core::errors! {
    pub enum CreateError {
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION", "You are not allowed to create a new organization"),
        Limit => (403, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS", "You have reached the maximum number of organizations"),
        Exists => (400, "ORGANIZATION_ALREADY_EXISTS", "Organization already exists"),
        Slug => (400, "INVALID_SLUG", "A slug has lower-case letters, digits and single hyphens, at most 63"),
    }
}

pub const CREATE: Key<Create, Created> = Key::new("createOrganization");

pub(crate) fn endpoint() -> Endpoint {
    post(CREATE, "/organization/create", create)
        .alias(Method::POST, "/organization")
        .summary("Makes an organization")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Create {
    #[schemars(length(min = 1))]
    pub name: String,
    #[schemars(length(min = 1))]
    pub slug: String,
    /// Who owns it, for calls in process without a session.
    pub user_id: Option<String>,
    /// Address of an image.
    #[schemars(extend("x-nullable" = true))]
    pub logo: Option<String>,
    pub metadata: Option<Map<String, Value>>,
    /// The session stays in the organization that it works in.
    pub keep_current_active_organization: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Created {
    #[serde(flatten)]
    pub organization: Organization,
    pub members: Vec<Member>,
}

async fn maker(
    cx: &Cx<OrganizationPlugin>,
    session: Option<&WholeSession>,
    user_id: Option<&str>,
) -> Result<User, Failure> {
    if let Some(session) = session {
        return Ok(session.user.as_ref().clone());
    }
    let user = match user_id {
        Some(id) if cx.call().caller() == Caller::Program => cx.users().find(cx.db(), id).await?,
        _ => None,
    };
    user.ok_or_else(|| Failure::empty(StatusCode::UNAUTHORIZED))
}

async fn create(
    cx: Cx<OrganizationPlugin>,
    session: Option<WholeSession>,
    Body(input): Body<Create>,
) -> Result<Json<Created>, CreateError> {
    let plugin = cx.plugin();
    let config = &plugin.config;
    let user = maker(&cx, session.as_ref(), input.user_id.as_deref()).await?;
    if !config.allow_creation && session.is_some() {
        return Err(CreateError::NotAllowed);
    }
    let metadata = input.metadata.map(|metadata| Value::Object(metadata).to_string());
    check_texts(Some(&input.name), input.logo.as_deref(), metadata.as_deref())?;
    let tx = cx.begin().await?;
    let id = cx.new_id();
    // The session's row before the user's, which is locked to count: as when a user is deleted.
    let stays = input.keep_current_active_organization == Some(true);
    let moves = session.as_ref().filter(|_| !stays);
    let mut moved = match moves {
        Some(session) => Some(set_active(&cx, &tx, session, Some(id.clone())).await?),
        None => None,
    };
    if config.organization_limit != 0 {
        let count = store::organizations::count_of_user(&tx, &user.id).await?;
        if reached(config.organization_limit, count) {
            return Err(CreateError::Limit);
        }
    }
    check_slug(&cx, &input.slug)?;
    if store::organizations::by_slug(&tx, &input.slug).await?.is_some() {
        return Err(CreateError::Exists);
    }
    let row = organization::Model {
        id,
        name: input.name,
        slug: input.slug,
        logo: input.logo,
        created_at: cx.now(),
        metadata,
    };
    // Of several makers at the same moment, the index lets one through.
    let row = match store::organizations::create(&tx, row).await {
        Err(failure) if failure.is_duplicate() => return Err(CreateError::Exists),
        made => made?,
    };
    let member = store::members::create(&tx, &row.id, &user.id, config.creator_role.clone()).await?;
    if config.teams.enabled && config.teams.default_team {
        let team = team::Model {
            id: cx.new_id(),
            name: row.name.clone(),
            member_count: 0,
            organization_id: row.id.clone(),
            created_at: cx.now(),
            updated_at: None,
        };
        let team = store::teams::create(&tx, team).await?;
        store::teams::join(&tx, &team.id, &user.id, 0).await?;
        if let Some(session) = moves {
            moved = Some(set_active_team(&cx, &tx, session, Some(team.id)).await?);
        }
    }
    if let (Some(session), Some(moved)) = (moves, moved) {
        refresh(&cx, session, moved);
    }
    let data = json!({ "organizationId": row.id, "userId": user.id });
    tx.tell(Event::Plugin { plugin: "organization", name: "organization.created", data });
    cx.call().commit_with(tx);
    Ok(Json(Created { organization: Organization::opened(row), members: vec![member.into()] }))
}
