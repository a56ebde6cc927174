//! Short-lived things that can be redeemed once.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DbBackend};

use super::{
    Tx,
    rows::{id, insert, read, select_from, table},
};
use crate::{Failure, core::Core, hook::Change, model::Verification, schema::CoreTable};

/// The `verification` table.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use auth_core::{Core, Failure, crypto::Alphabet};
///
/// async fn invite(core: &Arc<Core>, user_id: &str) -> Result<String, Failure> {
///     let token = core.random(32, Alphabet::AlphaNumeric);
///     let tx = core.begin().await?;
///     let life = Duration::from_secs(3600);
///     core.verifications().create(&tx, format!("invite:{token}"), user_id, life).await?;
///     tx.commit().await?;
///     Ok(token)
/// }
///
/// /// Whom the token is for: once, however many ask at the same time.
/// async fn accept(core: &Core, token: &str) -> Result<Option<String>, Failure> {
///     let found = core.verifications().consume(core.db(), &format!("invite:{token}")).await?;
///     Ok(found.map(|invitation| invitation.value))
/// }
/// ```
pub struct Verifications<'c> {
    core: &'c Core,
}

impl<'c> Verifications<'c> {
    pub(crate) fn new(core: &'c Core) -> Self {
        Self { core }
    }

    /// Stores something to redeem.
    pub async fn create(
        &self,
        tx: &Tx,
        identifier: impl Into<String>,
        value: impl Into<String>,
        life: Duration,
    ) -> Result<Verification, Failure> {
        let now = self.core.now();
        let mut row = Verification {
            id: self.core.new_id(),
            identifier: identifier.into(),
            value: value.into(),
            expires_at: now.plus(life),
            created_at: now,
            updated_at: now,
        };
        tx.before(Change::CreateVerification(&mut row)).await?;
        tx.execute(&insert(&row)).await?;
        Ok(row)
    }

    /// The newest live record, which stays redeemable.
    pub async fn peek(
        &self,
        conn: &impl ConnectionTrait,
        identifier: &str,
    ) -> Result<Option<Verification>, Failure> {
        let extras = self.core.schema().extras(CoreTable::Verification);
        let mut query = select_from::<Verification>(&[]);
        query
            .and_where(Expr::col(id("identifier")).eq(identifier))
            .order_by(id("createdAt"), Order::Desc)
            .limit(1);
        let row = conn.query_one(&query).await?;
        let found: Option<Verification> = row.map(|row| read(&row, "", extras)).transpose()?;
        Ok(found.filter(|v| v.expires_at > self.core.now()))
    }

    /// Redeems: of any number of callers at once, one gets the record. An expired record counts
    /// as none, and older records of the identifier go with it.
    pub async fn consume(
        &self,
        conn: &impl ConnectionTrait,
        identifier: &str,
    ) -> Result<Option<Verification>, Failure> {
        let gone = if conn.get_database_backend() == DbBackend::MySql {
            self.take_without_returning(conn, identifier).await?
        } else {
            let mut query = Query::delete();
            query
                .from_table(table(CoreTable::Verification))
                .and_where(Expr::col(id("identifier")).eq(identifier))
                .returning_all();
            let extras = self.core.schema().extras(CoreTable::Verification);
            let rows = conn.query_all(&query).await?;
            rows.iter().map(|row| read(row, "", extras)).collect::<Result<Vec<Verification>, _>>()?
        };
        let newest = gone.into_iter().max_by_key(|v| v.created_at);
        Ok(newest.filter(|v| v.expires_at > self.core.now()))
    }

    /// MySQL has no `RETURNING`: the delete of the newest row decides who got it.
    async fn take_without_returning(
        &self,
        conn: &impl ConnectionTrait,
        identifier: &str,
    ) -> Result<Vec<Verification>, Failure> {
        let Some(newest) = self.peek(conn, identifier).await? else { return Ok(Vec::new()) };
        let mut query = Query::delete();
        query
            .from_table(table(CoreTable::Verification))
            .and_where(Expr::col(id("id")).eq(newest.id.as_str()));
        if conn.execute(&query).await?.rows_affected() != 1 {
            return Ok(Vec::new());
        }
        let mut older = Query::delete();
        older
            .from_table(table(CoreTable::Verification))
            .and_where(Expr::col(id("identifier")).eq(identifier));
        conn.execute(&older).await?;
        Ok(vec![newest])
    }

    /// Removes every record of an identifier that starts with `prefix` and holds `value`.
    pub async fn remove(
        &self,
        conn: &impl ConnectionTrait,
        prefix: &str,
        value: &str,
    ) -> Result<u64, Failure> {
        let mut query = Query::delete();
        query
            .from_table(table(CoreTable::Verification))
            .and_where(Expr::col(id("value")).eq(value))
            .and_where(
                Expr::col(id("identifier")).like(
                    sea_orm::sea_query::LikeExpr::new(format!("{}%", escape_like(prefix))).escape('\\'),
                ),
            );
        Ok(conn.execute(&query).await?.rows_affected())
    }

    /// Removes records that expired, at most `limit`.
    pub async fn sweep(&self, conn: &impl ConnectionTrait, limit: u64) -> Result<u64, Failure> {
        super::rows::sweep(conn, CoreTable::Verification, self.core.now(), limit).await
    }
}

/// `%`, `_` and `\` stand for themselves.
fn escape_like(text: &str) -> String {
    text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect()
}
