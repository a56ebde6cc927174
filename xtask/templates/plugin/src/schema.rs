//! What the plugin keeps: a column on `user` and a table of its own. The migrator makes what is missing and
//! changes nothing else, so a later version only adds: columns that may be empty or have a default.

use auth_core::schema::{Column, Table};

auth_core::columns! {
    /// What the plugin knows of a user.
    pub(crate) struct Written on User {
        /// Notes that the user has written.
        count: i64 => Column::integer("{{camel}}Count").default_value(0),
    }
}

pub(crate) fn table() -> Table {
    Table::new("{{camel}}Note")
        .column(Column::text("userId").not_null().references("user", "id"))
        .column(Column::text("text").not_null())
        .column(Column::date("createdAt").not_null())
        .index("{{camel}}Note_userId_idx", &["userId"])
        .index("{{camel}}Note_createdAt_idx", &["createdAt"])
}

/// The table as an entity, for queries.
#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod note {
    use auth_core::{
        Core, Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "{{camel}}Note", rename_all = "camelCase")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub user_id: String,
        pub text: String,
        pub created_at: Timestamp,
    }

    impl Model {
        /// A note that is not stored yet.
        pub(crate) fn draft(core: &Core, user_id: &str, text: String) -> Self {
            Self { id: core.new_id(), user_id: user_id.to_owned(), text, created_at: core.now() }
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
