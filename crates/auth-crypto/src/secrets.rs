//! The server's secrets in rotation order.
//!
//! The first one signs and seals; the others only open what was sealed before.

use crate::secret::Secret;

/// Why a list of secrets was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// There must be one to sign with.
    #[error("at least one secret is needed")]
    Empty,
    /// The version decides which secret opens a value, so it must be unique.
    #[error("secret version {0} is given twice")]
    DuplicateVersion(u32),
    /// An empty key protects nothing.
    #[error("secret version {0} is empty")]
    EmptySecret(u32),
    /// An empty key protects nothing.
    #[error("the legacy secret is empty")]
    EmptyLegacy,
}

/// One secret, or versioned ones with an optional unversioned predecessor.
#[derive(Debug, Clone)]
pub struct Secrets(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Single(Secret),
    Versioned { current: (u32, Secret), older: Vec<(u32, Secret)>, legacy: Option<Secret> },
}

impl Secrets {
    /// The plain configuration: sealed values carry no version.
    pub fn single(secret: Secret) -> Self {
        Self(Kind::Single(secret))
    }

    /// Rotated secrets, the current one first. `legacy` opens values sealed
    /// before versions were introduced.
    pub fn versioned(secrets: Vec<(u32, Secret)>, legacy: Option<Secret>) -> Result<Self, SecretsError> {
        for (index, (version, secret)) in secrets.iter().enumerate() {
            if secret.expose().is_empty() {
                return Err(SecretsError::EmptySecret(*version));
            }
            if secrets.iter().take(index).any(|(seen, _)| seen == version) {
                return Err(SecretsError::DuplicateVersion(*version));
            }
        }
        if legacy.as_ref().is_some_and(|s| s.expose().is_empty()) {
            return Err(SecretsError::EmptyLegacy);
        }
        let mut secrets = secrets.into_iter();
        let current = secrets.next().ok_or(SecretsError::Empty)?;
        Ok(Self(Kind::Versioned { current, older: secrets.collect(), legacy }))
    }

    /// The secret that signs and seals.
    pub fn current(&self) -> &Secret {
        match &self.0 {
            Kind::Single(secret) => secret,
            Kind::Versioned { current, .. } => &current.1,
        }
    }

    /// The version new sealed values carry; none for a single secret.
    pub fn current_version(&self) -> Option<u32> {
        match &self.0 {
            Kind::Single(_) => None,
            Kind::Versioned { current, .. } => Some(current.0),
        }
    }

    /// Looks a version up.
    pub fn by_version(&self, wanted: u32) -> Option<&Secret> {
        match &self.0 {
            Kind::Single(_) => None,
            Kind::Versioned { current, older, .. } => std::iter::once(current)
                .chain(older)
                .find(|(version, _)| *version == wanted)
                .map(|(_, secret)| secret),
        }
    }

    /// The secret that opens values without a version.
    pub fn unversioned(&self) -> Option<&Secret> {
        match &self.0 {
            Kind::Single(secret) => Some(secret),
            Kind::Versioned { legacy, .. } => legacy.as_ref(),
        }
    }

    /// Every secret, the current one first and the legacy one last.
    pub fn all(&self) -> impl Iterator<Item = &Secret> {
        let (older, legacy) = match &self.0 {
            Kind::Single(_) => (&[][..], None),
            Kind::Versioned { older, legacy, .. } => (older.as_slice(), legacy.as_ref()),
        };
        std::iter::once(self.current()).chain(older.iter().map(|(_, secret)| secret)).chain(legacy)
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests"
    )]
    use super::*;

    #[test]
    fn order_and_lookup() {
        let secrets = Secrets::versioned(
            vec![(2, Secret::from("two")), (1, Secret::from("one"))],
            Some(Secret::from("old")),
        )
        .unwrap();
        let all: Vec<_> = secrets.all().map(Secret::expose).collect();
        assert_eq!(all, ["two", "one", "old"]);
        assert_eq!(secrets.current().expose(), "two");
        assert_eq!(secrets.current_version(), Some(2));
        assert_eq!(secrets.by_version(1).unwrap().expose(), "one");
        assert!(secrets.by_version(3).is_none());
        assert_eq!(secrets.unversioned().unwrap().expose(), "old");

        let single = Secrets::single(Secret::from("only"));
        assert_eq!(single.all().count(), 1);
        assert_eq!(single.current_version(), None);
        assert_eq!(single.unversioned().unwrap().expose(), "only");
    }

    #[test]
    fn bad_lists_are_refused() {
        let one = || Secret::from("one");
        let refuse = |list, legacy| Secrets::versioned(list, legacy).unwrap_err();
        assert_eq!(refuse(vec![], None), SecretsError::Empty);
        assert_eq!(refuse(vec![(1, one()), (1, one())], None), SecretsError::DuplicateVersion(1));
        assert_eq!(refuse(vec![(4, Secret::from(""))], None), SecretsError::EmptySecret(4));
        assert_eq!(refuse(vec![(1, one())], Some(Secret::from(""))), SecretsError::EmptyLegacy);
    }
}
