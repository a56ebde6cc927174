//! Who asks, and what they may do in an organization: decided here for every endpoint.

use std::sync::Arc;

use auth_core::{
    Cx, Failure,
    access::{Grants, Permissions, Question},
    sea_orm::ConnectionTrait,
    session::Identity,
};

use crate::{OrganizationPlugin, memory::Reading};

/// Somebody who has roles in an organization: their own, or those of organizations above it.
pub(crate) struct Standing<'c> {
    cx: &'c Cx<OrganizationPlugin>,
    session: &'c Identity,
    organization_id: String,
    grants: Arc<Grants>,
}

/// As the store has it now; `None` for who has no role there.
pub(crate) async fn standing<'c>(
    cx: &'c Cx<OrganizationPlugin>,
    conn: &impl ConnectionTrait,
    organization_id: &str,
    session: &'c Identity,
) -> Result<Option<Standing<'c>>, Failure> {
    let user = session.user.id.as_str();
    let grants = cx.plugin().read_grants(conn, user, organization_id, &mut Reading::default()).await?;
    Ok(grants.map(|grants| Standing { cx, session, organization_id: organization_id.to_owned(), grants }))
}

impl Standing<'_> {
    fn question<'q>(&'q self, asked: &'q Permissions) -> Question<'q> {
        Question {
            scopes: self.session.scopes.as_deref(),
            ip: self.cx.call().ip().and_then(|ip| ip.parse().ok()),
            ..Question::new(&self.session.user.id, &self.organization_id, asked)
        }
    }

    pub(crate) fn organization_id(&self) -> &str {
        &self.organization_id
    }

    /// Whether they may do something; the event bus is told where not.
    pub(crate) fn may(&self, resource: &str, action: &str) -> bool {
        let asked = Permissions::of(&[(resource, &[action])]);
        self.question(&asked).check(Some(&self.grants), self.cx).is_ok()
    }

    /// As [`Self::may`], where nobody has asked for it.
    pub(crate) fn sees(&self, resource: &str, action: &str) -> bool {
        let asked = Permissions::of(&[(resource, &[action])]);
        self.question(&asked).answer(Some(&self.grants), self.cx)
    }

    /// Has the role that an organization cannot be without. What is good for a part of it is not enough.
    pub(crate) fn owns(&self) -> bool {
        self.grants.creator && self.session.scopes.is_none()
    }

    /// A comma list of their roles.
    pub(crate) fn roles(&self) -> String {
        self.grants.names().collect::<Vec<_>>().join(",")
    }

    /// What of a new role's permissions they do not have: nobody grants
    /// what they lack, or have under a condition only.
    pub(crate) fn lacking(&self, wanted: &Permissions) -> Vec<String> {
        let has = |(resource, action): &(&str, &str)| {
            let asked = Permissions::of(&[(*resource, &[*action])]);
            self.question(&asked).is_in_scope()
                && self.grants.roles.iter().any(|role| role.grants_always(resource, action))
        };
        let lacking = wanted.pairs().filter(|pair| !has(pair));
        lacking.map(|(resource, action)| format!("{resource}:{action}")).collect()
    }
}
