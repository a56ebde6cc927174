//! Which keys somebody may act on: their own, and those of an organization where their roles say so.

use std::sync::Arc;

use auth_core::{
    ApiError, Call, Core, Extract, Failure,
    access::{AccessControl, Permissions, Question},
    endpoint::EndpointDoc,
    session::Level,
};

use crate::{
    ApiKey, Kind,
    config::References,
    keys::{find_by_id, find_owned, is_of},
    schema::apikey::Model,
};

/// The resource that roles of organizations name.
const RESOURCE: &str = "apiKey";

auth_core::errors! {
    pub enum ReachError {
        NoMember => (
            403,
            "USER_NOT_MEMBER_OF_ORGANIZATION",
            "You are not a member of the organization that owns this API key."
        ),
        NotAllowed => (
            403,
            "INSUFFICIENT_API_KEY_PERMISSIONS",
            "You do not have permission to perform this action on organization API keys."
        ),
    }
}

/// What is to be done with a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Right {
    Create,
    Read,
    Update,
    Delete,
}

impl Right {
    fn action(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// Somebody's reach. As an argument of a handler it documents what may be refused.
pub(crate) struct Reach(Arc<Core>);

impl Extract for Reach {
    async fn extract(call: &Arc<Call>) -> Result<Self, Failure> {
        Ok(Self(call.core().clone()))
    }

    fn describe(doc: &mut EndpointDoc) {
        doc.fails_with(ReachError::specs());
    }
}

impl Reach {
    /// Whether a user may do this with keys of an organization. Without organizations nobody may.
    pub(crate) async fn organization(&self, user: &str, id: &str, right: Right) -> Result<(), Failure> {
        let Some(access) = self.0.services().get::<dyn AccessControl>() else {
            return Err(ReachError::NoMember.into());
        };
        let grants = access.grants(&self.0, user, id, Level::Strict).await?.ok_or(ReachError::NoMember)?;
        let asked = Permissions::of(&[(RESOURCE, &[right.action()])]);
        let question = Question::new(user, id, &asked);
        // The owner may do everything, whatever the owner's role says of keys.
        if grants.creator || question.answer(Some(&grants), &self.0) {
            return Ok(());
        }
        question.deny(&self.0);
        Err(ReachError::NotAllowed.into())
    }

    /// A key that a user may do this with. Somebody else's is not there.
    pub(crate) async fn key(
        &self,
        plugin: &ApiKey,
        kind: &Kind,
        id: &str,
        user: &str,
        right: Right,
    ) -> Result<Option<Model>, Failure> {
        let db = self.0.db();
        let mut found = match kind.config.references {
            References::User => find_owned(db, id, user).await?,
            References::Organization => find_by_id(db, id).await?,
        }
        .filter(|key| is_of(key, &kind.id));
        if let Some(key) = &mut found {
            if kind.config.references == References::Organization {
                self.organization(user, &key.reference_id, right).await?;
            }
            plugin.overlay(key);
        }
        Ok(found)
    }
}
