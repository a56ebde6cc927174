//! What members may do: static roles of the program and the configuration, and those that an
//! organization made for itself.

use std::collections::BTreeMap;

use auth_core::{Failure, access::Permissions, sea_orm::ConnectionTrait};

use crate::{
    Config, OrganizationPlugin,
    schema::{member, organization_role},
    store,
};

/// Everything that can be allowed in an organization.
const ALL: &[(&str, &[&str])] = &[
    ("organization", &["update", "delete"]),
    ("member", &["create", "update", "delete"]),
    ("invitation", &["create", "cancel"]),
    ("team", &["create", "update", "delete"]),
    ("ac", &["create", "read", "update", "delete"]),
];

const ADMIN: &[(&str, &[&str])] = &[
    ("organization", &["update"]),
    ("invitation", &["create", "cancel"]),
    ("member", &["create", "update", "delete"]),
    ("team", &["create", "update", "delete"]),
    ("ac", &["create", "read", "update", "delete"]),
];

/// Roles of an organization's own that one member can have.
const MOST_ROLES: usize = 100;

/// The roles that every organization has.
pub struct Roles {
    creator: String,
    known: BTreeMap<String, Permissions>,
    statements: Permissions,
}

impl Roles {
    pub(crate) fn new(config: &Config) -> Self {
        let mut known = BTreeMap::from([
            ("owner".to_owned(), Permissions::of(ALL)),
            ("admin".to_owned(), Permissions::of(ADMIN)),
            ("member".to_owned(), Permissions::of(&[("ac", &["read"])])),
        ]);
        known.extend(config.roles.clone());
        let statements = known.values().fold(Permissions::of(ALL), Permissions::with);
        Self { creator: config.creator_role.clone(), known, statements }
    }

    #[must_use]
    pub fn creator(&self) -> &str {
        &self.creator
    }

    #[must_use]
    pub fn is_static(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// All resources with all actions that some role knows.
    #[must_use]
    pub fn statements(&self) -> &Permissions {
        &self.statements
    }

    /// Whether a comma list of roles has the one that an organization cannot be without.
    #[must_use]
    pub fn is_creator(&self, list: &str) -> bool {
        names(list).any(|name| name == self.creator)
    }
}

/// The names in a comma list.
pub(crate) fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty())
}

impl OrganizationPlugin {
    /// What each of a member's roles grants. A role that the organization made adds to a static one of its name.
    pub(crate) async fn granted(
        &self,
        conn: &impl ConnectionTrait,
        organization_id: &str,
        list: &str,
    ) -> Result<Vec<Permissions>, Failure> {
        let made = if self.config.dynamic_roles.enabled {
            store::roles::named(conn, organization_id, names(list)).await?
        } else {
            Vec::new()
        };
        let granted = names(list).map(|name| {
            let fixed = self.roles.known.get(name).cloned().unwrap_or_default();
            made.iter()
                .filter(|role| role.role == name)
                .fold(fixed, |sum, role| sum.with(&permissions_of(role)))
        });
        Ok(granted.collect())
    }

    /// Whether one of a member's roles allows all that is asked for.
    pub(crate) async fn allows(
        &self,
        conn: &impl ConnectionTrait,
        member: &member::Model,
        asked: &Permissions,
    ) -> Result<bool, Failure> {
        let granted = self.granted(conn, &member.organization_id, &member.role).await?;
        Ok(granted.iter().any(|role| role.authorize(asked)))
    }

    /// As [`Self::allows`], for one action.
    pub(crate) async fn may(
        &self,
        conn: &impl ConnectionTrait,
        member: &member::Model,
        resource: &str,
        action: &str,
    ) -> Result<bool, Failure> {
        let granted = self.granted(conn, &member.organization_id, &member.role).await?;
        Ok(granted.iter().any(|role| role.grants(resource, action)))
    }

    /// What of a new role's permissions the member does not have: nobody grants what they lack.
    pub(crate) async fn lacking(
        &self,
        conn: &impl ConnectionTrait,
        member: &member::Model,
        wanted: &Permissions,
    ) -> Result<Vec<String>, Failure> {
        let granted = self.granted(conn, &member.organization_id, &member.role).await?;
        let pairs = wanted
            .iter()
            .flat_map(|(resource, actions)| actions.iter().map(move |action| (resource, action)));
        let lacking =
            pairs.filter(|(resource, action)| !granted.iter().any(|role| role.grants(resource, action)));
        Ok(lacking.map(|(resource, action)| format!("{resource}:{action}")).collect())
    }

    /// The names that are neither static nor made by the organization.
    pub(crate) async fn unknown_roles(
        &self,
        conn: &impl ConnectionTrait,
        organization_id: &str,
        wanted: &[String],
    ) -> Result<Vec<String>, Failure> {
        let mut unknown: Vec<String> =
            wanted.iter().filter(|name| !self.roles.is_static(name)).cloned().collect();
        // Nobody has more: a longer list is not worth a look, nor does every database take one.
        let some = (1..=MOST_ROLES).contains(&unknown.len());
        if some && self.config.dynamic_roles.enabled {
            let made = store::roles::named(conn, organization_id, unknown.iter().map(String::as_str)).await?;
            unknown.retain(|name| made.iter().all(|role| role.role != *name));
        }
        Ok(unknown)
    }
}

/// What a stored role grants; nothing where the row cannot be read.
pub(crate) fn permissions_of(role: &organization_role::Model) -> Permissions {
    serde_json::from_str(&role.permission).unwrap_or_else(|error| {
        tracing::warn!(role = role.id, %error, "a role's permissions cannot be read; it grants nothing");
        Permissions::default()
    })
}
