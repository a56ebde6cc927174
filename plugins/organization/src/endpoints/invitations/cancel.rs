//! `POST /organization/cancel-invitation`: takes an invitation back.

use auth_core::{
    Body, Cx, Json, Key, Session,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, schema::invitation, standing::standing, store, wire::Invitation};

auth_core::errors! {
    pub enum CancelError {
        NotFound => (400, "INVITATION_NOT_FOUND", "Invitation not found"),
        NoMember => (400, "MEMBER_NOT_FOUND", "Member not found"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION", "You are not allowed to cancel this invitation"),
    }
}

pub const CANCEL: Key<Cancel, Invitation> = Key::new("cancelInvitation");

pub(crate) fn endpoint() -> Endpoint {
    post(CANCEL, "/organization/cancel-invitation", cancel).summary("Takes an invitation back")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cancel {
    pub invitation_id: String,
}

async fn cancel(
    cx: Cx<OrganizationPlugin>,
    session: Session,
    Body(input): Body<Cancel>,
) -> Result<Json<Invitation>, CancelError> {
    let tx = cx.begin().await?;
    let row = store::invitations::find(&tx, &input.invitation_id).await?.ok_or(CancelError::NotFound)?;
    let me = standing(&cx, &tx, &row.organization_id, &session).await?;
    let me = me.ok_or(CancelError::NoMember)?;
    if !me.may("invitation", "cancel") {
        return Err(CancelError::NotAllowed);
    }
    // Who has joined is a member: that is not undone by taking back the invitation.
    if !store::invitations::cancel(&tx, &row.id).await? {
        return Err(CancelError::NotFound);
    }
    cx.call().commit_with(tx);
    let row = invitation::Model { status: store::invitations::CANCELED.to_owned(), ..row };
    Ok(Json(cx.plugin().shown(row)))
}
