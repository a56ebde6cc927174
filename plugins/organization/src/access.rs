//! What members may do: static roles of the program and the configuration, and those that an
//! organization made for itself.

use std::{collections::BTreeMap, sync::Arc};

use auth_core::{
    Failure,
    access::{Permissions, Restriction, Role},
    sea_orm::ConnectionTrait,
};

use crate::{Config, OrganizationPlugin, schema::organization_role, store};

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
    known: BTreeMap<String, Arc<Role>>,
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
        let role = |(name, permissions): (String, Permissions)| {
            let mine = config.restrictions.iter().filter(|one| one.role == name);
            let restrictions = mine.map(|one| Restriction {
                resource: one.resource.clone(),
                actions: one.actions.clone(),
                when: one.when.clone(),
            });
            (name.clone(), Arc::new(Role { restrictions: restrictions.collect(), name, permissions }))
        };
        let known = known.into_iter().map(role).collect();
        Self { creator: config.creator_role.clone(), known, statements }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Role>> {
        self.known.get(name)
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
