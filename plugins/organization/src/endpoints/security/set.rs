//! `POST /organization/set-security`: what members' sessions have to put up with.

use auth_core::{
    Body, Cx, Event, Json, Key, StrictSession,
    endpoint::{Endpoint, post},
    limits::SHORTEST_IDLE,
    ports::SecondFactors,
    schemars::JsonSchema,
    session::SessionAuthority,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Security, view};
use crate::{
    OrganizationPlugin,
    endpoints::{chosen, given},
    schema::organization_security::Model,
    standing::standing,
    store,
};

auth_core::errors! {
    pub enum SetSecurityError {
        NotFound => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoMember => (400, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION", "You are not allowed to update this organization"),
        NoFactors => (400, "SECOND_FACTORS_NOT_ENABLED", "This server asks nobody for a second factor"),
        NoUse => (400, "IDLE_TIMEOUT_NOT_SUPPORTED", "This server does not know when sessions are used"),
        IdleTimeout => (400, "INVALID_IDLE_TIMEOUT", "An idle timeout is between 300 and 31536000 seconds"),
        MaxSessions => (400, "INVALID_MAX_SESSIONS", "The number of sessions is between 1 and 1000"),
    }
}

pub const SET_SECURITY: Key<SetSecurity, Security> = Key::new("setOrganizationSecurity");

pub(crate) fn endpoint() -> Endpoint {
    post(SET_SECURITY, "/organization/set-security", set_security)
        .summary("Sets what an organization asks of sessions")
}

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetSecurity {
    /// The active one where it is left out.
    pub organization_id: Option<String>,
    /// Members have to have a second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_two_factor: Option<bool>,
    /// Seconds, from 300 to a year; `null` for no demand.
    #[schemars(with = "Option<i64>", extend("x-nullable" = true))]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Option<i64>>,
    /// From 1 to 1000; `null` for no demand.
    #[schemars(with = "Option<i64>", extend("x-nullable" = true))]
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub max_sessions: Option<Option<i64>>,
}

const YEAR: u64 = 365 * 86_400;
const MOST_SESSIONS: u64 = 1000;

/// A figure within these bounds, as the column takes it; `Err` where it is out of them.
fn within(figure: Option<i64>, least: u64, most: u64) -> Result<Option<i32>, ()> {
    let Some(figure) = figure else { return Ok(None) };
    let bounded = u64::try_from(figure).is_ok_and(|figure| (least..=most).contains(&figure));
    if bounded { i32::try_from(figure).map(Some).map_err(|_| ()) } else { Err(()) }
}

/// The store is asked who calls: this binds everybody in the organization, and below it.
async fn set_security(
    cx: Cx<OrganizationPlugin>,
    session: StrictSession,
    Body(input): Body<SetSecurity>,
) -> Result<Json<Security>, SetSecurityError> {
    let id = chosen(input.organization_id, &session).ok_or(SetSecurityError::NotFound)?;
    let idle = input.idle_timeout.map(|figure| within(figure, SHORTEST_IDLE, YEAR));
    let idle = idle.transpose().map_err(|()| SetSecurityError::IdleTimeout)?;
    let most = input.max_sessions.map(|figure| within(figure, 1, MOST_SESSIONS));
    let most = most.transpose().map_err(|()| SetSecurityError::MaxSessions)?;
    let tx = cx.begin().await?;
    let member = standing(&cx, &tx, &id, &session).await?.ok_or(SetSecurityError::NoMember)?;
    if !member.may("organization", "update") {
        return Err(SetSecurityError::NotAllowed);
    }
    // What nobody would see to is not promised.
    if input.require_two_factor == Some(true) && cx.services().get::<dyn SecondFactors>().is_none() {
        return Err(SetSecurityError::NoFactors);
    }
    let knows_use = || cx.services().get::<dyn SessionAuthority>().is_some_and(|known| known.knows_use());
    if idle.flatten().is_some() && !knows_use() {
        return Err(SetSecurityError::NoUse);
    }
    store::organizations::lock(&tx, &id).await?.ok_or(SetSecurityError::NotFound)?;
    let before = store::security::find(&tx, &id).await?;
    let row = Model {
        id: id.clone(),
        require_two_factor: input
            .require_two_factor
            .unwrap_or_else(|| before.as_ref().is_some_and(|row| row.require_two_factor)),
        idle_timeout: idle.unwrap_or_else(|| before.as_ref().and_then(|row| row.idle_timeout)),
        max_sessions: most.unwrap_or_else(|| before.as_ref().and_then(|row| row.max_sessions)),
        updated_at: cx.now(),
    };
    store::security::set(&tx, row).await?;
    let now = view(cx.plugin(), &tx, id).await?;
    let data = json!({ "organizationId": now.organization_id, "userId": session.user.id, "asks": now.own });
    tx.tell(Event::Plugin { plugin: "organization", name: "organization.secured", data });
    cx.call().commit_with(tx);
    Ok(Json(now))
}
