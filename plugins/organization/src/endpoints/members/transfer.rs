//! `POST /organization/transfer-ownership`: an owner makes another member the owner and steps down, at
//! once. Not part of Better Auth, where the two steps can be torn apart.

use auth_core::{
    Body, Cx, Json, Key, WholeSession,
    endpoint::{Endpoint, post},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use crate::{OrganizationPlugin, access::names, endpoints::chosen, store, wire::Member};

auth_core::errors! {
    pub enum TransferError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotFound => (400, "MEMBER_NOT_FOUND", "Member not found"),
        NotAllowed => (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "You are not allowed to update this member"),
        Yourself => (400, "YOU_CANNOT_TRANSFER_THE_ORGANIZATION_TO_YOURSELF", "You cannot transfer the organization to yourself"),
    }
}

pub const TRANSFER: Key<Transfer, Transferred> = Key::new("transferOwnership");

pub(crate) fn endpoint() -> Endpoint {
    post(TRANSFER, "/organization/transfer-ownership", transfer).summary("Makes another member the owner")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// The new owner.
    pub member_id: String,
    /// The active one where it is left out.
    pub organization_id: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Transferred {
    /// The new owner.
    pub owner: Member,
    /// The caller, with the roles that are left; `admin` where there is none.
    pub member: Member,
}

async fn transfer(
    cx: Cx<OrganizationPlugin>,
    session: WholeSession,
    Body(input): Body<Transfer>,
) -> Result<Json<Transferred>, TransferError> {
    let roles = &cx.plugin().roles;
    let id = chosen(input.organization_id, &session).ok_or(TransferError::NoActive)?;
    let tx = cx.begin().await?;
    store::organizations::lock(&tx, &id).await?.ok_or(TransferError::NotFound)?;
    let mut me = store::members::of_user(&tx, &id, &session.user.id).await?.ok_or(TransferError::NotFound)?;
    if !roles.is_creator(&me.role) {
        return Err(TransferError::NotAllowed);
    }
    let mut them = store::members::find(&tx, &id, &input.member_id).await?.ok_or(TransferError::NotFound)?;
    if them.id == me.id {
        return Err(TransferError::Yourself);
    }
    let rest: Vec<&str> = names(&me.role).filter(|name| *name != roles.creator()).collect();
    me.role = if rest.is_empty() { "admin".to_owned() } else { rest.join(",") };
    if !roles.is_creator(&them.role) {
        them.role = std::iter::once(roles.creator()).chain(names(&them.role)).collect::<Vec<_>>().join(",");
    }
    for row in [&them, &me] {
        store::members::set_role(&tx, &id, &row.id, &row.role).await?;
        crate::tell(&tx, "member.role_changed", row);
    }
    cx.call().commit_with(tx);
    Ok(Json(Transferred { owner: them.into(), member: me.into() }))
}
