//! What somebody may do in an organization.

use std::sync::Arc;

use super::{Attributes, Condition, Permissions};

/// A role, and what it grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// As organizations know it: `owner`, `admin`, or one that an organization has made.
    pub name: String,
    /// What it grants where no restriction says less.
    pub permissions: Permissions,
    /// Where it grants less.
    pub restrictions: Vec<Restriction>,
}

/// Actions that a role grants under a condition only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// The resource of a statement, such as `project`.
    pub resource: String,
    /// None for all of them.
    pub actions: Vec<String>,
    /// What has to be met for the grant to count.
    pub when: Condition,
}

impl Restriction {
    fn is_about(&self, resource: &str, action: &str) -> bool {
        self.resource == resource && (self.actions.is_empty() || self.actions.iter().any(|one| one == action))
    }
}

impl Role {
    /// Whether it grants one action now.
    #[must_use]
    pub fn grants(&self, resource: &str, action: &str, attributes: &Attributes<'_>) -> bool {
        let mut restrictions = self.restrictions.iter().filter(|one| one.is_about(resource, action));
        self.permissions.grants(resource, action) && restrictions.all(|one| one.when.is_met(attributes))
    }

    /// Whether it grants one action whatever the attributes are: who has something under a condition cannot
    /// hand it on without.
    #[must_use]
    pub fn grants_always(&self, resource: &str, action: &str) -> bool {
        self.permissions.grants(resource, action)
            && !self.restrictions.iter().any(|one| one.is_about(resource, action))
    }

    /// Whether it grants all that is asked for now, as [`Permissions::authorize`] has it.
    #[must_use]
    pub fn authorize(&self, asked: &Permissions, attributes: &Attributes<'_>) -> bool {
        self.permissions.authorize(asked)
            && (self.restrictions.is_empty()
                || asked.pairs().all(|(resource, action)| self.grants(resource, action, attributes)))
    }
}

/// The roles of a user in an organization, inherited ones too.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Asked one by one: one of them has to allow all that is asked for.
    pub roles: Vec<Arc<Role>>,
    /// Has the role that an organization cannot be without.
    pub creator: bool,
}

impl Grants {
    /// Whether one of the roles allows all that is asked for. Roles do not add up, as in Better Auth.
    #[must_use]
    pub fn authorize(&self, asked: &Permissions, attributes: &Attributes<'_>) -> bool {
        self.roles.iter().any(|role| role.authorize(asked, attributes))
    }

    /// The names of the roles, for answers and tokens. A role says nothing of its restrictions here.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(|role| role.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    const NOON: Attributes<'_> =
        Attributes { user_id: "ada", owner_id: None, ip: None, now: Timestamp::UNIX_EPOCH };

    fn role(statements: &[(&str, &[&str])], restrictions: Vec<Restriction>) -> Arc<Role> {
        Arc::new(Role { name: "role".to_owned(), permissions: Permissions::of(statements), restrictions })
    }

    #[test]
    fn one_role_has_to_allow_everything() {
        let grants = Grants {
            roles: vec![role(&[("post", &["read"])], vec![]), role(&[("page", &["read"])], vec![])],
            creator: false,
        };
        let may = |statements: &[(&str, &[&str])]| grants.authorize(&Permissions::of(statements), &NOON);
        assert!(may(&[("post", &["read"])]) && may(&[("page", &["read"])]));
        assert!(!may(&[("post", &["read"]), ("page", &["read"])]));
        assert!(!Grants::default().authorize(&Permissions::of(&[("post", &["read"])]), &NOON));
    }

    #[test]
    fn a_restriction_is_about_its_actions_alone() {
        let when = Condition { owner: true, ..Condition::default() };
        let own = Restriction { resource: "post".to_owned(), actions: vec!["update".to_owned()], when };
        let writer = role(&[("post", &["read", "update"])], vec![own]);
        let may = |action: &str, owner_id| {
            writer.authorize(&Permissions::of(&[("post", &[action])]), &Attributes { owner_id, ..NOON })
        };
        assert!(may("read", Some("bob")));
        assert!(may("update", Some("ada")));
        assert!(!may("update", Some("bob")) && !may("update", None));
        assert!(!may("delete", Some("ada")), "a restriction grants nothing");
        let always = |action: &str| writer.grants_always("post", action);
        assert!(always("read") && !always("update") && !always("delete"));
    }

    #[test]
    fn another_role_may_grant_without_the_condition() {
        let when = Condition { owner: true, ..Condition::default() };
        let all = Restriction { resource: "post".to_owned(), actions: vec![], when };
        let grants = Grants {
            roles: vec![role(&[("post", &["update"])], vec![all]), role(&[("post", &["update"])], vec![])],
            creator: false,
        };
        assert!(grants.authorize(&Permissions::of(&[("post", &["update"])]), &NOON));
    }
}
