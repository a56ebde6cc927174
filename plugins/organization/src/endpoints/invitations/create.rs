//! `POST /organization/invite-member`: invites an address, and mails it.

use auth_core::{
    Body, Cx, Failure, Json, Key, Session, Tx, email,
    endpoint::{Endpoint, post},
    http::{Method, StatusCode},
    ports::Message,
    schemars::JsonSchema,
    session::Identity,
};
use serde::{Deserialize, Serialize};

use crate::{
    OrganizationPlugin,
    config::reached,
    endpoints::chosen,
    schema::{invitation, organization},
    standing::{Standing, standing},
    store,
    wire::{Invitation, OneOrMore},
};

auth_core::errors! {
    pub enum InviteError {
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        Email => (400, "INVALID_EMAIL", "Invalid email"),
        NoMember => (400, "MEMBER_NOT_FOUND", "Member not found"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION", "You are not allowed to invite users to this organization"),
        NoRole => (400, "ROLE_NOT_FOUND", "Role not found"),
        NotThisRole => (403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE", "You are not allowed to invite a user with this role"),
        Already => (400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION", "User is already a member of this organization"),
        Invited => (400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION", "User is already invited to this organization"),
        Limit => (403, "INVITATION_LIMIT_REACHED", "Invitation limit reached"),
        TeamId => (400, "INVALID_TEAM_ID", "Team id contains a reserved character"),
        NoTeam => (400, "TEAM_NOT_FOUND", "Team not found"),
        TeamFull => (403, "TEAM_MEMBER_LIMIT_REACHED", "Team member limit reached"),
    }
}

pub const INVITE: Key<Invite, Invitation> = Key::new("createInvitation");

pub(crate) fn endpoint() -> Endpoint {
    post(INVITE, "/organization/invite-member", invite)
        .alias(Method::POST, "/organization/invite")
        .summary("Invites an address")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    pub email: String,
    pub role: OneOrMore,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
    /// Mails an invitation that waits once more, and gives it new time.
    pub resend: Option<bool>,
    /// Teams that the invited joins too.
    pub team_id: Option<OneOrMore>,
}

async fn invite(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<Invite>,
) -> Result<Json<Invitation>, InviteError> {
    let plugin = cx.plugin();
    let config = &plugin.config;
    let id = chosen(input.organization_id, &session).ok_or(InviteError::NotFound)?;
    let address = email::normalize(&input.email);
    if !email::is_valid(&address) {
        return Err(InviteError::Email);
    }
    let roles = input.role.names();
    let tx = cx.begin().await?;
    // Limits and the one invitation of an address hold for the organization as a whole.
    let organization = store::organizations::lock(&tx, &id).await?.ok_or(InviteError::NoMember)?;
    let me = standing(&cx, &tx, &id, &session).await?.ok_or(InviteError::NoMember)?;
    check_role(plugin, &tx, &me, &roles).await?;
    if store::members::by_email(&cx, &tx, &id, &address).await?.is_some() {
        return Err(InviteError::Already);
    }
    let until = cx.now().plus_seconds(config.invitation_expires_in);
    if let Some(waiting) = store::invitations::waiting_for(&tx, &id, &address, cx.now()).await? {
        if input.resend == Some(true) {
            check_again(plugin, &tx, &me, &waiting).await?;
            store::invitations::prolong(&tx, &waiting.id, until).await?;
            let row = invitation::Model { expires_at: until, ..waiting };
            return Ok(sent(&cx, tx, &session, &organization, row));
        }
        if !config.cancel_pending_on_reinvite {
            return Err(InviteError::Invited);
        }
        store::invitations::settle(&tx, &waiting.id, store::invitations::CANCELED).await?;
    }
    if reached(config.invitation_limit, store::invitations::count_waiting(&tx, &id, cx.now()).await?) {
        return Err(InviteError::Limit);
    }
    let teams = if config.teams.enabled { input.team_id.map(OneOrMore::into_list) } else { None };
    let teams = teams.unwrap_or_default();
    check_teams(plugin, &tx, &id, &teams).await?;
    let row = invitation::Model {
        id: cx.new_id(),
        organization_id: id,
        email: address,
        role: Some(roles.join(",")),
        team_id: (!teams.is_empty()).then(|| teams.join(",")),
        status: store::invitations::PENDING.to_owned(),
        expires_at: until,
        created_at: cx.now(),
        inviter_id: session.user.id.clone(),
    };
    let row = store::invitations::create(&tx, row).await?;
    Ok(sent(&cx, tx, &session, &organization, row))
}

/// Whether this member may invite with these roles.
async fn check_role(
    plugin: &OrganizationPlugin,
    tx: &Tx,
    me: &Standing<'_>,
    roles: &[String],
) -> Result<(), InviteError> {
    if !me.may("invitation", "create") {
        return Err(InviteError::NotAllowed);
    }
    if roles.is_empty() {
        return Err(InviteError::NoRole);
    }
    let unknown = plugin.unknown_roles(tx, me.organization_id(), roles).await?;
    if !unknown.is_empty() {
        let text = format!("ROLE_NOT_FOUND: {}", unknown.join(", "));
        return Err(Failure::uncoded(StatusCode::BAD_REQUEST, text).into());
    }
    if !me.owns() && roles.iter().any(|role| role == plugin.roles.creator()) {
        return Err(InviteError::NotThisRole);
    }
    Ok(())
}

/// An invitation that makes an owner is mailed again by owners only, whatever the request names.
async fn check_again(
    plugin: &OrganizationPlugin,
    tx: &Tx,
    me: &Standing<'_>,
    waiting: &invitation::Model,
) -> Result<(), InviteError> {
    let roles: Vec<String> =
        crate::access::names(waiting.role.as_deref().unwrap_or_default()).map(str::to_owned).collect();
    check_role(plugin, tx, me, &roles).await
}

async fn check_teams(
    plugin: &OrganizationPlugin,
    tx: &Tx,
    organization_id: &str,
    teams: &[String],
) -> Result<(), InviteError> {
    if teams.iter().any(|team| team.contains(',')) {
        return Err(InviteError::TeamId);
    }
    for team in teams {
        store::teams::find(tx, organization_id, team).await?.ok_or(InviteError::NoTeam)?;
        if store::teams::is_full(tx, team, plugin.config.teams.maximum_members).await? {
            return Err(InviteError::TeamFull);
        }
    }
    Ok(())
}

/// Mails the link once everything is stored.
fn sent(
    cx: &Cx<OrganizationPlugin>,
    tx: Tx,
    session: &Identity,
    organization: &organization::Model,
    row: invitation::Model,
) -> Json<Invitation> {
    let url = match &cx.plugin().config.invitation_url {
        Some(url) => url.replace("{id}", &row.id),
        None => format!("{}/accept-invitation/{}", cx.settings().origins.base_origin(), row.id),
    };
    // The address may have no account, so there is no name to greet.
    let letter = Message::new("invitation", row.email.as_str(), "")
        .with("id", row.id.as_str())
        .with("url", url)
        .with("role", row.role.clone())
        .with("organization", organization.slug.as_str())
        .with("organizationName", organization.name.as_str())
        .with("inviter", session.user.email.as_str());
    tx.mail(letter);
    cx.call().commit_with(tx);
    Json(cx.plugin().shown(row))
}
