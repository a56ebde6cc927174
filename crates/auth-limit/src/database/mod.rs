//! Counters in Better Auth's `rateLimit` table, shared by every node on the database.

mod statements;

use std::sync::Arc;

use async_trait::async_trait;
use auth_core::{
    Db, Failure,
    crypto::{Alphabet, random_string},
    ports::Rng,
    rate::{Algorithm, Ask, Limiter, Verdict},
    store::DriverTx,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use crate::counter::{Counter, Slices, seconds, slices};

const KEPT: &str = r#"SELECT "count", "lastRequest" FROM "rateLimit" WHERE "key" = $1"#;
const FORGET: &str = r#"DELETE FROM "rateLimit" WHERE "key" = $1"#;
const SWEEP: &str = r#"DELETE FROM "rateLimit" WHERE "lastRequest" < $1"#;

// MySQL cannot guard an upsert: the row is locked and changed in a transaction. It is made before that, because
// locks of rows that are not there make requests wait for each other in a ring.
const MYSQL_MAKE: &str =
    "INSERT IGNORE INTO `rateLimit` (`id`, `key`, `count`, `lastRequest`) VALUES (?, ?, 0, ?)";
const MYSQL_WRITE: &str = "UPDATE `rateLimit` SET `count` = ?, `lastRequest` = ? WHERE `key` = ?";
const MYSQL_KEPT: &str = "SELECT `count`, `lastRequest` FROM `rateLimit` WHERE `key` = ? FOR UPDATE";
const MYSQL_FORGET: &str = "DELETE FROM `rateLimit` WHERE `key` = ?";
const MYSQL_SWEEP: &str = "DELETE FROM `rateLimit` WHERE `lastRequest` < ?";

/// Counts in the database: one statement a request, or a short transaction where several counters
/// are asked.
pub struct DatabaseLimiter {
    db: Db,
    rng: Arc<dyn Rng>,
}

/// Where statements go.
enum At<'a> {
    Database(&'a Db),
    Transaction(&'a dyn DriverTx),
}

impl DatabaseLimiter {
    #[must_use]
    pub fn new(db: Db, rng: Arc<dyn Rng>) -> Self {
        Self { db, rng }
    }

    /// Removes counters whose last allowed request is before `millis`. Give it a time that is
    /// longer ago than any counter is remembered.
    pub async fn sweep(&self, millis: i64) -> Result<u64, Failure> {
        let sql = if self.mysql() { MYSQL_SWEEP } else { SWEEP };
        Ok(self.db.execute_raw(self.statement(sql, vec![millis.into()])).await?.rows_affected())
    }

    fn mysql(&self) -> bool {
        self.db.get_database_backend() == DbBackend::MySql
    }

    fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.db.get_database_backend(), sql, values)
    }

    async fn row(&self, at: &At<'_>, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>, DbErr> {
        let statement = self.statement(sql, values);
        match at {
            At::Database(db) => db.query_one_raw(statement).await,
            At::Transaction(tx) => tx.query_one(statement).await,
        }
    }

    /// Counts on one counter, or says for how many milliseconds it refuses.
    async fn count(&self, at: &At<'_>, ask: &Ask, now: i64) -> Result<Result<Counter, i64>, DbErr> {
        if let (true, At::Transaction(tx)) = (self.mysql(), at) {
            return self.count_locked(*tx, ask, now).await;
        }
        let id = random_string(self.rng.as_ref(), 32, Alphabet::AlphaNumeric);
        let (sql, values) = statements::counting(ask, id, now);
        if let Some(row) = self.row(at, &sql, values).await? {
            let (count, last) = (row.try_get("", "n")?, row.try_get("", "last")?);
            return Ok(Ok(Counter { count, last, slices: Slices::default() }));
        }
        // Where another one changed it meanwhile: refuse this once.
        let wait = Counter::next(self.kept(at, ask, now).await?, ask.limit, now).err();
        Ok(Err(wait.unwrap_or(1)))
    }

    /// Makes the row that a request is counted in, where it is not there. It is too young to be swept.
    async fn make(&self, ask: &Ask, now: i64) -> Result<(), DbErr> {
        let Some((_, row)) = statements::rows(ask, now).pop() else { return Ok(()) };
        let id = random_string(self.rng.as_ref(), 32, Alphabet::AlphaNumeric);
        let values = vec![id.into(), row.into(), now.into()];
        self.db.execute_raw(self.statement(MYSQL_MAKE, values)).await?;
        Ok(())
    }

    async fn count_locked(
        &self,
        tx: &dyn DriverTx,
        ask: &Ask,
        now: i64,
    ) -> Result<Result<Counter, i64>, DbErr> {
        let next = Counter::next(self.kept(&At::Transaction(tx), ask, now).await?, ask.limit, now);
        if let (Ok(next), Some((part, row))) = (&next, statements::rows(ask, now).pop()) {
            let sliding = ask.limit.algorithm == Algorithm::Sliding;
            let count = if sliding { next.requests(part) } else { next.count };
            let values = vec![count.into(), next.last.into(), row.into()];
            tx.execute(self.statement(MYSQL_WRITE, values)).await?;
        }
        Ok(next)
    }

    /// A counter as it is.
    async fn kept(&self, at: &At<'_>, ask: &Ask, now: i64) -> Result<Option<Counter>, DbErr> {
        let sql = if self.mysql() { MYSQL_KEPT } else { KEPT };
        let (mut count, mut last, mut parts) = (0, None, Vec::new());
        for (part, row) in statements::rows(ask, now) {
            let Some(row) = self.row(at, sql, vec![row.into()]).await? else { continue };
            let requests = count_of(&row)?;
            count += requests;
            last = last.max(Some(row.try_get::<i64>("", "lastRequest")?));
            parts.push((part, requests));
        }
        Ok(last.map(|last| Counter { count, slices: slices(parts), last }))
    }

    /// Always in the same order, so that two requests never wait for each other.
    async fn count_all(&self, asked: &[Ask], now: i64) -> Result<Verdict, DbErr> {
        let mut order: Vec<(usize, &Ask)> = asked.iter().enumerate().collect();
        order.sort_by_key(|(_, ask)| ask.name());
        if self.mysql() {
            for (_, ask) in &order {
                self.make(ask, now).await?;
            }
        }
        let tx = self.db.transaction().await?;
        let mut standings: Vec<_> = Vec::with_capacity(asked.len());
        for (by, ask) in order {
            match self.count(&At::Transaction(tx.as_ref()), ask, now).await? {
                Ok(counter) => standings.push((by, counter.standing(ask.limit))),
                Err(wait) => {
                    tx.rollback().await?;
                    return Ok(Verdict::Refused { by, retry_after: seconds(wait) });
                }
            }
        }
        tx.commit().await?;
        standings.sort_by_key(|(at, _)| *at);
        Ok(Verdict::allowed(standings.into_iter().map(|(_, standing)| standing)))
    }
}

/// Better Auth's tables have 32 bits for it on some databases, and 64 on others.
fn count_of(row: &QueryResult) -> Result<i64, DbErr> {
    row.try_get::<i64>("", "count").or_else(|_| row.try_get::<i32>("", "count").map(i64::from))
}

#[async_trait]
impl Limiter for DatabaseLimiter {
    async fn hit(&self, asked: &[Ask], now_millis: i64) -> Result<Verdict, Failure> {
        let [ask] = asked else { return Ok(self.count_all(asked, now_millis).await?) };
        if self.mysql() {
            return Ok(self.count_all(asked, now_millis).await?);
        }
        Ok(match self.count(&At::Database(&self.db), ask, now_millis).await? {
            Ok(counter) => Verdict::allowed([counter.standing(ask.limit)]),
            Err(wait) => Verdict::Refused { by: 0, retry_after: seconds(wait) },
        })
    }

    async fn forget(&self, ask: &Ask, now_millis: i64) -> Result<(), Failure> {
        let sql = if self.mysql() { MYSQL_FORGET } else { FORGET };
        for (_, row) in statements::rows(ask, now_millis) {
            self.db.execute_raw(self.statement(sql, vec![row.into()])).await?;
        }
        Ok(())
    }
}
