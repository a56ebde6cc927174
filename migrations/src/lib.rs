//! The core's own tables, declared. They are Better Auth's tables, so that a database can be
//! adopted and handed back, and two that are only ours. `README.md` says how migrations work.

use auth_core::schema::{Column, ColumnType, Table};

/// The tables of the owner `core`.
#[must_use]
pub fn core_tables() -> Vec<Table> {
    vec![user(), session(), account(), verification(), rate_limit(), lease()]
}

fn user() -> Table {
    Table::new("user")
        .column(Column::text("name").not_null())
        .column(Column::text("email").not_null().unique())
        .column(Column::bool("emailVerified").not_null())
        .column(Column::text("image"))
        .column(created_at())
        .column(Column::date("updatedAt").not_null().default_now())
        .index("idx_users_created_at", &["createdAt"])
}

fn session() -> Table {
    Table::new("session")
        .column(Column::date("expiresAt").not_null())
        .column(Column::text("token").not_null().unique())
        .column(created_at())
        .column(Column::date("updatedAt").not_null())
        .column(Column::text("ipAddress"))
        .column(Column::text("userAgent"))
        .column(user_id())
        .index("idx_sessions_user_id", &["userId"])
        .index("idx_sessions_expires_at", &["expiresAt"])
}

fn account() -> Table {
    Table::new("account")
        .column(Column::text("accountId").not_null())
        .column(Column::text("providerId").not_null())
        .column(user_id())
        .column(Column::text("accessToken"))
        .column(Column::text("refreshToken"))
        .column(Column::text("idToken"))
        .column(Column::date("accessTokenExpiresAt"))
        .column(Column::date("refreshTokenExpiresAt"))
        .column(Column::text("scope"))
        .column(Column::text("password"))
        .column(created_at())
        .column(Column::date("updatedAt").not_null())
        .index("idx_accounts_user_id", &["userId"])
}

fn verification() -> Table {
    Table::new("verification")
        .column(Column::text("identifier").not_null())
        .column(Column::text("value").not_null())
        .column(Column::date("expiresAt").not_null())
        .column(created_at())
        .column(Column::date("updatedAt").not_null().default_now())
        .index("idx_verifications_identifier", &["identifier"])
        .index("idx_verifications_expires_at", &["expiresAt"])
}

/// Counters of the rate limiter that lives in the database.
fn rate_limit() -> Table {
    Table::new("rateLimit")
        .column(Column::text("key").not_null().unique())
        .column(Column::integer("count").not_null())
        .column(Column::new("lastRequest", ColumnType::BigInteger).not_null())
}

/// Who runs the background tasks. Ours alone: Better Auth ignores it.
fn lease() -> Table {
    let columns = vec![
        Column::text("name").not_null(),
        Column::text("holder").not_null(),
        Column::date("until").not_null(),
    ];
    Table { name: "tessera_lease".into(), columns, indexes: Vec::new() }
}

fn created_at() -> Column {
    Column::date("createdAt").not_null().default_now()
}

fn user_id() -> Column {
    Column::text("userId").not_null().references("user", "id")
}
