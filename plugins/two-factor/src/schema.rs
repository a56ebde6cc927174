//! The tables: `twoFactor` as Better Auth has it but for the last step that was used; the challenges; the
//! trusted devices.

use auth_core::schema::{Column, Table};

auth_core::columns! {
    /// What a user's row says.
    pub(crate) struct Enabled on User {
        /// Signing in asks for a second factor.
        two_factor: bool => Column::bool("twoFactorEnabled").default_value(false),
    }
}

pub(crate) fn factors() -> Table {
    Table::new("twoFactor")
        .column(Column::text("secret").not_null().hidden())
        .column(Column::text("backupCodes").not_null().hidden())
        .column(Column::text("userId").not_null().references("user", "id").hidden())
        .column(Column::bool("verified"))
        .column(Column::integer("failedVerificationCount").hidden())
        .column(Column::date("lockedUntil").hidden())
        .column(Column::integer("lastUsedStep").hidden())
        .index("twoFactor_secret_idx", &["secret"])
        .index("twoFactor_userId_idx", &["userId"])
}

/// Better Auth keeps these among the verifications, where attempts cannot be counted in one statement.
pub(crate) fn challenges() -> Table {
    Table::new("twoFactorChallenge")
        .column(Column::text("userId").not_null().references("user", "id"))
        .column(Column::date("createdAt").not_null())
        .column(Column::date("expiresAt").not_null())
        .column(Column::integer("attempts").not_null())
        .column(Column::text("proofs").not_null())
        .column(Column::bool("remember"))
        .column(Column::bool("enrols").not_null())
        .column(Column::text("otp").hidden())
        .column(Column::text("otpMeans"))
        .column(Column::date("otpExpiresAt"))
        .column(Column::integer("otpAttempts").not_null())
        .index("twoFactorChallenge_userId_idx", &["userId"])
        .index("twoFactorChallenge_expiresAt_idx", &["expiresAt"])
}

/// Better Auth knows of a trusted device by a verification alone.
pub(crate) fn devices() -> Table {
    Table::new("trustedDevice")
        .column(Column::text("userId").not_null().references("user", "id"))
        .column(Column::text("tokenHash").not_null().hidden())
        .column(Column::text("userAgent"))
        .column(Column::date("createdAt").not_null())
        .column(Column::date("lastUsedAt").not_null())
        .column(Column::date("expiresAt").not_null())
        .index("trustedDevice_userId_idx", &["userId"])
        .index("trustedDevice_expiresAt_idx", &["expiresAt"])
}

#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod factor {
    use auth_core::{
        Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "twoFactor")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Sealed; empty where the row only counts failures.
        pub secret: String,
        #[sea_orm(column_name = "backupCodes")]
        pub backup_codes: String,
        #[sea_orm(column_name = "userId")]
        pub user_id: String,
        /// Null counts as true: rows from before there was such a column.
        pub verified: Option<bool>,
        #[sea_orm(column_name = "failedVerificationCount")]
        pub failures: Option<i32>,
        #[sea_orm(column_name = "lockedUntil")]
        pub locked_until: Option<Timestamp>,
        #[sea_orm(column_name = "lastUsedStep")]
        pub last_used_step: Option<i32>,
    }

    /// Nobody needs a secret in a log.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Factor({})", self.id)
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod challenge {
    use auth_core::{
        Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "twoFactorChallenge")]
    pub struct Model {
        /// What the cookie says; for codes that a session asked for, its id behind `session:`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        #[sea_orm(column_name = "userId")]
        pub user_id: String,
        #[sea_orm(column_name = "createdAt")]
        pub created_at: Timestamp,
        #[sea_orm(column_name = "expiresAt")]
        pub expires_at: Timestamp,
        /// Wrong codes so far.
        pub attempts: i32,
        /// Of the session that was withdrawn.
        pub proofs: String,
        pub remember: Option<bool>,
        /// The user has no factor yet and has to get one.
        pub enrols: bool,
        /// The hash of the code that was sent last.
        pub otp: Option<String>,
        #[sea_orm(column_name = "otpMeans")]
        pub otp_means: Option<String>,
        #[sea_orm(column_name = "otpExpiresAt")]
        pub otp_expires_at: Option<Timestamp>,
        #[sea_orm(column_name = "otpAttempts")]
        pub otp_attempts: i32,
    }

    /// Nobody needs a challenge in a log.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "Challenge of {}", self.user_id)
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[allow(unreachable_pub, reason = "the derived entity is public within its module")]
pub(crate) mod device {
    use auth_core::{
        Timestamp,
        sea_orm::{self, entity::prelude::*},
    };

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "trustedDevice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        #[sea_orm(column_name = "userId")]
        pub user_id: String,
        #[sea_orm(column_name = "tokenHash")]
        pub token_hash: String,
        #[sea_orm(column_name = "userAgent")]
        pub user_agent: Option<String>,
        #[sea_orm(column_name = "createdAt")]
        pub created_at: Timestamp,
        #[sea_orm(column_name = "lastUsedAt")]
        pub last_used_at: Timestamp,
        #[sea_orm(column_name = "expiresAt")]
        pub expires_at: Timestamp,
    }

    /// Nobody needs a hash in a log.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "TrustedDevice({})", self.id)
        }
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
