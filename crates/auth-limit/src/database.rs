//! Counters in Better Auth's `rateLimit` table, shared by every node on the database.

use std::sync::Arc;

use async_trait::async_trait;
use auth_core::{
    Db, Failure,
    crypto::{Alphabet, random_string},
    ports::Rng,
    rate::{Limit, Limiter, Verdict},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};

use crate::{refused, window_millis};

/// Makes, resets or increments the counter of a key, or touches nothing where it is used up. The
/// comparison is part of the statement, so no two callers see the same count.
const HIT: &str = r#"INSERT INTO "rateLimit" ("id", "key", "count", "lastRequest") VALUES ($1, $2, 1, $3)
ON CONFLICT ("key") DO UPDATE SET
  "count" = CASE WHEN excluded."lastRequest" - "rateLimit"."lastRequest" >= $4 THEN 1
    ELSE "rateLimit"."count" + 1 END,
  "lastRequest" = excluded."lastRequest"
WHERE excluded."lastRequest" - "rateLimit"."lastRequest" >= $4 OR "rateLimit"."count" < $5"#;

const LAST: &str = r#"SELECT "lastRequest" FROM "rateLimit" WHERE "key" = $1"#;
const SWEEP: &str = r#"DELETE FROM "rateLimit" WHERE "lastRequest" < $1"#;

// MySQL cannot guard an upsert: each of its three cases is a guarded statement of its own.
const MYSQL_INCREMENT: &str = "UPDATE `rateLimit` SET `count` = `count` + 1, `lastRequest` = ? \
WHERE `key` = ? AND ? - `lastRequest` < ? AND `count` < ?";
const MYSQL_RESET: &str = "UPDATE `rateLimit` SET `count` = 1, `lastRequest` = ? \
WHERE `key` = ? AND ? - `lastRequest` >= ?";
const MYSQL_INSERT: &str =
    "INSERT IGNORE INTO `rateLimit` (`id`, `key`, `count`, `lastRequest`) VALUES (?, ?, 1, ?)";
const MYSQL_LAST: &str = "SELECT `lastRequest` FROM `rateLimit` WHERE `key` = ?";
const MYSQL_SWEEP: &str = "DELETE FROM `rateLimit` WHERE `lastRequest` < ?";

/// Counts in the database.
pub struct DatabaseLimiter {
    db: Db,
    rng: Arc<dyn Rng>,
}

impl DatabaseLimiter {
    #[must_use]
    pub fn new(db: Db, rng: Arc<dyn Rng>) -> Self {
        Self { db, rng }
    }

    /// Removes counters whose last allowed request is before `millis`. Give it a time that is
    /// longer ago than the longest window.
    pub async fn sweep(&self, millis: i64) -> Result<u64, Failure> {
        let sql = if self.mysql() { MYSQL_SWEEP } else { SWEEP };
        Ok(self.run(sql, [millis.into()]).await?)
    }

    fn mysql(&self) -> bool {
        self.db.get_database_backend() == DbBackend::MySql
    }

    async fn run<const N: usize>(&self, sql: &str, values: [Value; N]) -> Result<u64, DbErr> {
        let statement = Statement::from_sql_and_values(self.db.get_database_backend(), sql, values);
        Ok(self.db.execute_raw(statement).await?.rows_affected())
    }

    async fn count(&self, key: &str, window: i64, max: i64, now: i64) -> Result<bool, DbErr> {
        let id = random_string(self.rng.as_ref(), 32, Alphabet::AlphaNumeric);
        if !self.mysql() {
            let values = [id.into(), key.into(), now.into(), window.into(), max.into()];
            return Ok(self.run(HIT, values).await? == 1);
        }
        let counted = [now.into(), key.into(), now.into(), window.into(), max.into()];
        let reset = [now.into(), key.into(), now.into(), window.into()];
        // Whoever loses the race for a reset or a new row counts on what the winner made.
        Ok(self.run(MYSQL_INCREMENT, counted.clone()).await? == 1
            || self.run(MYSQL_RESET, reset).await? == 1
            || self.run(MYSQL_INSERT, [id.into(), key.into(), now.into()]).await? == 1
            || self.run(MYSQL_INCREMENT, counted).await? == 1)
    }

    async fn last(&self, key: &str) -> Result<Option<i64>, DbErr> {
        let sql = if self.mysql() { MYSQL_LAST } else { LAST };
        let statement = Statement::from_sql_and_values(self.db.get_database_backend(), sql, [key.into()]);
        let row = self.db.query_one_raw(statement).await?;
        row.map(|row| row.try_get("", "lastRequest")).transpose()
    }
}

#[async_trait]
impl Limiter for DatabaseLimiter {
    async fn hit(&self, key: &str, limit: Limit, now_millis: i64) -> Result<Verdict, Failure> {
        let window = window_millis(limit);
        let max = i64::try_from(limit.max).unwrap_or(i64::MAX);
        if self.count(key, window, max, now_millis).await? {
            return Ok(Verdict::Allowed);
        }
        // A row that was swept meanwhile: refuse this once, the next request makes a new one.
        let last = self.last(key).await?.unwrap_or(now_millis);
        Ok(refused(last, window, now_millis))
    }
}
