//! Organizations with members, roles, invitations and teams.
//!
//! Whoever makes an organization owns it; it never is without an owner. What members may do is a matter of
//! roles: `owner`, `admin` and `member`, those of the configuration, and those that an organization makes
//! for itself. A session works in one organization at a time.

pub mod access;
mod change;
mod config;
mod contribute;
pub mod endpoints;
mod grants;
mod hooks;
mod memory;
mod schema;
mod security;
mod standing;
mod store;
mod topic;
pub mod wire;

use std::sync::Arc;

use auth_core::{
    Event, Manifest, Plugin, Problem, Registrar, Tx,
    access::AccessControl,
    limits::SessionLimits,
    ports::{FactorPolicy, NodeMemory, TokenClaims, Topic},
    session::RoleSource,
};

pub use access::Roles;
pub use change::{InvitationRow, MemberRow, OrganizationChange, OrganizationHook, OrganizationRow, TeamRow};
pub use config::{Config, DynamicRolesConfig, RestrictionConfig, SecurityConfig, TeamsConfig, TreeConfig};
pub use schema::{ActiveOrganization, ActiveTeam};

/// The plugin: its configuration, and the roles that it makes.
pub struct OrganizationPlugin {
    config: Config,
    roles: Roles,
    memory: memory::Memory,
}

impl Plugin for OrganizationPlugin {
    const MANIFEST: Manifest = Manifest::new(
        "organization",
        env!("CARGO_PKG_VERSION"),
        "Organizations with members, roles, invitations and teams",
    )
    .requires(&["session"]);
    type Config = Config;

    fn new(config: Config) -> Result<Self, Vec<Problem>> {
        let roles = Roles::new(&config);
        Ok(Self { config, roles, memory: memory::Memory::default() })
    }

    fn register(self: Arc<Self>, host: &mut Registrar) {
        use endpoints::{invitations, members, organizations};
        for table in schema::tables() {
            host.table(table);
        }
        host.columns::<ActiveOrganization>();
        host.endpoint(organizations::create::endpoint());
        host.endpoint(organizations::update::endpoint());
        host.endpoint(organizations::delete::endpoint());
        host.endpoint(organizations::check_slug::endpoint());
        host.endpoint(organizations::list::endpoint());
        host.endpoint(organizations::get::endpoint());
        host.endpoint(organizations::get_full::endpoint());
        host.endpoint(organizations::set_active::endpoint());
        host.endpoint(members::list::endpoint());
        host.endpoint(members::active::endpoint());
        host.endpoint(members::active_role::endpoint());
        host.endpoint(members::add::endpoint());
        host.endpoint(members::remove::endpoint());
        host.endpoint(members::update_role::endpoint());
        host.endpoint(members::leave::endpoint());
        host.endpoint(members::has_permission::endpoint());
        host.endpoint(members::has_permissions::endpoint());
        host.endpoint(members::transfer::endpoint());
        host.endpoint(invitations::create::endpoint());
        host.endpoint(invitations::cancel::endpoint());
        host.endpoint(invitations::accept::endpoint());
        host.endpoint(invitations::reject::endpoint());
        host.endpoint(invitations::get::endpoint());
        host.endpoint(invitations::list::endpoint());
        host.endpoint(invitations::list_of_user::endpoint());
        if self.config.teams.enabled {
            Self::register_teams(host);
        }
        if self.config.dynamic_roles.enabled {
            Self::register_roles(host);
        }
        if self.config.tree.enabled {
            Self::register_tree(host);
        }
        if self.config.security.enabled {
            self.register_security(host);
        }
        if self.config.token_claims {
            host.contribute::<dyn TokenClaims>(self.clone());
        }
        host.contribute::<dyn RoleSource>(self.clone());
        host.provide::<dyn AccessControl>(self.clone());
        host.contribute::<dyn NodeMemory>(Arc::new(memory::FromNodes(self.clone())));
        host.contribute::<dyn Topic>(self.clone());
        host.database_hook(hooks::Leavers(self));
    }
}

impl OrganizationPlugin {
    fn register_teams(host: &mut Registrar) {
        use endpoints::teams;
        for table in schema::team_tables() {
            host.table(table);
        }
        host.columns::<ActiveTeam>();
        host.endpoint(teams::create::endpoint());
        host.endpoint(teams::list::endpoint());
        host.endpoint(teams::update::endpoint());
        host.endpoint(teams::remove::endpoint());
        host.endpoint(teams::set_active::endpoint());
        host.endpoint(teams::list_of_user::endpoint());
        host.endpoint(teams::list_members::endpoint());
        host.endpoint(teams::add_member::endpoint());
        host.endpoint(teams::remove_member::endpoint());
    }

    fn register_tree(host: &mut Registrar) {
        use endpoints::tree;
        host.table(schema::tree_table());
        host.endpoint(tree::set_parent::endpoint());
        host.endpoint(tree::get::endpoint());
    }

    fn register_security(self: &Arc<Self>, host: &mut Registrar) {
        use endpoints::security;
        host.table(schema::security_table());
        host.endpoint(security::set::endpoint());
        host.endpoint(security::get::endpoint());
        host.contribute::<dyn SessionLimits>(self.clone());
        host.contribute::<dyn FactorPolicy>(self.clone());
    }

    fn register_roles(host: &mut Registrar) {
        use endpoints::roles;
        host.table(schema::role_table());
        host.endpoint(roles::create::endpoint());
        host.endpoint(roles::delete::endpoint());
        host.endpoint(roles::list::endpoint());
        host.endpoint(roles::get::endpoint());
        host.endpoint(roles::update::endpoint());
    }
}

/// Tells the bus of a member, once the transaction is committed.
fn tell(tx: &Tx, name: &'static str, member: &schema::member::Model) {
    let data = serde_json::json!({
        "organizationId": member.organization_id,
        "memberId": member.id,
        "userId": member.user_id,
        "role": member.role,
    });
    tx.tell(Event::Plugin { plugin: "organization", name, data });
}

auth_core::plugin!(OrganizationPlugin);
