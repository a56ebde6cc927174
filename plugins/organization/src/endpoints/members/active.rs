//! `GET /organization/get-active-member`: the caller as a member of the active organization.

use auth_core::{
    Cx, Json, Key, Session,
    endpoint::{Endpoint, get},
};

use crate::{
    OrganizationPlugin, endpoints, store,
    wire::{Member, MemberUser},
};

auth_core::errors! {
    pub enum ActiveMemberError {
        NoActive => (400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
        NotFound => (400, "MEMBER_NOT_FOUND", "Member not found"),
    }
}

pub const ACTIVE_MEMBER: Key<(), Member> = Key::new("getActiveMember");

pub(crate) fn endpoint() -> Endpoint {
    get(ACTIVE_MEMBER, "/organization/get-active-member", active_member)
        .summary("The user in the active organization")
}

async fn active_member(
    cx: Cx<OrganizationPlugin>,
    session: Session,
) -> Result<Json<Member>, ActiveMemberError> {
    let id = endpoints::active(&session).ok_or(ActiveMemberError::NoActive)?;
    let member =
        store::members::of_user(cx.db(), &id, &session.user.id).await?.ok_or(ActiveMemberError::NotFound)?;
    Ok(Json(Member::with(member, MemberUser::from(session.user.as_ref()))))
}
