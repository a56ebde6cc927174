//! `POST /organization/reject-invitation`: the invited user does not want to join.

use auth_core::{
    Body, Cx, Json, Key, WholeSession,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::{answer_refused, current};
use crate::{
    OrganizationPlugin,
    schema::invitation,
    store,
    wire::{Invitation, Member},
};

auth_core::errors! {
    pub enum RejectError {
        NotFound => (400, "INVITATION_NOT_FOUND", "Invitation not found!"),
        Recipient => (403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", "You are not the recipient of the invitation"),
        Unverified => (403, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION", "Email verification required before accepting or rejecting invitation"),
    }
}

pub const REJECT: Key<Reject, Rejected> = Key::new("rejectInvitation");

pub(crate) fn endpoint() -> Endpoint {
    post(REJECT, "/organization/reject-invitation", reject).summary("Rejects an invitation")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reject {
    pub invitation_id: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Rejected {
    pub invitation: Invitation,
    /// Always `null`.
    pub member: Option<Member>,
}

async fn reject(
    cx: Cx<OrganizationPlugin>,
    session: WholeSession,
    Body(input): Body<Reject>,
) -> Result<Json<Rejected>, RejectError> {
    let user = current(&cx, &session).await?;
    let tx = cx.begin().await?;
    // One that has expired is rejected all the same: whoever sent it learns of it.
    let row = store::invitations::find(&tx, &input.invitation_id).await?;
    let row = row.filter(|row| row.status == store::invitations::PENDING).ok_or(RejectError::NotFound)?;
    cx.plugin().check_recipient(&user, &row).map_err(|why| answer_refused(&why))?;
    if !store::invitations::settle(&tx, &row.id, store::invitations::REJECTED).await? {
        return Err(RejectError::NotFound);
    }
    cx.call().commit_with(tx);
    let row = invitation::Model { status: store::invitations::REJECTED.to_owned(), ..row };
    Ok(Json(Rejected { invitation: cx.plugin().shown(row), member: None }))
}
