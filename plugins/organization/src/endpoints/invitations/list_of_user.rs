//! `GET /organization/list-user-invitations`: the invitations that wait for the caller's answer.

use std::collections::HashMap;

use auth_core::{
    Cx, Failure, Json, Key, Query, Session,
    call::Caller,
    email,
    endpoint::{Endpoint, get},
    http::StatusCode,
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

use super::current;
use crate::{OrganizationPlugin, store, wire::Invitation};

auth_core::errors! {
    pub enum ListOfUserError {
        Unverified => (403, "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION", "Email verification required to view or list invitations for the session email"),
    }
}

pub const LIST_OF_USER: Key<(), Vec<Waiting>> = Key::new("listUserInvitations");

pub(crate) fn endpoint() -> Endpoint {
    get(LIST_OF_USER, "/organization/list-user-invitations", list).summary("The invitations of the user")
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Which {
    /// Whose invitations, for calls in process without a session.
    pub email: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    #[serde(flatten)]
    pub invitation: Invitation,
    pub organization_name: String,
}

fn bad(message: &'static str) -> Failure {
    Failure::uncoded(StatusCode::BAD_REQUEST, message)
}

async fn list(
    cx: Cx<OrganizationPlugin>,
    session: Option<Session>,
    Query(which): Query<Which>,
) -> Result<Json<Vec<Waiting>>, ListOfUserError> {
    let named = which.email.filter(|email| !email.is_empty());
    if named.is_some() && cx.call().caller() != Caller::Program {
        return Err(bad("User email cannot be passed for client side API calls.").into());
    }
    let address = match (session, named) {
        (Some(session), _) => {
            let user = current(&cx, &session).await?;
            // Whatever the configuration says: names of organizations are not for whoever typed an address.
            if !user.email_verified {
                return Err(ListOfUserError::Unverified);
            }
            user.email
        }
        (None, Some(email)) => email,
        (None, None) => return Err(bad("Missing session headers, or email query parameter.").into()),
    };
    let rows = store::invitations::of_email(cx.db(), &email::normalize(&address)).await?;
    let ids = rows.iter().map(|row| row.organization_id.as_str());
    let organizations = store::organizations::by_ids(cx.db(), ids).await?;
    let names: HashMap<&str, &str> =
        organizations.iter().map(|row| (row.id.as_str(), row.name.as_str())).collect();
    let shown = rows.into_iter().filter_map(|row| {
        let organization_name = (*names.get(row.organization_id.as_str())?).to_owned();
        Some(Waiting { invitation: cx.plugin().shown(row), organization_name })
    });
    Ok(Json(shown.collect()))
}
