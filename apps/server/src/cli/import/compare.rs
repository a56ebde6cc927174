//! What a file says of somebody who is here already.

use auth_core::{Account, User, crypto::PasswordPool, model::CREDENTIAL};

use super::person::{Linked, Person};

#[derive(Default)]
pub(super) struct Differences<'p> {
    pub(super) name: Option<&'p str>,
    pub(super) image: Option<&'p str>,
    /// Verified at the source, and not here.
    pub(super) verified: bool,
    pub(super) password: Option<&'p str>,
    pub(super) accounts: Vec<&'p Linked>,
}

impl Differences<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.names().is_empty()
    }

    pub(super) fn names(&self) -> Vec<String> {
        let simple = [
            (self.name.is_some(), "name"),
            (self.image.is_some(), "image"),
            (self.verified, "emailVerified"),
            (self.password.is_some(), "password"),
        ];
        let simple = simple.into_iter().filter(|(differs, _)| *differs).map(|(_, name)| name.to_owned());
        simple
            .chain(self.accounts.iter().map(|own| format!("account at {}", own.provider_id.escape_debug())))
            .collect()
    }
}

/// What the file does not say is no difference, and neither is what became more here than it was there.
pub(super) fn differences<'p>(
    passwords: &PasswordPool,
    user: &User,
    known: &[Account],
    person: &'p Person,
) -> Differences<'p> {
    let stored = known.iter().find(|account| account.provider_id == CREDENTIAL);
    let stored = stored.and_then(|account| account.password.as_deref());
    let is_known = |linked: &Linked| {
        known.iter().any(|own| own.provider_id == linked.provider_id && own.account_id == linked.account_id)
    };
    Differences {
        name: person.name.as_deref().filter(|name| *name != user.name),
        image: person.image.as_deref().filter(|image| Some(*image) != user.image.as_deref()),
        verified: person.email_verified && !user.email_verified,
        password: person.password.as_deref().filter(|hash| password_differs(passwords, stored, hash)),
        accounts: person.accounts.iter().filter(|linked| !is_known(linked)).collect(),
    }
}

/// A password that was used or changed here since it came is this server's: its hash is one of ours now,
/// and the file knows nothing newer.
pub(super) fn password_differs(passwords: &PasswordPool, stored: Option<&str>, hash: &str) -> bool {
    stored.is_none_or(|stored| stored != hash && !passwords.is_current(stored))
}
