pub mod accept;
pub mod cancel;
pub mod create;
pub mod get;
pub mod list;
pub mod list_of_user;
pub mod reject;

use auth_core::{Cx, Failure, User, session::Identity};

use crate::{OrganizationPlugin, schema::invitation, wire::Invitation};

/// The caller as the primary store has them: a cached session may name an address that was given up.
pub(crate) async fn current(cx: &Cx<OrganizationPlugin>, session: &Identity) -> Result<User, Failure> {
    cx.users().find(cx.db(), &session.user.id).await?.ok_or_else(Failure::unauthorized)
}

/// Why an invitation is not the caller's.
pub(crate) enum NotTheirs {
    /// It is for another address.
    Recipient,
    /// Nobody has proved that the address is the caller's.
    Unverified,
}

impl OrganizationPlugin {
    /// An invitation as clients see it.
    pub(crate) fn shown(&self, row: invitation::Model) -> Invitation {
        Invitation::new(row, self.config.teams.enabled)
    }

    /// Whether an invitation was sent to this user. Whoever typed an address when signing up is not the one
    /// who reads its mail, so the address counts once it is verified.
    pub(crate) fn check_recipient(
        &self,
        user: &User,
        invitation: &invitation::Model,
    ) -> Result<(), NotTheirs> {
        if !auth_core::email::matches(&invitation.email, &user.email) {
            return Err(NotTheirs::Recipient);
        }
        if self.config.require_verified_email && !user.email_verified {
            return Err(NotTheirs::Unverified);
        }
        Ok(())
    }
}

/// The refusals of answering an invitation that is not the caller's.
pub(crate) fn answer_refused(why: &NotTheirs) -> Failure {
    match why {
        NotTheirs::Recipient => Failure::forbidden(
            "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION",
            "You are not the recipient of the invitation",
        ),
        NotTheirs::Unverified => Failure::forbidden(
            "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION",
            "Email verification required before accepting or rejecting invitation",
        ),
    }
}
