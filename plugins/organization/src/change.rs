//! What an application has to say about changes in organizations.

use auth_core::{Failure, Tx, async_trait};

pub use crate::schema::{
    invitation::Model as InvitationRow, member::Model as MemberRow, organization::Model as OrganizationRow,
    team::Model as TeamRow,
};

/// A slot: an application's rules about organizations. What has happened is told by events.
///
/// ```
/// use auth_core::{Failure, Tx, async_trait};
/// use auth_plugin_organization::{OrganizationChange, OrganizationHook};
///
/// /// Organizations are named in capitals, and nobody joins on a whim.
/// struct House;
///
/// #[async_trait]
/// impl OrganizationHook for House {
///     async fn before(&self, _: &Tx, change: &mut OrganizationChange<'_>) -> Result<(), Failure> {
///         match change {
///             OrganizationChange::Create(organization) => {
///                 organization.name = organization.name.to_uppercase();
///                 Ok(())
///             }
///             OrganizationChange::AddMember(member) if member.role.contains("guest") => {
///                 Err(Failure::forbidden("NO_GUESTS", "Guests are not members"))
///             }
///             _ => Ok(()),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait OrganizationHook: Send + Sync + 'static {
    /// Before a change is written, in its transaction. It may refuse, write beside it, and alter what is
    /// mutable; ids are not.
    async fn before(&self, tx: &Tx, change: &mut OrganizationChange<'_>) -> Result<(), Failure>;
}

/// A change that is about to be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum OrganizationChange<'c> {
    Create(&'c mut OrganizationRow),
    Update {
        from: &'c OrganizationRow,
        to: &'c mut OrganizationRow,
    },
    /// Its members, teams, roles and invitations go too; nobody is asked about those.
    Delete {
        organization_id: &'c str,
    },
    /// By an invitation, by the program, or as the maker of the organization.
    AddMember(&'c MemberRow),
    ChangeRole {
        organization_id: &'c str,
        member_id: &'c str,
        role: &'c str,
    },
    RemoveMember(&'c MemberRow),
    Invite(&'c mut InvitationRow),
    /// An invitation is `accepted`, `rejected` or `canceled`.
    Settle {
        invitation_id: &'c str,
        status: &'c str,
    },
    CreateTeam(&'c mut TeamRow),
    RenameTeam(&'c mut TeamRow),
    DeleteTeam(&'c TeamRow),
    JoinTeam {
        team_id: &'c str,
        user_id: &'c str,
    },
    /// Who leaves the organization leaves its teams; nobody is asked about those.
    LeaveTeam {
        team_id: &'c str,
        user_id: &'c str,
    },
}

/// Asks everybody who has a say.
pub(crate) async fn before(tx: &Tx, mut change: OrganizationChange<'_>) -> Result<(), Failure> {
    for hook in tx.core().services().slot::<dyn OrganizationHook>() {
        hook.before(tx, &mut change).await?;
    }
    Ok(())
}
