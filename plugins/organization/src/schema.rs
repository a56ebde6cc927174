//! The tables, as Better Auth has them, and the columns on `session`.

use auth_core::schema::{Column, Table};

auth_core::columns! {
    /// The organization that a session works in.
    pub struct ActiveOrganization on Session {
        id: Option<String> => Column::text("activeOrganizationId"),
    }
}

auth_core::columns! {
    /// The team that a session works in.
    pub struct ActiveTeam on Session {
        id: Option<String> => Column::text("activeTeamId"),
    }
}

fn of_organization(name: &'static str) -> Table {
    Table::new(name).column(Column::text("organizationId").not_null().references("organization", "id"))
}

pub(crate) fn tables() -> [Table; 3] {
    [
        Table::new("organization")
            .column(Column::text("name").not_null())
            .column(Column::text("slug").not_null().unique())
            .column(Column::text("logo"))
            .column(Column::date("createdAt").not_null())
            .column(Column::text("metadata")),
        of_organization("member")
            .column(Column::text("userId").not_null().references("user", "id"))
            .column(Column::text("role").not_null())
            .column(Column::date("createdAt").not_null())
            // Pages of members are read in this order; the first column alone is what upstream indexes.
            .index("member_organizationId_createdAt_idx", &["organizationId", "createdAt", "id"])
            .index("member_userId_idx", &["userId"]),
        of_organization("invitation")
            .column(Column::text("email").not_null())
            .column(Column::text("role"))
            .column(Column::text("teamId"))
            .column(Column::text("status").not_null())
            .column(Column::date("expiresAt").not_null())
            .column(Column::date("createdAt").not_null())
            .column(Column::text("inviterId").not_null().references("user", "id"))
            .index("invitation_organizationId_idx", &["organizationId"])
            .index("invitation_email_idx", &["email"]),
    ]
}

pub(crate) fn team_tables() -> [Table; 2] {
    [
        Table::new("team")
            .column(Column::text("name").not_null())
            .column(Column::integer("memberCount").not_null().default_value(0).hidden())
            .column(Column::text("organizationId").not_null().references("organization", "id"))
            .column(Column::date("createdAt").not_null())
            .column(Column::date("updatedAt"))
            .index("team_organizationId_idx", &["organizationId"]),
        Table::new("teamMember")
            .column(Column::text("teamId").not_null().references("team", "id"))
            .column(Column::text("userId").not_null().references("user", "id"))
            .column(Column::text("membershipKey").unique().hidden())
            .column(Column::date("createdAt"))
            .index("teamMember_teamId_idx", &["teamId"])
            .index("teamMember_userId_idx", &["userId"]),
    ]
}

pub(crate) fn role_table() -> Table {
    of_organization("organizationRole")
        .column(Column::text("role").not_null())
        .column(Column::text("permission").not_null())
        .column(Column::date("createdAt").not_null())
        .column(Column::date("updatedAt"))
        .index("organizationRole_organizationId_idx", &["organizationId"])
        .index("organizationRole_role_idx", &["role"])
}

/// Which organization is below which: of ours, so that what Better Auth reads stays as it is.
pub(crate) fn tree_table() -> Table {
    Table::new("organizationTree")
        .column(Column::text("parentId").not_null().references("organization", "id"))
        .column(Column::date("createdAt").not_null())
        .index("organizationTree_parentId_idx", &["parentId"])
}

/// What an organization asks of its members' sessions: of ours, as the tree is.
pub(crate) fn security_table() -> Table {
    Table::new("organizationSecurity")
        .column(Column::bool("requireTwoFactor").not_null())
        .column(Column::integer("idleTimeout"))
        .column(Column::integer("maxSessions"))
        .column(Column::date("updatedAt").not_null())
}

/// A table as an entity.
macro_rules! entity {
    ($(#[$meta:meta])* $module:ident of $table:literal { $($(#[$field_meta:meta])* $field:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        #[allow(unreachable_pub, reason = "the derived entity is public within its module")]
        pub(crate) mod $module {
            #[allow(unused_imports, reason = "not every table has dates")]
            use auth_core::{Timestamp, sea_orm::{self, entity::prelude::*}};

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table, rename_all = "camelCase")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: String,
                $($(#[$field_meta])* pub $field: $ty,)*
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity! {
    organization of "organization" {
        name: String,
        slug: String,
        logo: Option<String>,
        created_at: Timestamp,
        /// JSON.
        metadata: Option<String>,
    }
}

entity! {
    member of "member" {
        organization_id: String,
        user_id: String,
        /// A comma list.
        role: String,
        created_at: Timestamp,
    }
}

entity! {
    invitation of "invitation" {
        organization_id: String,
        email: String,
        /// A comma list.
        role: Option<String>,
        /// A comma list.
        team_id: Option<String>,
        status: String,
        expires_at: Timestamp,
        created_at: Timestamp,
        inviter_id: String,
    }
}

entity! {
    team of "team" {
        name: String,
        member_count: i32,
        organization_id: String,
        created_at: Timestamp,
        updated_at: Option<Timestamp>,
    }
}

entity! {
    team_member of "teamMember" {
        team_id: String,
        user_id: String,
        /// Unique for the pair.
        membership_key: Option<String>,
        created_at: Option<Timestamp>,
    }
}

entity! {
    organization_role of "organizationRole" {
        organization_id: String,
        role: String,
        /// Permissions as JSON.
        permission: String,
        created_at: Timestamp,
        updated_at: Option<Timestamp>,
    }
}

entity! {
    /// Its id is the organization's.
    organization_tree of "organizationTree" {
        parent_id: String,
        created_at: Timestamp,
    }
}

entity! {
    /// Its id is the organization's.
    organization_security of "organizationSecurity" {
        require_two_factor: bool,
        /// Seconds.
        idle_timeout: Option<i32>,
        max_sessions: Option<i32>,
        updated_at: Timestamp,
    }
}
