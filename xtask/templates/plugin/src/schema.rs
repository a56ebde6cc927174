//! What the plugin keeps: a column on `user` and a table of its own.

use auth_core::schema::{Column, Table};

auth_core::columns! {
    /// What the plugin knows of a user.
    pub(crate) struct Counted on User {
        /// Notes that the user has.
        count: i64 => Column::integer("{{camel}}Count").default_value(0),
    }
}

/// The table of notes. The migrator makes it; it is never altered but by additions.
pub(crate) fn table() -> Table {
    Table::new("{{camel}}Note")
        .column(Column::text("userId").not_null().references("user", "id"))
        .column(Column::text("text").not_null())
        .column(Column::date("createdAt").not_null())
        .index("{{camel}}Note_userId_idx", &["userId"])
}

/// The table as an entity, for queries.
pub(crate) mod note {
    use auth_core::{
        Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "{{camel}}Note")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        #[sea_orm(column_name = "userId")]
        pub user_id: String,
        pub text: String,
        #[sea_orm(column_name = "createdAt")]
        pub created_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
