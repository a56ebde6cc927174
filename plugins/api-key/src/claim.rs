//! Counting a use: one statement that compares and counts, so that of any number at once exactly those
//! pass for which there is room. It repeats the terms under which it was made; where the row has others
//! meanwhile, it changes nothing and the row is read anew.

use std::time::Duration;

use auth_core::{
    Core, Failure, Timestamp,
    sea_orm::{
        ColumnTrait, Condition, ConnectionTrait, DbBackend, FromQueryResult,
        sea_query::{Expr, ExprTrait, Func, Query, SimpleExpr, UpdateStatement},
    },
};

use crate::{
    keys::find_by_id,
    schema::apikey::{Column, Entity, Model},
};

/// The terms under which a quota comes back.
#[derive(Clone, Copy)]
pub(crate) struct Refill {
    interval: i32,
}

impl Refill {
    pub(crate) fn of(key: &Model) -> Option<Self> {
        let interval = key.refill_interval.filter(|interval| *interval > 0)?;
        key.refill_amount.filter(|amount| *amount > 0)?;
        Some(Self { interval })
    }

    /// A quota that was filled before this is filled again.
    fn before(self, now: Timestamp) -> Timestamp {
        now.minus(millis(self.interval))
    }

    pub(crate) fn is_due(self, key: &Model, now: Timestamp) -> bool {
        key.last_refill_at.unwrap_or(key.created_at) < self.before(now)
    }
}

/// The terms of a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    length: i32,
    max: i32,
}

impl Window {
    /// `limits`: whether the kind of the key limits at all.
    pub(crate) fn of(key: &Model, limits: bool) -> Option<Self> {
        let applies = limits && key.rate_limit_enabled != Some(false);
        let (length, max) = key.rate_limit_time_window.zip(key.rate_limit_max)?;
        applies.then_some(Self { length, max })
    }

    /// Milliseconds.
    pub(crate) fn length(self) -> i32 {
        self.length
    }

    pub(crate) fn max(self) -> i32 {
        self.max
    }

    /// Whether a window with this last use is over.
    pub(crate) fn is_over(self, last: Timestamp, now: Timestamp) -> bool {
        last < self.start(now)
    }

    /// A last use before this opens a new window.
    fn start(self, now: Timestamp) -> Timestamp {
        now.minus(millis(self.length))
    }

    /// Milliseconds until the next use is let pass; `None` for now.
    pub(crate) fn wait(self, key: &Model, now: Timestamp) -> Option<i64> {
        let last = key.last_request.filter(|last| *last >= self.start(now))?;
        let full = key.request_count.unwrap_or(0) >= self.max;
        full.then(|| last.plus(millis(self.length)).since(now).as_millis().try_into().unwrap_or(i64::MAX))
    }
}

fn millis(millis: i32) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// How many uses are taken of a window at once.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    /// Of one that opens.
    pub(crate) first: i32,
    /// Of one that is open.
    pub(crate) more: i32,
    /// The last use that the table may not know of.
    pub(crate) seen: Option<Timestamp>,
}

impl Block {
    pub(crate) const ONE: Self = Self { first: 1, more: 1, seen: None };
}

/// What a use takes.
pub(crate) struct Charge {
    pub(crate) quota: bool,
    pub(crate) window: Option<(Window, Block)>,
    pub(crate) now: Timestamp,
}

fn col(column: Column) -> SimpleExpr {
    Expr::col(column)
}

fn choose(when: Condition, then: impl Into<SimpleExpr>, other: impl Into<SimpleExpr>) -> SimpleExpr {
    Expr::case(when, then).finally(other).into()
}

impl Charge {
    pub(crate) fn is_nothing(&self) -> bool {
        !self.quota && self.window.is_none()
    }

    /// Takes it. `None` where there is no room, or the row is not what `key` says.
    pub(crate) async fn claim(&self, core: &Core, key: &Model) -> Result<Option<Model>, Failure> {
        let mut update = self.statement(key);
        let db = core.db();
        if db.get_database_backend() == DbBackend::MySql {
            let claimed = db.execute(&update).await?.rows_affected() == 1;
            return if claimed { find_by_id(db, &key.id).await } else { Ok(None) };
        }
        let row = db.query_one(update.returning_all()).await?;
        Ok(row.map(|row| Model::from_query_result(&row, "")).transpose()?)
    }

    fn statement(&self, key: &Model) -> UpdateStatement {
        let mut update = Query::update();
        update
            .table(Entity)
            .value(Column::UpdatedAt, self.now)
            .and_where(Column::Id.eq(&key.id))
            .and_where(col(Column::Enabled).is_null().or(Column::Enabled.eq(true)))
            .and_where(col(Column::ExpiresAt).is_null().or(Column::ExpiresAt.gte(self.now)));
        if self.quota {
            self.take_quota(&mut update, key);
        } else {
            update.and_where(Column::Remaining.is_null());
        }
        match self.window {
            Some((window, block)) => self.enter(&mut update, window, block),
            // A refused use that is charged is no use.
            None if key.rate_limit_enabled == Some(false) => {
                update.value(Column::LastRequest, self.now);
            }
            None => {}
        }
        update
    }

    fn take_quota(&self, update: &mut UpdateStatement, key: &Model) {
        let left = col(Column::Remaining).gt(0);
        let one_less = col(Column::Remaining).sub(1);
        let Some(refill) = Refill::of(key) else {
            update.value(Column::Remaining, one_less).and_where(left);
            return;
        };
        let filled = Expr::expr(Func::coalesce([col(Column::LastRefillAt), col(Column::CreatedAt)]));
        let due = Condition::all().add(filled.lt(refill.before(self.now)));
        update
            .value(Column::Remaining, choose(due.clone(), col(Column::RefillAmount).sub(1), one_less))
            .value(Column::LastRefillAt, choose(due.clone(), self.now, col(Column::LastRefillAt)))
            .and_where(Column::RefillInterval.eq(refill.interval))
            .and_where(col(Column::RefillAmount).gt(0))
            .cond_where(Condition::any().add(left).add(due));
    }

    fn enter(&self, update: &mut UpdateStatement, window: Window, block: Block) {
        let mut opens = Condition::any().add(Column::LastRequest.is_null());
        if block.seen.is_none_or(|seen| window.is_over(seen, self.now)) {
            opens = opens.add(Column::LastRequest.lt(window.start(self.now)));
        }
        let count: SimpleExpr = Func::coalesce([col(Column::RequestCount), Expr::val(0)]).into();
        update
            .value(Column::RequestCount, choose(opens.clone(), block.first, count.clone().add(block.more)))
            .value(Column::LastRequest, self.now)
            .and_where(Column::RateLimitTimeWindow.eq(window.length))
            .and_where(Column::RateLimitMax.eq(window.max))
            .cond_where(opens.add(count.lte(window.max.saturating_sub(block.more))));
    }
}
