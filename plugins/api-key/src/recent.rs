//! When keys were used last, for keys of which nothing is counted: kept in memory and written in batches.
//!
//! It is for people to see which keys are in use, and nothing is decided by it. At most [`BOUND`] keys
//! and [`PERIOD`] of uses are lost when a process is killed.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use auth_core::{
    Core, Failure, Timestamp,
    sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr},
};

use crate::schema::apikey::{Column, Entity, Model};

const BOUND: usize = 1000;
const PERIOD: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Pending {
    uses: HashMap<String, Timestamp>,
    since: Option<Timestamp>,
}

#[derive(Default)]
pub(crate) struct Recent(Mutex<Pending>);

impl Recent {
    /// A key was used. Tasks run on one node only, so whoever finds the batch due writes it.
    pub(crate) async fn note(&self, core: &Core, id: &str, now: Timestamp) {
        let due = {
            let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(last) = pending.uses.get_mut(id) {
                *last = now;
            } else if pending.uses.len() < BOUND {
                pending.uses.insert(id.to_owned(), now);
            }
            let since = *pending.since.get_or_insert(now);
            pending.uses.len() >= BOUND || now.since(since) >= PERIOD
        };
        if due && let Err(failure) = self.flush(core).await {
            tracing::warn!(?failure, "when API keys were used last is not written down");
        }
    }

    /// What the table does not know yet.
    pub(crate) fn overlay(&self, key: &mut Model) {
        let pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        key.last_request = key.last_request.max(pending.uses.get(&key.id).copied());
    }

    pub(crate) async fn flush(&self, core: &Core) -> Result<(), Failure> {
        let pending = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (id, at) in pending.uses {
            let older = Condition::any().add(Column::LastRequest.is_null()).add(Column::LastRequest.lt(at));
            Entity::update_many()
                .col_expr(Column::LastRequest, Expr::value(at))
                .filter(Column::Id.eq(id))
                .filter(older)
                .exec(core.db())
                .await?;
        }
        Ok(())
    }
}
