//! The table `apikey`, as Better Auth has it but for what a rotation leaves behind; and a table of uses.

use auth_core::schema::{Column, ColumnType, Table};

pub(crate) fn table() -> Table {
    Table::new("apikey")
        .column(Column::text("configId").not_null())
        .column(Column::text("name"))
        .column(Column::text("start"))
        .column(Column::text("referenceId").not_null())
        .column(Column::text("prefix"))
        .column(Column::text("key").not_null().hidden())
        .column(Column::integer("refillInterval"))
        .column(Column::integer("refillAmount"))
        .column(Column::date("lastRefillAt"))
        .column(Column::bool("enabled"))
        .column(Column::bool("rateLimitEnabled"))
        .column(Column::integer("rateLimitTimeWindow"))
        .column(Column::integer("rateLimitMax"))
        .column(Column::integer("requestCount"))
        .column(Column::integer("remaining"))
        .column(Column::date("lastRequest"))
        .column(Column::date("expiresAt"))
        .column(Column::date("createdAt").not_null())
        .column(Column::date("updatedAt").not_null())
        .column(Column::text("permissions"))
        .column(Column::text("metadata"))
        .index("apikey_configId_idx", &["configId"])
        .index("apikey_referenceId_idx", &["referenceId"])
        .column(Column::text("previousKey").hidden())
        .column(Column::date("previousKeyUntil").hidden())
        .index("apikey_key_idx", &["key"])
        .index("apikey_previousKey_idx", &["previousKey"])
}

/// How often keys were used, by day and endpoint. Better Auth has no such table.
pub(crate) fn usage_table() -> Table {
    Table::new("apikeyUsage")
        .column(Column::text("keyId").not_null())
        .column(Column::text("day").not_null())
        .column(Column::text("endpoint").not_null())
        .column(Column::new("uses", ColumnType::BigInteger).not_null())
        .column(Column::new("refused", ColumnType::BigInteger).not_null())
        .index("apikeyUsage_keyId_idx", &["keyId", "day"])
        .index("apikeyUsage_day_idx", &["day"])
}

/// The table as an entity.
#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod apikey {
    use auth_core::{
        Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "apikey")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The configuration that the key was made under.
        #[sea_orm(column_name = "configId")]
        pub config_id: String,
        pub name: Option<String>,
        /// The first letters, for people to tell their keys apart.
        pub start: Option<String>,
        /// The user that the key belongs to.
        #[sea_orm(column_name = "referenceId")]
        pub reference_id: String,
        pub prefix: Option<String>,
        /// The hash.
        pub key: String,
        /// Milliseconds.
        #[sea_orm(column_name = "refillInterval")]
        pub refill_interval: Option<i32>,
        #[sea_orm(column_name = "refillAmount")]
        pub refill_amount: Option<i32>,
        #[sea_orm(column_name = "lastRefillAt")]
        pub last_refill_at: Option<Timestamp>,
        pub enabled: Option<bool>,
        #[sea_orm(column_name = "rateLimitEnabled")]
        pub rate_limit_enabled: Option<bool>,
        /// Milliseconds.
        #[sea_orm(column_name = "rateLimitTimeWindow")]
        pub rate_limit_time_window: Option<i32>,
        #[sea_orm(column_name = "rateLimitMax")]
        pub rate_limit_max: Option<i32>,
        #[sea_orm(column_name = "requestCount")]
        pub request_count: Option<i32>,
        pub remaining: Option<i32>,
        #[sea_orm(column_name = "lastRequest")]
        pub last_request: Option<Timestamp>,
        #[sea_orm(column_name = "expiresAt")]
        pub expires_at: Option<Timestamp>,
        #[sea_orm(column_name = "createdAt")]
        pub created_at: Timestamp,
        #[sea_orm(column_name = "updatedAt")]
        pub updated_at: Timestamp,
        /// JSON: resources with their actions.
        pub permissions: Option<String>,
        /// JSON.
        pub metadata: Option<String>,
        /// The hash of the key before the last rotation.
        #[sea_orm(column_name = "previousKey")]
        pub previous_key: Option<String>,
        /// The last moment of that one.
        #[sea_orm(column_name = "previousKeyUntil")]
        pub previous_key_until: Option<Timestamp>,
    }

    /// Nobody needs a hash in a log.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "ApiKey({})", self.id)
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table of uses as an entity.
#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod usage {
    use auth_core::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "apikeyUsage")]
    pub struct Model {
        /// Made of the three that follow, so that a line is there once.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        #[sea_orm(column_name = "keyId")]
        pub key_id: String,
        /// `2026-01-31`, in UTC.
        pub day: String,
        pub endpoint: String,
        pub uses: i64,
        pub refused: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
