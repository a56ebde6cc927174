//! Asking whether somebody may do something.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use serde_json::{Map, Value};

use super::{Attributes, Grants, Permissions};
use crate::{Core, Event, Failure, error::ErrorSpec, model::Session, session::Level, trace};

/// The refusal of a member whose roles or credential do not allow it, for the documents of an endpoint.
pub const DENIED: ErrorSpec =
    ErrorSpec { status: 403, code: "PERMISSION_DENIED", message: "You are not allowed to do this" };
/// The refusal of who is no member, for the documents of an endpoint.
pub const NO_MEMBER: ErrorSpec = ErrorSpec {
    status: 403,
    code: "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION",
    message: "You are not a member of this organization",
};

/// The service that knows what users may do in organizations.
///
/// Ask with a [`Question`]:
///
/// ```
/// use std::sync::Arc;
///
/// use auth_core::{
///     Core, Failure, Session,
///     access::{AccessControl, Permissions, Question},
///     session::Level,
/// };
///
/// async fn may_publish(core: &Arc<Core>, session: &Session, organization_id: &str) -> Result<(), Failure> {
///     let Some(access) = core.services().get::<dyn AccessControl>() else {
///         return Err(Question::no_member());
///     };
///     let user_id = session.user.id.as_str();
///     let grants = access.grants(core, user_id, organization_id, Level::Cached).await?;
///     let asked = Permissions::of(&[("post", &["publish"])]);
///     let question = Question::new(user_id, organization_id, &asked);
///     let question = Question { scopes: session.scopes.as_deref(), ..question };
///     question.check(grants.as_deref(), core)
/// }
/// ```
#[async_trait]
pub trait AccessControl: Send + Sync + 'static {
    /// The roles of a user; `None` for who is no member. A memory that may answer knows at once what
    /// changed on this node.
    async fn grants(
        &self,
        core: &Arc<Core>,
        user_id: &str,
        organization_id: &str,
        level: Level,
    ) -> Result<Option<Arc<Grants>>, Failure>;

    /// The organization that a session works in. Whether its user is still a member is another question.
    fn active(&self, session: &Session) -> Option<String>;

    /// The organization that a signed token was made in.
    fn active_of_token(&self, claims: &Map<String, Value>) -> Option<String>;
}

/// Whether somebody may do something in an organization.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub user_id: &'a str,
    /// Where. The caller of a request cannot be trusted to name one of their own: roles are looked up in it.
    pub organization_id: &'a str,
    /// What they want to do. One role has to allow all of it.
    pub asked: &'a Permissions,
    /// What the caller's credential is good for, as `resource:action`; `None` for everything.
    pub scopes: Option<&'a [String]>,
    /// Whose row it is about, where it is about one.
    pub owner_id: Option<&'a str>,
    /// The client's address, for roles that count in some networks only.
    pub ip: Option<IpAddr>,
}

impl<'a> Question<'a> {
    /// A question by somebody's whole credential, about no row and from no known address: set the other fields
    /// where more is known.
    #[must_use]
    pub fn new(user_id: &'a str, organization_id: &'a str, asked: &'a Permissions) -> Self {
        Self { user_id, organization_id, asked, scopes: None, owner_id: None, ip: None }
    }

    /// The answer that these roles give. Who is no member has none.
    #[must_use]
    pub fn answer(&self, grants: Option<&Grants>, core: &Core) -> bool {
        trace::note_organization(self.organization_id);
        let attributes =
            Attributes { user_id: self.user_id, owner_id: self.owner_id, ip: self.ip, now: core.now() };
        self.is_in_scope() && grants.is_some_and(|grants| grants.authorize(self.asked, &attributes))
    }

    /// Whether the credential is good for what is asked, whatever the roles say.
    #[must_use]
    pub fn is_in_scope(&self) -> bool {
        let is = |scopes: &[String], resource: &str, action: &str| {
            scopes.iter().any(|scope| scope.split_once(':') == Some((resource, action)))
        };
        self.scopes
            .is_none_or(|scopes| self.asked.pairs().all(|(resource, action)| is(scopes, resource, action)))
    }

    /// 403 where these roles do not allow it, or the credential is not good for it; the event bus is told.
    pub fn check(&self, grants: Option<&Grants>, core: &Core) -> Result<(), Failure> {
        if self.answer(grants, core) {
            return Ok(());
        }
        self.deny(core);
        Err(if grants.is_some() {
            Failure::forbidden(DENIED.code, DENIED.message)
        } else {
            Self::no_member()
        })
    }

    /// The refusal of who is no member.
    #[must_use]
    pub fn no_member() -> Failure {
        Failure::forbidden(NO_MEMBER.code, NO_MEMBER.message)
    }

    /// Tells the event bus of a denial.
    pub fn deny(&self, core: &Core) {
        core.events().publish(Event::AccessDenied {
            user_id: self.user_id.to_owned(),
            organization_id: self.organization_id.to_owned(),
            asked: self.asked.clone(),
        });
    }
}
