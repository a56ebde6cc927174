//! How often keys are used, by day and endpoint: counted in memory, written in batches.
//!
//! Lines are few: endpoints are those of the server, whatever path a request had.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use auth_core::{
    Core, Failure, Timestamp,
    crypto::sha256_b64url,
    sea_orm::{
        ActiveValue::Set,
        ColumnTrait, EntityTrait, QueryFilter,
        sea_query::{Expr, ExprTrait, OnConflict},
    },
};

use crate::{
    config,
    schema::usage::{ActiveModel, Column, Entity},
};

/// Lines that are kept before a batch is written early.
const FULL: usize = 10_000;
/// The host's name for looking at a request of an application.
const IDENTIFY: &str = "identify";
/// What such requests are counted as.
const APPLICATION: &str = "application";

/// What an endpoint is counted as.
pub(crate) fn name(endpoint: &'static str) -> &'static str {
    if endpoint == IDENTIFY { APPLICATION } else { endpoint }
}

/// The day of a moment, in UTC.
pub(crate) fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

#[derive(Clone, Copy, Default)]
struct Count {
    uses: i64,
    refused: i64,
}

/// Days since 1970, and an endpoint.
type Line = (i64, &'static str);

#[derive(Default)]
struct Pending {
    keys: HashMap<String, HashMap<Line, Count>>,
    lines: usize,
}

pub(crate) struct Usage {
    config: config::Usage,
    pending: Mutex<Pending>,
}

const DAY: i64 = 86_400_000;

impl Usage {
    pub(crate) fn new(config: config::Usage) -> Self {
        Self { config, pending: Mutex::default() }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, key: &str, endpoint: &'static str, good: bool, now: Timestamp) {
        if !self.config.enabled {
            return;
        }
        let line = (now.unix_millis().div_euclid(DAY), endpoint);
        let mut pending = self.pending();
        let Pending { keys, lines } = &mut *pending;
        let of_key = match keys.get_mut(key) {
            Some(of_key) => of_key,
            None => keys.entry(key.to_owned()).or_default(),
        };
        let count = of_key.entry(line).or_insert_with(|| {
            *lines += 1;
            Count::default()
        });
        if good { count.uses += 1 } else { count.refused += 1 }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.config.enabled && self.pending().lines >= FULL
    }

    pub(crate) async fn flush(&self, core: &Core) -> Result<(), Failure> {
        let pending = std::mem::take(&mut *self.pending());
        for (key, lines) in pending.keys {
            for ((days, endpoint), count) in lines {
                let day = day(Timestamp::from_unix_millis(days.saturating_mul(DAY)));
                let row = ActiveModel {
                    id: Set(sha256_b64url(&format!("{key}/{day}/{endpoint}"))),
                    key_id: Set(key.clone()),
                    day: Set(day),
                    endpoint: Set(endpoint.to_owned()),
                    uses: Set(count.uses),
                    refused: Set(count.refused),
                };
                let more = |column: Column, by: i64| Expr::col((Entity, column)).add(by);
                let add = OnConflict::column(Column::Id)
                    .value(Column::Uses, more(Column::Uses, count.uses))
                    .value(Column::Refused, more(Column::Refused, count.refused))
                    .to_owned();
                Entity::insert(row).on_conflict(add).exec_without_returning(core.db()).await?;
            }
        }
        Ok(())
    }

    /// Removes counts that are older than they are kept.
    pub(crate) async fn forget_old(&self, core: &Core) -> Result<(), Failure> {
        if !self.config.enabled {
            return Ok(());
        }
        let kept = std::time::Duration::from_secs(u64::from(self.config.days) * 86_400);
        Entity::delete_many().filter(Column::Day.lt(day(core.now().minus(kept)))).exec(core.db()).await?;
        Ok(())
    }
}
