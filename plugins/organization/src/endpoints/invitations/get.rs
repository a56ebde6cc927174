//! `GET /organization/get-invitation`: an invitation, for who was invited.

use auth_core::{
    Cx, Failure, Json, Key, Query, Session,
    endpoint::{Endpoint, get as get_endpoint},
    http::StatusCode,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::{NotTheirs, current};
use crate::{OrganizationPlugin, store, wire::Invitation};

auth_core::errors! {
    pub enum GetInvitationError {
        Recipient => (403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", "You are not the recipient of the invitation"),
        Unverified => (403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION", "Email verification required to view or list invitations for the session email"),
        NoOrganization => (400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
        NoInviter => (400, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION", "Inviter is no longer a member of the organization"),
    }
}

impl From<NotTheirs> for GetInvitationError {
    fn from(why: NotTheirs) -> Self {
        match why {
            NotTheirs::Recipient => Self::Recipient,
            NotTheirs::Unverified => Self::Unverified,
        }
    }
}

pub const GET_INVITATION: Key<(), Shown> = Key::new("getInvitation");

pub(crate) fn endpoint() -> Endpoint {
    get_endpoint(GET_INVITATION, "/organization/get-invitation", get).summary("An invitation")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Which {
    pub id: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    #[serde(flatten)]
    pub invitation: Invitation,
    pub organization_name: String,
    pub organization_slug: String,
    pub inviter_email: String,
}

async fn get(
    cx: Cx<OrganizationPlugin>,
    session: Option<Session>,
    Query(which): Query<Which>,
) -> Result<Json<Shown>, GetInvitationError> {
    let session = session.ok_or_else(|| Failure::uncoded(StatusCode::UNAUTHORIZED, "Not authenticated"))?;
    let row = store::invitations::find(cx.db(), &which.id).await?;
    let waits = |row: &crate::schema::invitation::Model| {
        row.status == store::invitations::PENDING && row.expires_at > cx.now()
    };
    // The wire has no code here.
    let row = row
        .filter(waits)
        .ok_or_else(|| Failure::uncoded(StatusCode::BAD_REQUEST, "Invitation not found!"))?;
    cx.plugin().check_recipient(&current(&cx, &session).await?, &row)?;
    let organization = store::organizations::find(cx.db(), &row.organization_id).await?;
    let organization = organization.ok_or(GetInvitationError::NoOrganization)?;
    let inviter = store::members::of_user(cx.db(), &row.organization_id, &row.inviter_id).await?;
    let inviter = inviter.ok_or(GetInvitationError::NoInviter)?;
    let inviter = cx.users().find(cx.db(), &inviter.user_id).await?.ok_or(GetInvitationError::NoInviter)?;
    Ok(Json(Shown {
        invitation: cx.plugin().shown(row),
        organization_name: organization.name,
        organization_slug: organization.slug,
        inviter_email: inviter.email,
    }))
}
