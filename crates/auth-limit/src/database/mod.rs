//! Counters in Better Auth's `rateLimit` table, shared by every node on the database.

mod statements;

use std::sync::Arc;

use async_trait::async_trait;
use auth_core::{
    Db, Failure,
    crypto::{Alphabet, random_string},
    ports::Rng,
    rate::{Ask, Limiter, Verdict},
    store::DriverTx,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use crate::counter::{Counter, seconds};

const KEPT: &str = r#"SELECT "count", "lastRequest" FROM "rateLimit" WHERE "key" = $1"#;
const FORGET: &str = r#"DELETE FROM "rateLimit" WHERE "key" = $1"#;
const SWEEP: &str = r#"DELETE FROM "rateLimit" WHERE "lastRequest" < $1"#;

// MySQL cannot guard an upsert: the row is made, locked and changed in a transaction.
const MYSQL_MAKE: &str =
    "INSERT IGNORE INTO `rateLimit` (`id`, `key`, `count`, `lastRequest`) VALUES (?, ?, 0, ?)";
const MYSQL_LOCK: &str = "SELECT `count`, `lastRequest` FROM `rateLimit` WHERE `key` = ? FOR UPDATE";
const MYSQL_WRITE: &str = "UPDATE `rateLimit` SET `count` = ?, `lastRequest` = ? WHERE `key` = ?";
const MYSQL_KEPT: &str = "SELECT `count`, `lastRequest` FROM `rateLimit` WHERE `key` = ?";
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
        let id = random_string(self.rng.as_ref(), 32, Alphabet::AlphaNumeric);
        if let (true, At::Transaction(tx)) = (self.mysql(), at) {
            return self.count_locked(*tx, ask, id, now).await;
        }
        let (sql, values) = statements::counting(ask, id, now);
        if let Some(row) = self.row(at, &sql, values).await? {
            let (count, before) = (row.try_get("", "n")?, row.try_get("", "before")?);
            return Ok(Ok(Counter { count, before, last: row.try_get("", "last")? }));
        }
        // Where another one changed it meanwhile: refuse this once.
        let wait = Counter::next(self.kept(at, ask, now).await?, ask.limit, now).err();
        Ok(Err(wait.unwrap_or(1)))
    }

    async fn count_locked(
        &self,
        tx: &dyn DriverTx,
        ask: &Ask,
        id: String,
        now: i64,
    ) -> Result<Result<Counter, i64>, DbErr> {
        let (row, before) = statements::rows(ask, now);
        let make = vec![id.into(), row.as_str().into(), now.into()];
        tx.execute(self.statement(MYSQL_MAKE, make)).await?;
        let at = At::Transaction(tx);
        let kept = counter(self.row(&at, MYSQL_LOCK, vec![row.as_str().into()]).await?)?;
        let kept = match before {
            Some(row) => {
                let before = self.weight(&at, &row).await?;
                kept.map(|kept| Counter {
                    before,
                    last: if kept.count == 0 { now } else { kept.last },
                    ..kept
                })
            }
            None => kept,
        };
        let next = Counter::next(kept, ask.limit, now);
        if let Ok(next) = &next {
            let values = vec![next.count.into(), next.last.into(), row.into()];
            tx.execute(self.statement(MYSQL_WRITE, values)).await?;
        }
        Ok(next)
    }

    /// A counter as it is.
    async fn kept(&self, at: &At<'_>, ask: &Ask, now: i64) -> Result<Option<Counter>, DbErr> {
        let (row, before) = statements::rows(ask, now);
        let sql = if self.mysql() { MYSQL_KEPT } else { KEPT };
        let kept = counter(self.row(at, sql, vec![row.into()]).await?)?;
        let Some(before) = before else { return Ok(kept) };
        let before = self.weight(at, &before).await?;
        let nothing = Counter { count: 0, before, last: now };
        Ok(Some(Counter { before, ..kept.unwrap_or(nothing) }))
    }

    /// How much there was in a window.
    async fn weight(&self, at: &At<'_>, row: &str) -> Result<i64, DbErr> {
        let sql = if self.mysql() { MYSQL_KEPT } else { KEPT };
        let found = counter(self.row(at, sql, vec![row.into()]).await?)?;
        Ok(found.map_or(0, |counter| counter.count))
    }

    /// Always in the same order, so that two requests never wait for each other.
    async fn count_all(&self, asked: &[Ask], now: i64) -> Result<Verdict, DbErr> {
        let mut order: Vec<(usize, &Ask)> = asked.iter().enumerate().collect();
        order.sort_by_key(|(_, ask)| ask.name());
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

fn counter(row: Option<QueryResult>) -> Result<Option<Counter>, DbErr> {
    let Some(row) = row else { return Ok(None) };
    // Better Auth's tables have 32 bits for it on some databases, and 64 on others.
    let count =
        row.try_get::<i64>("", "count").or_else(|_| row.try_get::<i32>("", "count").map(i64::from))?;
    Ok(Some(Counter { count, before: 0, last: row.try_get("", "lastRequest")? }))
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

    async fn forget(&self, ask: &Ask) -> Result<(), Failure> {
        let sql = if self.mysql() { MYSQL_FORGET } else { FORGET };
        self.db.execute_raw(self.statement(sql, vec![ask.name().into()])).await?;
        Ok(())
    }
}
