//! `[plugins.organization]`. The comments of the fields are the reference.

use std::collections::BTreeMap;

use auth_core::{
    PluginConfig, Preset,
    access::{Condition, Permissions},
    schemars::JsonSchema,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Users can make organizations.
    pub allow_creation: bool,
    /// Organizations that a user can be a member of when making another one; 0 for any number.
    pub organization_limit: u64,
    /// Owners cannot delete their organization.
    pub disable_deletion: bool,
    /// Members of an organization; 0 for any number.
    pub membership_limit: u64,
    /// The role of who makes an organization. An organization never is without somebody who has it.
    pub creator_role: String,
    /// Slugs are lower-case ASCII letters, digits and single hyphens, at most 63: no two of them look alike.
    pub strict_slugs: bool,
    /// Invitations of an organization that wait for an answer at the same time; 0 for any number.
    pub invitation_limit: u64,
    /// Seconds that an invitation can be accepted.
    pub invitation_expires_in: u64,
    /// A new invitation of the same address cancels the one that waits.
    pub cancel_pending_on_reinvite: bool,
    /// Invitations are only shown to, accepted and rejected by users whose address is verified.
    pub require_verified_email: bool,
    /// Where the mailed link leads, with `{id}` for the invitation's id. Without a value:
    /// `/accept-invitation/{id}` at the origin of `base_url`.
    #[serde(default)]
    pub invitation_url: Option<String>,
    /// A session's cookies are sent again whenever it moves to another organization or team, so that a
    /// cookie cache knows of it at once. Without it, as in Better Auth, only `set-active`,
    /// `set-active-team` and an invitation into one team do so.
    pub refresh_cookies: bool,
    /// Signed tokens say which organization is active, and the roles in it.
    pub token_claims: bool,
    /// Teams.
    pub teams: TeamsConfig,
    /// Roles that organizations make for themselves.
    pub dynamic_roles: DynamicRolesConfig,
    /// Organizations below organizations.
    pub tree: TreeConfig,
    /// What organizations ask of their members' sessions.
    pub security: SecurityConfig,
    /// Roles beside `owner`, `admin` and `member`, or in the place of one of them: resources with actions.
    #[serde(default)]
    pub roles: BTreeMap<String, Permissions>,
    /// What roles grant under a condition only.
    #[serde(default)]
    pub restrictions: Vec<RestrictionConfig>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamsConfig {
    /// Organizations have teams.
    pub enabled: bool,
    /// A new organization has a team of its name.
    pub default_team: bool,
    /// Teams of an organization; 0 for any number.
    pub maximum: u64,
    /// Members of a team; 0 for any number.
    pub maximum_members: u64,
    /// The last team can be removed.
    pub allow_removing_all: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DynamicRolesConfig {
    /// Organizations can make roles.
    pub enabled: bool,
    /// Roles that an organization can make; 0 for any number.
    pub maximum: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TreeConfig {
    /// Organizations can be below others.
    pub enabled: bool,
    /// Who has a role in an organization has it in all below it.
    pub inherit_roles: bool,
    /// Organizations that can be above one.
    pub max_depth: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecurityConfig {
    /// Organizations can ask for a second factor, an idle time-out and a number of sessions.
    pub enabled: bool,
}

impl TreeConfig {
    pub(crate) fn inherits(&self) -> bool {
        self.enabled && self.inherit_roles
    }
}

/// Actions that a role grants under a condition only. It has to be a role of the program or of `roles`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestrictionConfig {
    /// The role that grants less.
    pub role: String,
    /// What the actions are done to.
    pub resource: String,
    /// All of them where it is left out.
    #[serde(default)]
    pub actions: Vec<String>,
    pub when: Condition,
}

/// Each level is a look into the database when grants are read.
const DEEPEST: usize = 16;

const DAY: u64 = 24 * 3600;

impl PluginConfig for Config {
    fn preset(preset: Preset) -> Self {
        let ours = preset == Preset::Tessera;
        Self {
            allow_creation: true,
            organization_limit: if ours { 5 } else { 0 },
            disable_deletion: false,
            membership_limit: 100,
            creator_role: "owner".to_owned(),
            strict_slugs: ours,
            invitation_limit: 100,
            invitation_expires_in: if ours { 7 * DAY } else { 2 * DAY },
            cancel_pending_on_reinvite: false,
            require_verified_email: ours,
            invitation_url: None,
            refresh_cookies: ours,
            token_claims: ours,
            teams: TeamsConfig {
                enabled: false,
                default_team: true,
                maximum: if ours { 10 } else { 0 },
                maximum_members: 0,
                allow_removing_all: false,
            },
            dynamic_roles: DynamicRolesConfig { enabled: false, maximum: if ours { 50 } else { 0 } },
            tree: TreeConfig { enabled: false, inherit_roles: true, max_depth: 5 },
            security: SecurityConfig { enabled: false },
            roles: BTreeMap::new(),
            restrictions: Vec::new(),
        }
    }

    fn validate(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let plain = |name: &str| !name.is_empty() && !name.contains([',', '\\']) && name.trim() == name;
        for name in self.roles.keys().filter(|name| !plain(name)) {
            problems.push((
                format!("roles.{name}"),
                "a role's name has no comma, no backslash and no space around it".to_owned(),
            ));
        }
        let known = ["owner", "admin", "member"].contains(&self.creator_role.as_str());
        if !known && !self.roles.contains_key(&self.creator_role) {
            problems.push(("creator_role".to_owned(), "names no role; add it to `roles`".to_owned()));
        }
        if self.invitation_expires_in == 0 {
            problems.push(("invitation_expires_in".to_owned(), "has to be at least 1".to_owned()));
        }
        if self.invitation_url.as_ref().is_some_and(|url| !url.contains("{id}")) {
            problems.push(("invitation_url".to_owned(), "needs `{id}`, or the link says nothing".to_owned()));
        }
        if self.tree.max_depth == 0 || self.tree.max_depth > DEEPEST {
            problems.push(("tree.max_depth".to_owned(), format!("has to be from 1 to {DEEPEST}")));
        }
        for (place, restriction) in self.restrictions.iter().enumerate() {
            let RestrictionConfig { role, when, .. } = restriction;
            if !["owner", "admin", "member"].contains(&role.as_str()) && !self.roles.contains_key(role) {
                problems.push((
                    format!("restrictions.{place}.role"),
                    "names no role; add it to `roles`".to_owned(),
                ));
            }
            if *when == Condition::default() {
                problems.push((format!("restrictions.{place}.when"), "has no condition".to_owned()));
            }
        }
        problems
    }
}

/// A limit of the configuration: 0 is none.
pub(crate) fn reached(limit: u64, count: u64) -> bool {
    limit != 0 && count >= limit
}
