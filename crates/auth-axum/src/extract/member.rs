//! Members of organizations, and what they may do.

use std::{fmt, net::IpAddr, ops::Deref, sync::Arc};

use auth_core::{
    Failure,
    access::{AccessControl, Grants, Permissions, Question},
    http::HeaderMap,
    session::Level,
};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
    response::{IntoResponse, Response},
};

use super::caller;
use crate::{identity::Identity, layer::Visitor, refusal::NO_ORGANIZATION};

/// Names of a path parameter that says which organization a request is about.
pub(crate) const PARAMETERS: [&str; 2] = ["organization", "organization_id"];

/// A caller who is a member of the organization that the request is about: the one that the path names
/// as `{organization}` or `{organization_id}`, or else the active one of the session or the token.
///
/// 401 without a caller, 400 `NO_ACTIVE_ORGANIZATION` where no organization is named, 403 for who is no
/// member. Whether somebody is a member is looked up, whatever a token says.
///
/// What a member may do can depend on whose row it is about, which only the handler knows:
///
/// ```
/// use auth_axum::{Denied, Member};
///
/// async fn update(member: Member) -> Result<(), Denied> {
///     let author = "the id of the user whose row it is";
///     member.demand("document", "update", Some(author))
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(update));
/// ```
pub struct Member {
    identity: Identity,
    organization_id: String,
    grants: Arc<Grants>,
    visitor: Visitor,
    headers: HeaderMap,
    ip: Option<IpAddr>,
}

impl Member {
    /// The id of the organization that the request is about, which the caller was found to be a member of.
    #[must_use]
    pub fn organization_id(&self) -> &str {
        &self.organization_id
    }

    /// The caller's roles in the organization, inherited ones too.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.grants.names()
    }

    /// Whether they may do something; with a row, to this one of a user's.
    #[must_use]
    pub fn may(&self, resource: &str, action: &str, owner_id: Option<&str>) -> bool {
        self.question(&Permissions::of(&[(resource, &[action])]), owner_id, |question| {
            question.answer(Some(&self.grants), self.visitor.core())
        })
    }

    /// As [`Self::may`], or 403; the event bus is told of it.
    pub fn demand(&self, resource: &str, action: &str, owner_id: Option<&str>) -> Result<(), Denied> {
        self.question(&Permissions::of(&[(resource, &[action])]), owner_id, |question| {
            let failure = question.check(Some(&self.grants), self.visitor.core()).err();
            failure.map_or(Ok(()), |failure| Err(Denied(Box::new(self.refuse(&failure)))))
        })
    }

    fn question<T>(
        &self,
        asked: &Permissions,
        owner_id: Option<&str>,
        ask: impl FnOnce(&Question<'_>) -> T,
    ) -> T {
        let (user, organization) = (self.identity.user_id(), self.organization_id.as_str());
        let scopes = self.identity.scopes();
        ask(&Question { scopes, owner_id, ip: self.ip, ..Question::new(user, organization, asked) })
    }

    fn refuse(&self, failure: &Failure) -> Response {
        self.visitor.refuse_to(failure, &self.headers)
    }
}

impl Deref for Member {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
}

impl<A: Send + Sync> FromRequestParts<A> for Member {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &A) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, state).await.ok();
        let named = params.as_ref().and_then(|params| {
            params.iter().find(|(name, _)| PARAMETERS.contains(name)).map(|(_, value)| value.to_owned())
        });
        let (identity, visitor) = caller(parts, Level::Cached, |visitor, caller| {
            Ok((caller.ok_or_else(Failure::unauthorized)?, visitor.clone()))
        })
        .await?;
        let found = find(&identity, &visitor, named).await;
        let (organization_id, grants) = found.map_err(|failure| visitor.refuse(&failure, parts))?;
        let ip = visitor.ip(parts);
        Ok(Self { identity, organization_id, grants, visitor, headers: parts.headers.clone(), ip })
    }
}

/// The organization that is named or active, and what the caller may do there.
async fn find(
    identity: &Identity,
    visitor: &Visitor,
    named: Option<String>,
) -> Result<(String, Arc<Grants>), Failure> {
    let core = visitor.core();
    let control = core.services().get::<dyn AccessControl>();
    let control = control.ok_or_else(|| Failure::internal("no plugin knows of organizations"))?;
    let active = || match (identity.session(), identity.claims()) {
        (Some(session), _) => control.active(session),
        (None, Some(claims)) => control.active_of_token(claims),
        (None, None) => None,
    };
    let nowhere = || Failure::bad_request(NO_ORGANIZATION.code, NO_ORGANIZATION.message);
    let id = named.or_else(active).ok_or_else(nowhere)?;
    let grants = control.grants(core, identity.user_id(), &id, Level::Cached).await?;
    Ok((id, grants.ok_or_else(Question::no_member)?))
}

/// The response to a member who may not do something.
pub struct Denied(Box<Response>);

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl fmt::Debug for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Denied")
    }
}

/// A permission that handlers demand with [`Require`](crate::Require).
pub trait Permission: 'static {
    /// What it is about, such as `project`.
    const RESOURCE: &'static str;
    /// What is to be done with it, such as `delete`.
    const ACTION: &'static str;
}
