
pub(crate) fn {{snake}}_table() -> Table {
    Table::new("{{name}}")
        .column(Column::text("userId").not_null().references("user", "id"))
        .column(Column::date("createdAt").not_null())
        .index("{{name}}_userId_idx", &["userId"])
}

/// The table `{{name}}` as an entity, for queries.
#[allow(dead_code, reason = "until the first query uses it")]
#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod {{snake}} {
    use auth_core::{
        Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "{{name}}", rename_all = "camelCase")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub user_id: String,
        pub created_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
