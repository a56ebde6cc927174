//! The table of keys, as Better Auth has it (`id` is the `kid`), and the one of revoked tokens.

use auth_core::schema::{Column, Table};

pub(crate) fn table() -> Table {
    Table::new("jwks")
        .column(Column::text("publicKey").not_null())
        .column(Column::text("privateKey").not_null().hidden())
        .column(Column::date("createdAt").not_null())
        .column(Column::date("expiresAt"))
        .column(Column::text("alg"))
        .column(Column::text("crv"))
}

/// Tokens, sessions and users whose tokens do not count any more.
pub(crate) fn revoked_table() -> Table {
    Table::new("revokedToken")
        .column(Column::text("subject").not_null())
        .column(Column::date("createdAt").not_null())
        .column(Column::date("expiresAt").not_null())
        .index("revokedToken_createdAt_idx", &["createdAt"])
}

/// The table of keys as an entity.
#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod jwks {
    use auth_core::{
        Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jwks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// A JWK as JSON.
        #[sea_orm(column_name = "publicKey")]
        pub public_key: String,
        /// A JSON string with the sealed JWK, or the bare JWK.
        #[sea_orm(column_name = "privateKey")]
        pub private_key: String,
        #[sea_orm(column_name = "createdAt")]
        pub created_at: Timestamp,
        #[sea_orm(column_name = "expiresAt")]
        pub expires_at: Option<Timestamp>,
        pub alg: Option<String>,
        pub crv: Option<String>,
    }

    /// Keys are not printed.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Key({})", self.id)
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table of revoked tokens as an entity.
#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod revoked_token {
    use auth_core::{
        Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "revokedToken")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// `jti:`, `sid:` or `sub:` and the claim's value.
        pub subject: String,
        #[sea_orm(column_name = "createdAt")]
        pub created_at: Timestamp,
        /// When the last of the tokens is over by itself.
        #[sea_orm(column_name = "expiresAt")]
        pub expires_at: Timestamp,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
